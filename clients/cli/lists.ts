// Lists read to the end: every page, at the one revision of the first.

import type { Container } from "../gen/theseus/v1/container.js";
import type { Service } from "../gen/theseus/v1/discovery_service.js";
import type { Group } from "../gen/theseus/v1/group.js";
import type { Host } from "../gen/theseus/v1/host.js";
import type { Namespace } from "../gen/theseus/v1/namespace.js";
import type { GroupRef, GroupSelector } from "../gen/theseus/v1/reference.js";
import type { Fields } from "../partial.js";
import { hasReason } from "./failure.js";
import type { Server } from "./server.js";

const PAGE_SIZE = 1000;
/** A revision can be compacted away between two pages; the list is then read again from its start. */
const ATTEMPTS = 3;

export interface Listed<Item> {
  readonly items: readonly Item[];
  readonly revision: bigint;
}

interface Page<Item> extends Listed<Item> {
  readonly nextPageToken: string;
}

interface PageRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

type Read<Item> = (page: PageRequest) => Promise<Page<Item>>;

async function allPages<Item>(read: Read<Item>): Promise<Listed<Item>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await everyPage(read);
    } catch (error) {
      if (attempt === ATTEMPTS || !hasReason(error, "PAGE_TOKEN_EXPIRED")) throw error;
    }
  }
}

async function everyPage<Item>(read: Read<Item>): Promise<Listed<Item>> {
  const items: Item[] = [];
  let pageToken = "";
  for (;;) {
    const page = await read({ pageSize: PAGE_SIZE, pageToken });
    items.push(...page.items);
    pageToken = page.nextPageToken;
    if (pageToken === "") return { items, revision: page.revision };
  }
}

export function listServices(
  { discovery, call }: Server,
  scope: { readonly namespace: string; readonly allNamespaces: boolean },
): Promise<Listed<Service>> {
  return allPages(async (page) => {
    const { services, ...rest } = await discovery.listServices({ ...scope, ...page }, call);
    return { items: services, ...rest };
  });
}

export function listGroups({ discovery, call }: Server, selector: Fields<GroupSelector>): Promise<Listed<Group>> {
  return allPages(async (page) => {
    const { groups, ...rest } = await discovery.listGroups({ selector, ...page }, call);
    return { items: groups, ...rest };
  });
}

/** Of exactly one group, or of every group that is selected. */
export function listContainers(
  { discovery, call }: Server,
  of: { readonly group: Fields<GroupRef> } | { readonly selector: Fields<GroupSelector> },
): Promise<Listed<Container>> {
  return allPages(async (page) => {
    const { containers, ...rest } = await discovery.listContainers({ ...of, ...page }, call);
    return { items: containers, ...rest };
  });
}

export function listHosts({ theseus, call }: Server): Promise<Listed<Host>> {
  return allPages(async (page) => {
    const { hosts, ...rest } = await theseus.listHosts(page, call);
    return { items: hosts, ...rest };
  });
}

export function listNamespaces({ theseus, call }: Server): Promise<Listed<Namespace>> {
  return allPages(async (page) => {
    const { namespaces, ...rest } = await theseus.listNamespaces(page, call);
    return { items: namespaces, ...rest };
  });
}
