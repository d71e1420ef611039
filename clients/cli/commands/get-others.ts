// `get services`, `get hosts`, `get namespaces`.

import type { Service } from "../../gen/theseus/v1/discovery_service.js";
import { type Context, note } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { followList } from "../list-changes.js";
import { listHosts, listNamespaces, listServices } from "../lists.js";
import { checkedNamespace } from "../names.js";
import { hostColumns, namespaceColumns, serviceColumns } from "../output/columns.js";
import { type Listing, printListing } from "../output/listing.js";
import { lookOf } from "../output/look.js";
import { hostObject, namespaceObject, namespaceOf, serviceObject } from "../output/objects.js";
import { parseReference } from "../references.js";
import type { Server } from "../server.js";
import { noSuchService } from "./get-groups.js";

export async function getServices(context: Context, server: Server, name: string | undefined): Promise<ExitCode> {
  const { namespace, allNamespaces } = context.globals;
  const isAsked = servicesAsked(context, name);
  const { items, revision } = await listServices(server, { namespace, allNamespaces });
  const chosen = items.filter(isAsked);
  if (name !== undefined && chosen.length === 0) throw noSuchService(name, namespace, items);
  if (items.length === 0 && !allNamespaces) await server.theseus.getNamespace({ name: namespace }, server.call);
  return print(context, {
    ...serviceShape(context),
    items: chosen,
    revision,
    single: name !== undefined && !allNamespaces,
  });
}

/** `get services -w`. */
export function followServices(context: Context, name: string | undefined): Promise<ExitCode> {
  const { namespace, allNamespaces } = context.globals;
  const isAsked = servicesAsked(context, name);
  return followList(context, {
    target: { $case: "selector", value: { namespace, allNamespaces, service: name ?? "" } },
    told: {
      listing: () => serviceShape(context),
      id: (service) => `${namespaceOf(service)} ${service.name}`,
      words: (service) => wordsOf(service, allNamespaces),
    },
    read: async (server) => {
      const { items, revision } = await listServices(server, { namespace, allNamespaces });
      return { items: items.filter(isAsked), revision };
    },
  });
}

function wordsOf(service: Service, allNamespaces: boolean): string[] {
  const { name, groups, wanted, ready } = service;
  const inside = [`${groups} ${groups === 1 ? "group" : "groups"}`, `${ready} of ${wanted} ready`];
  return [...(allNamespaces ? [namespaceOf(service)] : []), name, ...inside];
}

function serviceShape(context: Context): Omit<Listing<Service>, "items" | "revision"> {
  const { namespace, allNamespaces } = context.globals;
  return {
    kind: "Service",
    columns: serviceColumns(lookOf(context)),
    name: (service) => service.name,
    json: serviceObject,
    namespace: allNamespaces ? undefined : namespace,
  };
}

/** @throws Failure USAGE or BAD_NAME. */
function servicesAsked({ globals }: Context, name: string | undefined): (service: Service) => boolean {
  const { selector } = globals;
  if (selector !== "") throw usage("-l selects groups, not services", [], [`theseus get groups -l ${selector}`]);
  const asked = name === undefined ? undefined : serviceNamed(name);
  return (service) => asked === undefined || service.name === asked;
}

function serviceNamed(text: string): string {
  const { service, labels } = parseReference(text);
  if (labels === undefined) return service;
  throw new Failure("BAD_NAME", {
    what: `"${text}" names a group, not a service`,
    next: [`theseus get groups ${text}`],
  });
}

export async function getHosts(context: Context, server: Server, name: string | undefined): Promise<ExitCode> {
  const shape = {
    kind: "Host",
    columns: hostColumns(lookOf(context)),
    name: (host: { readonly name: string }) => host.name,
    json: hostObject,
  };
  if (name === undefined) return print(context, { ...shape, ...(await listHosts(server)) });
  const { host } = await server.theseus.getHost({ name }, server.call);
  return print(context, { ...shape, items: host === undefined ? [] : [host], single: true });
}

export async function getNamespaces(context: Context, server: Server, name: string | undefined): Promise<ExitCode> {
  const shape = {
    kind: "Namespace",
    columns: namespaceColumns(lookOf(context)),
    name: (namespace: { readonly name: string }) => namespace.name,
    json: namespaceObject,
  };
  if (name === undefined) return print(context, { ...shape, ...(await listNamespaces(server)) });
  const { namespace } = await server.theseus.getNamespace({ name: checkedNamespace(name) }, server.call);
  return print(context, { ...shape, items: namespace === undefined ? [] : [namespace], single: true });
}

async function print<Item>(context: Context, listing: Listing<Item>): Promise<ExitCode> {
  if (listing.items.length === 0) {
    const where = listing.namespace === undefined ? "" : ` in namespace ${listing.namespace}`;
    note(context, `no ${listing.kind.toLowerCase()}s${where}`);
  }
  await printListing(context, listing);
  return listing.items.length === 0 && context.globals.failEmpty ? EXIT.notFound : EXIT.ok;
}
