// `get containers`: all, of a service, of selected groups, of one group, or exactly one.

import type { Container } from "../../gen/theseus/v1/container.js";
import type { Group } from "../../gen/theseus/v1/group.js";
import { type Context, note } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { containerSubject, filterOf, groupKey, looksAt, passing } from "../filters.js";
import { listContainers, listGroups } from "../lists.js";
import { containerColumns } from "../output/columns.js";
import { type Listing, printListing } from "../output/listing.js";
import { lookOf } from "../output/look.js";
import { containerName, containerObject, refOf } from "../output/objects.js";
import { formatGroup, parseReference } from "../references.js";
import type { Server } from "../server.js";
import { type Target, targetOf } from "../target.js";
import { explainNothing } from "./get-groups.js";

export async function getContainers(context: Context, server: Server, name: string | undefined): Promise<ExitCode> {
  const target = targetOf(context, name === undefined ? undefined : parseReference(name));
  if (target.kind === "slot") {
    const container = await oneContainer(server, target.ref, target.slot);
    await printListing(context, listing(context, [container], undefined, true));
    return EXIT.ok;
  }
  const of = target.kind === "group" ? { group: target.ref } : { selector: target.selector };
  const { items: all, revision } = await listContainers(server, of);
  if (all.length === 0 && target.kind === "selected") await explainNothing(context, server, target, "containers");
  if (all.length === 0 && target.kind === "group") {
    // The list is empty for a group that does not exist, too: asking for the group tells the two apart.
    await server.discovery.getGroup({ group: target.ref }, server.call);
    note(context, `no containers in ${formatGroup(target.ref)}`);
  }
  const items = await filtered(context, server, target, all);
  await printListing(context, listing(context, items, revision, false));
  return items.length === 0 && context.globals.failEmpty ? EXIT.notFound : EXIT.ok;
}

/** Those that pass --filter. Groups are read only for a term that looks at the image. */
async function filtered(
  context: Context,
  server: Server,
  target: Exclude<Target, { kind: "slot" }>,
  containers: readonly Container[],
): Promise<readonly Container[]> {
  const filter = filterOf(context);
  if (filter === undefined) return containers;
  const groups = looksAt(filter, ["image", "text"]) ? await groupsOf(server, target) : [];
  const byKey = new Map(groups.map((group) => [groupKey(refOf(group)), group]));
  const subject = (one: Container) => containerSubject(one, byKey.get(groupKey(refOf({ ref: one.group }))));
  return passing(context, filter, { items: containers, subject, what: "containers" });
}

async function groupsOf(server: Server, target: Exclude<Target, { kind: "slot" }>): Promise<readonly Group[]> {
  if (target.kind === "selected") return (await listGroups(server, target.selector)).items;
  const { group } = await server.discovery.getGroup({ group: target.ref }, server.call);
  return group === undefined ? [] : [group];
}

/** @throws the server's NO_SUCH_CONTAINER or NO_SUCH_GROUP. */
export async function oneContainer(
  server: Server,
  group: { readonly namespace: string; readonly service: string; readonly labels: readonly string[] },
  slot: number,
): Promise<Container> {
  const which = { $case: "slot", value: slot } as const;
  const { container } = await server.discovery.getContainer({ container: { group, which } }, server.call);
  if (container !== undefined) return container;
  throw new Failure("NO_SUCH_CONTAINER", { what: `there is no container ${formatGroup(group)}:${slot}` });
}

function listing(
  context: Context,
  items: readonly Container[],
  revision: bigint | undefined,
  single: boolean,
): Listing<Container> {
  const { namespace, allNamespaces } = context.globals;
  return {
    kind: "Container",
    items,
    columns: containerColumns(lookOf(context)),
    name: containerName,
    json: containerObject,
    namespace: allNamespaces ? undefined : namespace,
    revision,
    single,
  };
}
