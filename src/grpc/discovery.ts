// DiscoveryService: everything that reads /services, answered from the catalog. Registration has its own file.

import type {
  DiscoveryServiceService,
  GetContainerRequest,
  GetContainerResponse,
  GetGroupRequest,
  GetGroupResponse,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import type { ContainerEntry, GroupEntry } from "../model/catalog.js";
import { acknowledge } from "./acknowledge.js";
import type { Impl } from "./adapter.js";
import type { CallContext } from "./call.js";
import { fromContainer } from "./convert-container.js";
import type { DiscoveryDeps } from "./discovery-deps.js";
import { listContainers, listGroups, listServices } from "./discovery-lists.js";
import { noSuchContainer, noSuchGroup } from "./error-texts.js";
import { lookupHandler } from "./lookup.js";
import { registrationHandlers } from "./registration.js";
import { readGroupRef, readRevision } from "./validate.js";
import { at, checkText, Violations } from "./violations.js";
import { watchHandler } from "./watch.js";

export function discoveryHandlers(deps: DiscoveryDeps): Impl<typeof DiscoveryServiceService> {
  return {
    lookup: lookupHandler(deps),
    watch: watchHandler(deps),
    acknowledge: (request, context) => acknowledge(deps, request, context),
    listServices: (request) => listServices(deps, request),
    listGroups: (request) => listGroups(deps, request),
    getGroup: (request, context) => getGroup(deps, request, context),
    listContainers: (request) => listContainers(deps, request),
    getContainer: (request) => getContainer(deps, request),
    ...registrationHandlers(deps),
  };
}

async function getGroup(
  { catalog, groups }: DiscoveryDeps,
  request: GetGroupRequest,
  context: CallContext,
): Promise<GetGroupResponse> {
  const violations = new Violations();
  const ref = readGroupRef(request.group, at(violations.report, "group"));
  const least = readRevision(request.atLeastRevision, "at_least_revision", violations.report);
  violations.check();
  if (least > 0n) await catalog.reach(least, context.signal);
  const view = catalog.view();
  const entry = view.group(ref);
  if (entry === undefined) throw noSuchGroup(view, ref);
  return { group: await groups.describe(entry, view.revision) };
}

async function getContainer({ catalog }: DiscoveryDeps, request: GetContainerRequest): Promise<GetContainerResponse> {
  const violations = new Violations();
  const { report } = violations;
  const ref = readGroupRef(request.container?.group, at(report, "container.group"));
  const which = readWhich(request.container?.which, violations);
  violations.check();
  const view = catalog.view();
  const group = view.group(ref);
  if (group === undefined) throw noSuchGroup(view, ref);
  const found = typeof which === "number" ? newestOf(group, which) : named(group, which);
  if (found === undefined) {
    const has = group.containers.map(({ ref: { name } }) => name);
    throw noSuchContainer(ref, which, has);
  }
  return { container: fromContainer(found, group, view.drains(ref).get(found.ref.name)) };
}

type Which = NonNullable<GetContainerRequest["container"]>["which"];

function readWhich(which: Which, { report }: Violations): string | number {
  switch (which?.$case) {
    case "name":
      if (which.value === "") report("container.name", "it is empty");
      checkText(report, "container.name", which.value, 128);
      return which.value;
    case "slot":
      if (which.value < 1) report("container.slot", `${which.value} is no slot; the first one is 1`);
      return which.value;
    case undefined:
      report("container", "it needs a name or a slot");
      return "";
  }
}

function named(group: GroupEntry, name: string): ContainerEntry | undefined {
  return group.containers.find((container) => container.ref.name === name);
}

/** The newest generation of this slot. */
function newestOf(group: GroupEntry, slot: number): ContainerEntry | undefined {
  const ofSlot = group.containers.filter((container) => (container.intent?.slot ?? 0) === slot);
  return ofSlot.sort((a, b) => (b.intent?.generation ?? 0) - (a.intent?.generation ?? 0))[0];
}
