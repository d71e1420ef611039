// What `describe` says of a group: state, rollout, why, what next, config, containers, events, in this order.

import type { Container } from "../../gen/theseus/v1/container.js";
import type { Attention, Group } from "../../gen/theseus/v1/group.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Event, Evidence, Rollout } from "../../gen/theseus/v1/rollout.js";
import type { Context } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { sameTarget } from "../globals.js";
import { listContainers, listGroups } from "../lists.js";
import { containerColumns } from "../output/columns.js";
import { configLines } from "../output/config-text.js";
import { drainText } from "../output/drains.js";
import { eventLineOfGroup, eventObject } from "../output/events.js";
import { evidenceObject } from "../output/evidence.js";
import { API_VERSION, isObjectFormat, printObject } from "../output/listing.js";
import { lookOf } from "../output/look.js";
import { attentionObject, containerObject, groupObject, namespaceOf, refOf } from "../output/objects.js";
import { rolloutObject } from "../output/rollout.js";
import { styleFor } from "../output/style.js";
import { renderTable } from "../output/table.js";
import { groupStateWord, reasonCode } from "../output/words.js";
import { formatAge } from "../quantities.js";
import { formatGroup } from "../references.js";
import type { Server } from "../server.js";
import type { Target } from "../target.js";
import { readyText } from "../wait/view.js";
import { lastEvents } from "./describe-events.js";
import { linesBelow, presentEvidence } from "./describe-evidence.js";
import { presentRollout, rolloutLines } from "./describe-rollout.js";
import { withUnknown } from "./describe-unknown.js";
import { explainNothing, noSuchService } from "./get-groups.js";

export async function describeGroup(context: Context, server: Server, ref: GroupRef): Promise<ExitCode> {
  const { group } = await server.discovery.getGroup({ group: ref }, server.call).catch(async (error: unknown) => {
    throw await withUnknown({ context, server }, ref, error);
  });
  if (group === undefined) throw new Failure("NO_SUCH_GROUP", { what: `there is no group ${formatGroup(ref)}` });
  await printGroup(context, server, group);
  return EXIT.ok;
}

/** Every group of a service, one after the other. */
export async function describeGroups(
  context: Context,
  server: Server,
  target: Extract<Target, { kind: "selected" }>,
): Promise<ExitCode> {
  const { items } = await listGroups(server, target.selector);
  const { namespace } = context.globals;
  if (items.length === 0) await explainNothing(context, server, target, "groups");
  if (items.length === 0) throw noSuchService(target.selector.service, namespace, []);
  for (const [i, group] of items.entries()) {
    if (i > 0 && !isObjectFormat(context.globals.format)) context.io.stdout.write("\n");
    await printGroup(context, server, group);
  }
  return EXIT.ok;
}

async function printGroup(context: Context, server: Server, group: Group): Promise<void> {
  const [{ items: containers }, rollout, evidence, events] = await Promise.all([
    listContainers(server, { group: refOf(group) }),
    presentRollout(server, group),
    presentEvidence(server, group),
    lastEvents(server, group),
  ]);
  const { format } = context.globals;
  if (!isObjectFormat(format))
    return context.io.stdout.write(groupText(context, { group, containers, rollout, evidence, events }));
  const detail = {
    apiVersion: API_VERSION,
    kind: "GroupDetail",
    group: groupObject(group),
    ...(rollout === undefined ? {} : { rollout: rolloutObject(rollout) }),
    containers: containers.map(containerObject),
    attention: (group.status?.attention ?? []).map(attentionObject),
    ...(evidence.length === 0 ? {} : { evidence: evidence.map(evidenceObject) }),
    events: events.map(eventObject),
  };
  await printObject(context, detail, format);
}

interface Described {
  readonly group: Group;
  readonly containers: readonly Container[];
  readonly rollout: Rollout | undefined;
  /** The newest of each slot that needs attention. */
  readonly evidence: readonly Evidence[];
  /** The last ones, oldest first. */
  readonly events: readonly Event[];
}

