// Revisions, evidence and events of the wire as the page's details. Pure.

import { createHmac } from "node:crypto";
import { diffFields } from "../../cli/output/config-fields.js";
import { reasonCode } from "../../cli/output/words.js";
import type { GroupConfig } from "../../gen/theseus/v1/group.js";
import type { Event, Evidence, Revision } from "../../gen/theseus/v1/rollout.js";
import type { EventRow, EvidenceDetail, RevisionDetail, RolloutDetail } from "../wire.js";
import { changeRow, keyOf, rolloutRow, timeOf } from "./rows.js";

const NANOS = 1_000_000n;
const HIDDEN = "(hidden)";

/** Tells hidden values apart and nothing else: the key is this process's own. */
export class Secrets {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  mark(value: string): string {
    const mark = createHmac("sha256", this.#key).update(value).digest("hex").slice(0, 6);
    return `${HIDDEN.slice(0, -1)} ${mark})`;
  }
}

/** Every field that is set, as in the group file, sorted. */
export function fieldsOf(config: GroupConfig | undefined, secrets: Secrets): RevisionDetail["fields"] {
  return diffFields(undefined, config).map(({ path, to }): readonly [string, string] => {
    const value = path.startsWith("env.") ? config?.env[path.slice("env.".length)] : undefined;
    return [path, to === HIDDEN && value !== undefined ? secrets.mark(value) : to];
  });
}

export function changesOf(from: GroupConfig | undefined, to: GroupConfig | undefined): RolloutDetail["changes"] {
  return diffFields(from, to).map((change) => ({ path: change.path, from: change.from, to: change.to }));
}

export function revisionDetail(revision: Revision, secrets: Secrets): RevisionDetail {
  const { configRevision, config, change, pinnedImage, rollout } = revision;
  return {
    rev: Number(configRevision),
    image: config?.image ?? "",
    pinned: pinnedImage,
    change: changeRow(change),
    rollout: rollout === undefined ? null : rolloutRow(rollout),
    fields: fieldsOf(config, secrets),
  };
}

export function evidenceDetail(evidence: Evidence): EvidenceDetail {
  const { container, slot, generation, configRevision, host, time, reason, text, exitCode, outOfMemory } = evidence;
  return {
    ...{ container, slot, host, text, outOfMemory },
    generation: Number(generation),
    rev: Number(configRevision),
    time: timeOf(time),
    reason: reasonCode(reason),
    exitCode: exitCode ?? null,
    health: [...evidence.health],
    lines: evidence.lines.map((line) => ({
      time: Number(line.timeUnixNanos / NANOS),
      stderr: line.stderr,
      text: line.text,
    })),
  };
}

/** An event of the whole cluster has no namespace and no group. */
export function eventRow({ time, actor, group, slot, host, configRevision, kind, text }: Event): EventRow {
  const key = group === undefined ? { ns: "", ref: "" } : keyOf(group);
  return { ...key, time: timeOf(time), actor, slot, host, rev: Number(configRevision), kind, text };
}
