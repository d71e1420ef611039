// The answer to "where is it?", from one view. A miss explains itself. Pure.

import type { Endpoint, LookupResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { CatalogView, GroupEntry } from "../model/catalog.js";
import type { Instant } from "../model/instant.js";
import { formatGroup, type GroupRef } from "../model/reference.js";
import { matches } from "../model/selector.js";
import { endpointOf } from "./convert-container.js";
import { nearGroups, nearQuery } from "./near-misses.js";
import type { GroupQuery } from "./validate.js";

export type Target =
  | { readonly kind: "group"; readonly ref: GroupRef }
  | { readonly kind: "query"; readonly query: GroupQuery /** The selector as written. */; readonly text: string };

export type Asked = {
  readonly target: Target;
  /** Empty: the first named port. */
  readonly port: string;
  readonly includeNotReady: boolean;
};

export function lookup(view: CatalogView, asked: Asked, asOf: Instant): LookupResponse {
  const groups = matchingGroups(view, asked.target);
  const endpoints = groups.flatMap((group) => endpointsOf(group, asked));
  return {
    endpoints,
    revision: view.revision,
    matchingGroups: groups.length,
    matchingContainers: groups.reduce((sum, group) => sum + group.containers.length, 0),
    nearMisses: groups.length > 0 ? [] : nearMisses(view, asked.target).map(formatGroup),
    asOfTime: new Date(asOf),
  };
}

function endpointsOf(group: GroupEntry, { port, includeNotReady }: Asked): Endpoint[] {
  return group.containers.flatMap((container) => {
    const endpoint = endpointOf(container, group, port);
    return endpoint !== undefined && (endpoint.ready || includeNotReady) ? [endpoint] : [];
  });
}

function matchingGroups(view: CatalogView, target: Target): readonly GroupEntry[] {
  if (target.kind === "query") return groupsOf(view, target.query);
  const group = view.group(target.ref);
  return group === undefined ? [] : [group];
}

/** Every group that the query selects, in the order of the view. */
export function groupsOf(view: CatalogView, { namespace, service, selector }: GroupQuery): readonly GroupEntry[] {
  return view.groups(namespace, service).filter((group) => matches(selector, group.ref.labels));
}

function nearMisses(view: CatalogView, target: Target): readonly GroupRef[] {
  if (target.kind === "group") return nearGroups(view.groups(target.ref.namespace), target.ref);
  const { namespace, service } = target.query;
  return nearQuery(view.groups(namespace), service, target.text);
}