function groupText(context: Context, { group, containers, rollout, evidence, events }: Described): string {
  const blocks: readonly (readonly [string, readonly string[]])[] = [
    ["state", [stateText(context, group)]],
    ["rollout", rolloutLines(context, group, rollout)],
    ["why", [...whyLines(group, toldBy(rollout), evidence), ...containers.flatMap(leavingText)]],
    ["next", nextCommands(context, group, evidence)],
    ["config", group.config === undefined ? ["none: outsiders registered its containers"] : configLines(group)],
  ];
  const body = blocks.flatMap(([name, lines]) => linesOf(name, lines));
  const shape = containerColumns({ ...lookOf(context), allNamespaces: false });
  const columns = shape.filter(({ wide, id }) => !wide || id === "origin" || id === "name");
  const table = containers.length === 0 ? "" : renderTable(columns, containers).replaceAll(/^/gm, "  ").trimEnd();
  const past = linesOf("events", events.map(eventLineOfGroup));
  const parts = [headingText(group), ...body, containers.length === 0 ? "" : `containers\n${table}`, ...past];
  return `${parts.filter((part) => part !== "").join("\n")}\n`;
}

function linesOf(name: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `${(i === 0 ? name : "").padEnd(9)} ${line}`);
}

function headingText(group: Group): string {
  const ref = refOf(group);
  const { lastChange, configRevision } = group;
  const rev = configRevision === 0n ? "" : ` · rev ${configRevision}`;
  const when = lastChange?.time === undefined ? "" : ` ${formatAge(Date.now() - lastChange.time.getTime())} ago`;
  const who = lastChange?.actor ? ` by ${lastChange.actor}` : "";
  const why = lastChange?.message ? ` "${lastChange.message}"` : "";
  const changed = when === "" ? "" : ` · changed${when}${who}${why}`;
  return `${formatGroup(ref)}   namespace ${namespaceOf(ref)}${rev}${changed}`;
}

function stateText(context: Context, { status }: Group): string {
  if (status === undefined) return "unknown";
  const word = styleFor(context.io.stdout, context.globals).state(groupStateWord(status.state));
  const old = status.outdated > 0 ? `, ${status.outdated} of an older rev` : "";
  return `${word}: ${readyText(status)}${old}`;
}

/** The slot whose last lines the rollout's part shows; 0: none. */
function toldBy(rollout: Rollout | undefined): number {
  const { lastLines = [], slot = 0 } = rollout?.failure ?? {};
  return lastLines.length === 0 ? 0 : slot;
}

function whyLines({ status }: Group, told: number, evidence: readonly Evidence[]): string[] {
  const all = status?.attention ?? [];
  const untold = evidence.filter(({ slot }) => slot !== told);
  return all.flatMap((attention) => [attentionText(attention), ...linesBelow(attention, all, untold)]);
}

function leavingText(container: Container): string[] {
  const text = drainText(container);
  return text === undefined ? [] : [`:${container.slot} ${text}`];
}

export function attentionText({ reason, text, slot, host, retryTime }: Attention): string {
  const place = [slot === 0 ? "" : `:${slot}`, host === "" || text.includes(host) ? "" : `on ${host}`].filter(
    (part) => part !== "",
  );
  const again = retryTime === undefined ? "" : `; next try at ${retryTime.toISOString().slice(11, 19)}Z`;
  return `${place.length > 0 ? `${place.join(" ")} ` : ""}${text}${again}   [${reasonCode(reason)}]`;
}

function nextCommands(context: Context, group: Group, evidence: readonly Evidence[]): string[] {
  const ref = refOf(group);
  const name = formatGroup(ref);
  const flags = sameTarget({ ...context.globals, namespace: namespaceOf(ref) });
  const codes = (group.status?.attention ?? []).map(({ reason }) => reasonCode(reason));
  if (codes.some((code) => code.startsWith("IMAGE_"))) return [`theseus set image ${name} IMAGE${flags}`];
  if ((group.status?.attention ?? []).some(({ text }) => text.includes("theseus recover")))
    return [`theseus recover${flags}`];
  if (codes.includes("HOST_UNREACHABLE")) return [`theseus get hosts${flags}`];
  const [failed] = evidence;
  if (failed !== undefined) return [`theseus logs ${name}:${failed.slot} --previous${flags}`];
  return codes.length > 0 ? [`theseus get containers ${name} -o wide${flags}`] : [];
}
