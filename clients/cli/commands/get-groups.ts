// `get groups`: all, of a service, selected by labels, or exactly one.

import type { Container } from "../../gen/theseus/v1/container.js";
import type { Group } from "../../gen/theseus/v1/group.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Rollout } from "../../gen/theseus/v1/rollout.js";
import { askedRollouts } from "../asked-rollouts.js";
import { type Context, note } from "../context.js";
import { requestTarget } from "../discover/answer.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure, hasReason } from "../failure.js";
import { filterOf, groupKey, groupSubject, looksAt, looksAtRollouts, passing } from "../filters.js";
import { followList } from "../list-changes.js";
import { type Listed, listContainers, listGroups, listNamespaces, listServices } from "../lists.js";
import { groupColumns } from "../output/columns.js";
import { type Listing, printListing } from "../output/listing.js";
import { lookOf } from "../output/look.js";
import { groupObject, namespaceOf, refOf } from "../output/objects.js";
import { groupStateWord } from "../output/words.js";
import { formatGroup, parseReference } from "../references.js";
import type { Server } from "../server.js";
import { type Target, targetOf } from "../target.js";

export async function getGroups(context: Context, server: Server, name: string | undefined): Promise<ExitCode> {
  const target = groupsNamed(context, name);
  if (target.kind === "group") {
    const { group } = await server.discovery.getGroup({ group: target.ref }, server.call);
    if (group === undefined) throw new Failure("NO_SUCH_GROUP", { what: `there is no group ${name}` });
    await printListing(context, { ...shape(context), items: [group], revision: group.revision, single: true });
    return EXIT.ok;
  }
  const listed = await listGroups(server, target.selector);
  if (listed.items.length === 0) await explainNothing(context, server, target, "groups");
  const items = await filtered(context, server, target, listed.items);
  await printListing(context, { ...shape(context), items, revision: listed.revision });
  return items.length === 0 && context.globals.failEmpty ? EXIT.notFound : EXIT.ok;
}

/** Those that pass --filter. Containers and rollouts are read only for a term that looks at them. */
async function filtered(
  context: Context,
  server: Server,
  { selector }: Extract<Target, { kind: "selected" }>,
  groups: readonly Group[],
): Promise<readonly Group[]> {
  const filter = filterOf(context);
  if (filter === undefined) return groups;
  const byGroup = new Map<string, Container[]>();
  if (looksAt(filter, ["host", "port"]))
    for (const container of (await listContainers(server, { selector })).items) {
      const key = groupKey(refOf({ ref: container.group }));
      byGroup.set(key, [...(byGroup.get(key) ?? []), container]);
    }
  const rollouts = looksAtRollouts(filter) ? await askedRollouts(server, groups) : new Map<Group, Rollout>();
  const subject = (group: Group) =>
    groupSubject(group, {
      containers: byGroup.get(groupKey(refOf(group))) ?? [],
      rollout: rollouts.get(group),
    });
  return passing(context, filter, { items: groups, subject, what: "groups" });
}

/** `get groups -w`. @throws the server's NO_SUCH_GROUP when the one that is named is not there at first. */
export function followGroups(context: Context, name: string | undefined): Promise<ExitCode> {
  const target = groupsNamed(context, name);
  let last: Listed<Group> | undefined;
  return followList(context, {
    target: requestTarget(target),
    told: {
      listing: () => shape(context),
      id: (group) => `${namespaceOf(refOf(group))} ${formatGroup(refOf(group))}`,
      words: (group) => wordsOf(group, context.globals.allNamespaces),
    },
    read: async (server) => {
      last = await (target.kind === "group" ? oneGroup(server, target.ref, last) : listGroups(server, target.selector));
      return last;
    },
  });
}

/** None, where it has been there before. */
async function oneGroup(server: Server, ref: GroupRef, before: Listed<Group> | undefined): Promise<Listed<Group>> {
  try {
    const { group } = await server.discovery.getGroup({ group: ref }, server.call);
    return { items: group === undefined ? [] : [group], revision: group?.revision ?? 0n };
  } catch (error) {
    if (before !== undefined && hasReason(error, "NO_SUCH_GROUP")) return { ...before, items: [] };
    throw error;
  }
}

function wordsOf(group: Group, allNamespaces: boolean): string[] {
  const { status, config, configRevision } = group;
  const ref = refOf(group);
  const wanted = status?.wanted === undefined ? "" : ` of ${status.wanted}`;
  const image = config === undefined ? [] : [`rev ${configRevision}`, config.image];
  const ready = status === undefined ? [] : [`${status.ready}${wanted} ready`, groupStateWord(status.state)];
  return [...(allNamespaces ? [namespaceOf(ref)] : []), formatGroup(ref), ...image, ...ready];
}

function groupsNamed(context: Context, name: string | undefined): Exclude<Target, { kind: "slot" }> {
  const target = targetOf(context, name === undefined ? undefined : parseReference(name));
  if (target.kind === "slot") throw new Failure("BAD_NAME", { what: `"${name}" names a container, not a group` });
  return target;
}

function shape(context: Context): Omit<Listing<Group>, "items" | "revision"> {
  const { namespace, allNamespaces } = context.globals;
  return {
    kind: "Group",
    columns: groupColumns(lookOf(context)),
    name: (group) => formatGroup(refOf(group)),
    json: groupObject,
    namespace: allNamespaces ? undefined : namespace,
  };
}

/**
 * Why a list is empty: a mistyped service or namespace is a failure, anything else is said on stderr.
 * @throws Failure NO_SUCH_SERVICE, or the server's NO_SUCH_NAMESPACE.
 */
export async function explainNothing(
  context: Context,
  server: Server,
  { selector }: Extract<Target, { kind: "selected" }>,
  what: string,
): Promise<void> {
  const { allNamespaces, namespace } = context.globals;
  if (allNamespaces) return note(context, `no ${what} in any namespace`);
  await server.theseus.getNamespace({ name: namespace }, server.call);
  const { items } = await listServices(server, { namespace, allNamespaces: false });
  if (selector.service !== "" && !items.some(({ name }) => name === selector.service))
    throw noSuchService(selector.service, namespace, items);
  const matching = selector.labels === "" ? "" : ` that match ${selector.labels}`;
  note(context, `no ${what}${matching} in namespace ${namespace}${await elsewhere(server, namespace)}`);
}

export function noSuchService(
  service: string,
  namespace: string,
  known: readonly { readonly name: string }[],
): Failure {
  const names = known.map(({ name }) => name);
  return new Failure("NO_SUCH_SERVICE", {
    what: `there is no service ${service} in namespace ${namespace}`,
    why: [names.length === 0 ? "there are no services in it" : `its services are ${names.join(" ")}`],
    next: ["theseus get services -A"],
  });
}

async function elsewhere(server: Server, namespace: string): Promise<string> {
  const { items } = await listNamespaces(server);
  const others = items.filter(({ name, groups }) => name !== namespace && groups > 0);
  if (others.length === 0) return "";
  return `. other namespaces with groups: ${others.map(({ name, groups }) => `${name} ${groups}`).join(", ")}`;
}
