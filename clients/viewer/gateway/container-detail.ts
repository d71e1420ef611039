// One container with those of its slot, also when it is gone: from what is there, what was seen, and what is kept of its
// end. Pure.

import { Failure } from "../../cli/failure.js";
import { formatGroup } from "../../cli/references.js";
import type { Container } from "../../gen/theseus/v1/container.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Evidence } from "../../gen/theseus/v1/rollout.js";
import type { ContainerRow } from "../wire.js";
import type { Fleet } from "./fleet.js";
import type { Recorder } from "./recorder.js";
import { containerId, containerRow, groupId, keyOf, timeOf } from "./rows.js";

interface Found {
  readonly group: GroupRef;
  readonly name: string;
  /** Undefined: it is not there any more. */
  readonly container: Container | undefined;
  readonly evidence: readonly Evidence[];
}

/** @throws Failure NO_SUCH_CONTAINER when nothing at all is known of it. */
export function gatherContainer(
  { fleet, recorder }: { readonly fleet: Fleet; readonly recorder: Recorder },
  found: Found,
): { readonly row: ContainerRow; readonly siblings: readonly ContainerRow[] } {
  const { group, name, container, evidence } = found;
  const id = groupId(group);
  const present = fleet.containersOf(id);
  const past = [...(recorder.of(id)?.lives ?? [])].flatMap(({ row, steps }) => {
    const end = steps.at(-1)?.to ?? 0;
    return end === 0 ? [] : [{ ...row, state: "stopped" as const, phase: "", since: end }];
  });
  const ended = evidence.map((one) => rowOfEvidence(group, one));
  // What is there comes before what was seen to go, and that before what is only kept as evidence.
  const known = new Map<string, ContainerRow>();
  for (const row of [...ended, ...past, ...present]) known.set(row.name, withProblem(row, known.get(row.name)));
  const row = container === undefined ? known.get(name) : containerRow(container);
  if (row === undefined)
    throw new Failure("NO_SUCH_CONTAINER", {
      what: `there is no container ${name} in ${formatGroup(group)}`,
      why: ["it is gone, and nothing is kept of its end"],
      now: "nothing was changed",
    });
  const others = [...known.values()].filter((one) => one.name !== name && one.slot === row.slot && row.slot !== 0);
  return { row, siblings: others.sort((a, b) => b.generation - a.generation) };
}

function withProblem(row: ContainerRow, before: ContainerRow | undefined): ContainerRow {
  return row.state === "stopped" && before !== undefined && row.problem === ""
    ? { ...row, state: before.state, problem: before.problem }
    : row;
}

function rowOfEvidence(group: GroupRef, evidence: Evidence): ContainerRow {
  return {
    ...keyOf(group),
    id: containerId(group, evidence.container),
    group: groupId(group),
    name: evidence.container,
    slot: evidence.slot,
    generation: Number(evidence.generation),
    rev: Number(evidence.configRevision),
    ...{ state: "failed", phase: "", origin: "managed" },
    host: evidence.host,
    ...{ address: "", port: 0 },
    since: timeOf(evidence.time),
    problem: evidence.text,
  };
}

/** Who has not acknowledged that it leaves, in words. */
export function awaitedOf({ drain }: Container): string[] {
  return (drain?.servers ?? []).flatMap(({ serverId, watchers }) => {
    if (watchers.length === 0) return [`server ${serverId}`];
    return watchers.map(({ watcherId, peer, connected }) => {
      const who = watcherId === "" ? peer : `${watcherId} at ${peer}`;
      return connected ? who : `${who}, its connection is broken`;
    });
  });
}
