// The lists of DiscoveryService: pages of services, groups and containers, each list at one revision.

import type {
  ListContainersRequest,
  ListContainersResponse,
  ListGroupsRequest,
  ListGroupsResponse,
  ListServicesRequest,
  ListServicesResponse,
  Service,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import type { Group } from "../../clients/gen/theseus/v1/group.js";
import type { CatalogView, ContainerEntry, GroupEntry, ServiceEntry } from "../model/catalog.js";
import { containerId, type GroupQuery } from "../model/discovery.js";
import { groupId } from "../model/reference.js";
import { matches } from "../model/selector.js";
import { fromContainer } from "./convert-container.js";
import { toDate } from "./convert-time.js";
import type { DiscoveryDeps } from "./discovery-deps.js";
import { noSuchGroup } from "./error-texts.js";
import { statusWith } from "./group-reader.js";
import { cutPage, viewOfPage } from "./page.js";
import { readGroupRef, readNamespace, readPageSize, readSelector } from "./validate.js";
import { at, Violations } from "./violations.js";

export async function listServices(
  { catalog }: DiscoveryDeps,
  request: ListServicesRequest,
): Promise<ListServicesResponse> {
  const violations = new Violations();
  const named = readNamespace(request.namespace, at(violations.report, "namespace"));
  const size = readPageSize(request.pageSize, violations.report);
  violations.check();
  const namespace = request.allNamespaces ? undefined : named;
  const page = { size, token: request.pageToken, question: { list: "services", namespace } };
  const { view, position } = await viewOfPage(catalog, page);
  const { items, nextPageToken } = cutPage(
    view.services(namespace),
    { ...page, position },
    {
      keyOf: ({ ref }) => `${ref.namespace}/${ref.service}`,
      convert: fromService,
    },
  );
  return { services: [...items], nextPageToken, revision: position.revision };
}

function fromService({ ref, created, groups }: ServiceEntry): Service {
  const statuses = groups.map((group) => statusWith(group, []));
  return {
    namespace: ref.namespace,
    name: ref.service,
    groups: groups.length,
    wanted: statuses.reduce((sum, status) => sum + (status.wanted ?? 0), 0),
    ready: statuses.reduce((sum, status) => sum + status.ready, 0),
    createTime: toDate(created),
  };
}

export async function listGroups(deps: DiscoveryDeps, request: ListGroupsRequest): Promise<ListGroupsResponse> {
  const violations = new Violations();
  const query = readSelector(request.selector, at(violations.report, "selector"));
  const size = readPageSize(request.pageSize, violations.report);
  violations.check();
  const page = { size, token: request.pageToken, question: { list: "groups", query } };
  const { view, position } = await viewOfPage(deps.catalog, page);
  const entries = groupsOf(view, query);
  const { items, nextPageToken } = cutPage(entries, { ...page, position }, groupShape(deps, view));
  const groups = await Promise.all(items.map(({ described }) => described));
  return { groups, nextPageToken, revision: position.revision };
}

/** Reads of the store run side by side; the size is that of the config, which is what can be large. */
function groupShape({ groups }: DiscoveryDeps, view: CatalogView) {
  return {
    keyOf: ({ ref }: GroupEntry) => groupId(ref),
    convert: (entry: GroupEntry) => ({ entry, described: groups.describe(entry, view.revision) }),
    sizeOf: ({ entry }: { entry: GroupEntry; described: Promise<Group> }) => sizeOf(entry),
  };
}

function sizeOf({ record }: GroupEntry): number {
  return record === undefined ? 0 : JSON.stringify(record.config).length + 512;
}

export async function listContainers(
  { catalog }: DiscoveryDeps,
  request: ListContainersRequest,
): Promise<ListContainersResponse> {
  const violations = new Violations();
  const { report } = violations;
  const exact = request.group === undefined ? undefined : readGroupRef(request.group, at(report, "group"));
  const query = readSelector(request.selector, at(report, "selector"));
  if (exact !== undefined && request.selector !== undefined) report("group", "either a group or a selector, not both");
  const size = readPageSize(request.pageSize, report);
  violations.check();
  const page = { size, token: request.pageToken, question: { list: "containers", query, exact } };
  const { view, position } = await viewOfPage(catalog, page);
  const groups = exact === undefined ? groupsOf(view, query) : [view.group(exact)];
  const entries = groups.flatMap((group) => {
    if (group === undefined && exact !== undefined) throw noSuchGroup(view, exact);
    return group === undefined ? [] : membersOf(group);
  });
  const { items, nextPageToken } = cutPage(
    entries,
    { ...page, position },
    {
      keyOf: ({ container }) => containerId(container.ref),
      convert: ({ container, group }) => {
        const drain = view.drains(group.ref).get(container.ref.name);
        return fromContainer(container, group, drain);
      },
    },
  );
  return { containers: [...items], nextPageToken, revision: position.revision };
}

type Member = { readonly container: ContainerEntry; readonly group: GroupEntry };

function membersOf(group: GroupEntry): Member[] {
  return group.containers.map((container) => ({ container, group }));
}

/** Every group that the query selects, in the order of the view. */
function groupsOf(view: CatalogView, { namespace, service, selector }: GroupQuery): readonly GroupEntry[] {
  return view.groups(namespace, service).filter((group) => matches(selector, group.ref.labels));
}
