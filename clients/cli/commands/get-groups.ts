// `get groups`: all, of a service, selected by labels, or exactly one.

import type { Group } from "../../gen/theseus/v1/group.js";
import { type Context, note } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { listGroups, listNamespaces, listServices } from "../lists.js";
import { groupColumns } from "../output/columns.js";
import { type Listing, printListing } from "../output/listing.js";
import { lookOf } from "../output/look.js";
import { groupObject, refOf } from "../output/objects.js";
import { formatGroup, parseReference } from "../references.js";
import type { Server } from "../server.js";
import { type Target, targetOf } from "../target.js";

export async function getGroups(context: Context, server: Server, name: string | undefined): Promise<ExitCode> {
  const target = targetOf(context, name === undefined ? undefined : parseReference(name));
  if (target.kind === "slot") throw new Failure("BAD_NAME", { what: `"${name}" names a container, not a group` });
  if (target.kind === "group") {
    const { group } = await server.discovery.getGroup({ group: target.ref }, server.call);
    if (group === undefined) throw new Failure("NO_SUCH_GROUP", { what: `there is no group ${name}` });
    await printListing(context, listing(context, [group], group.revision, true));
    return EXIT.ok;
  }
  const { items, revision } = await listGroups(server, target.selector);
  if (items.length === 0) await explainNothing(context, server, target, "groups");
  await printListing(context, listing(context, items, revision, false));
  return items.length === 0 && context.globals.failEmpty ? EXIT.notFound : EXIT.ok;
}

function listing(context: Context, items: readonly Group[], revision: bigint, single: boolean): Listing<Group> {
  const { namespace, allNamespaces } = context.globals;
  return {
    kind: "Group",
    items,
    columns: groupColumns(lookOf(context)),
    name: (group) => formatGroup(refOf(group)),
    json: groupObject,
    namespace: allNamespaces ? undefined : namespace,
    revision,
    single,
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
