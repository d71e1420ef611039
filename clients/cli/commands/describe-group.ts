// What `describe` says of a group: state, why, what next, config, containers, in this order.

import type { Container } from "../../gen/theseus/v1/container.js";
import type { Attention, Group } from "../../gen/theseus/v1/group.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Context } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { sameTarget } from "../globals.js";
import { listContainers, listGroups } from "../lists.js";
import { containerColumns } from "../output/columns.js";
import { configLines } from "../output/config-text.js";
import { drainText } from "../output/drains.js";
import { API_VERSION, isObjectFormat, printObject } from "../output/listing.js";
import { lookOf } from "../output/look.js";
import { attentionObject, containerObject, groupObject, namespaceOf, refOf } from "../output/objects.js";
import { styleFor } from "../output/style.js";
import { renderTable } from "../output/table.js";
import { groupStateWord, reasonCode } from "../output/words.js";
import { formatAge } from "../quantities.js";
import { formatGroup } from "../references.js";
import type { Server } from "../server.js";
import type { Target } from "../target.js";
import { readyText } from "../wait/progress.js";
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
  const { items: containers } = await listContainers(server, { group: refOf(group) });
  const { format } = context.globals;
  if (!isObjectFormat(format)) return context.io.stdout.write(groupText(context, group, containers));
  const detail = {
    apiVersion: API_VERSION,
    kind: "GroupDetail",
    group: groupObject(group),
    containers: containers.map(containerObject),
    attention: (group.status?.attention ?? []).map(attentionObject),
  };
  await printObject(context, detail, format);
}

function groupText(context: Context, group: Group, containers: readonly Container[]): string {
  const blocks: readonly (readonly [string, readonly string[]])[] = [
    ["state", [stateText(context, group)]],
    ["why", [...(group.status?.attention ?? []).map(attentionText), ...containers.flatMap(leavingText)]],
    ["next", nextCommands(context, group)],
    ["config", group.config === undefined ? ["none: outsiders registered its containers"] : configLines(group)],
  ];
  const body = blocks.flatMap(([name, lines]) => lines.map((line, i) => `${(i === 0 ? name : "").padEnd(9)} ${line}`));
  const shape = containerColumns({ ...lookOf(context), allNamespaces: false });
  const columns = shape.filter(({ wide, id }) => !wide || id === "origin" || id === "name");
  const table = containers.length === 0 ? "" : renderTable(columns, containers).replaceAll(/^/gm, "  ").trimEnd();
  const parts = [headingText(group), ...body, containers.length === 0 ? "" : `containers\n${table}`];
  return `${parts.filter((part) => part !== "").join("\n")}\n`;
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

function nextCommands(context: Context, group: Group): string[] {
  const ref = refOf(group);
  const name = formatGroup(ref);
  const flags = sameTarget({ ...context.globals, namespace: namespaceOf(ref) });
  const codes = (group.status?.attention ?? []).map(({ reason }) => reasonCode(reason));
  if (codes.some((code) => code.startsWith("IMAGE_"))) return [`theseus set image ${name} IMAGE${flags}`];
  if ((group.status?.attention ?? []).some(({ text }) => text.includes("theseus recover")))
    return [`theseus recover${flags}`];
  if (codes.includes("HOST_UNREACHABLE")) return [`theseus get hosts${flags}`];
  return codes.length > 0 ? [`theseus get containers ${name} -o wide${flags}`] : [];
}
