// `theseus get`: lists, and single things by name. An empty list is no failure; a name that does not exist is.

import type { Context } from "../context.js";
import { isSet, optionalArgument, optionalText, requiredArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { usage } from "../failure.js";
import { filterOf } from "../filters.js";
import { nearest } from "../nearest.js";
import { withServer } from "../server.js";
import { getContainers } from "./get-containers.js";
import { followEvents, getEvents } from "./get-events.js";
import { followGroups, getGroups } from "./get-groups.js";
import { followServices, getHosts, getNamespaces, getServices } from "./get-others.js";
import { getRollouts } from "./get-rollouts.js";

const WORDS: Readonly<Record<string, typeof getGroups>> = {
  services: getServices,
  service: getServices,
  svc: getServices,
  groups: getGroups,
  group: getGroups,
  grp: getGroups,
  containers: getContainers,
  container: getContainers,
  ctr: getContainers,
  rollouts: getRollouts,
  rollout: getRollouts,
  ro: getRollouts,
  events: getEvents,
  event: getEvents,
  ev: getEvents,
  hosts: getHosts,
  host: getHosts,
  namespaces: getNamespaces,
  namespace: getNamespaces,
  ns: getNamespaces,
};

export async function run(context: Context): Promise<ExitCode> {
  const what = requiredArgument(context, 0);
  const get = Object.hasOwn(WORDS, what) ? WORDS[what] : undefined;
  if (get === undefined) {
    const near = nearest(what, Object.keys(WORDS));
    const hint = near === undefined ? [] : [`did you mean ${near}`];
    throw usage(`there is no "${what}" to get`, [
      "services groups containers rollouts events hosts namespaces",
      ...hint,
    ]);
  }
  if (get !== getEvents && optionalText(context, "since") !== undefined) throw usage("--since is for events");
  if (filterOf(context) !== undefined) checkFilterFits(context, get, what);
  if (isSet(context, "watch")) return watch(context, get, what);
  return withServer(context, (server) => get(context, server, optionalArgument(context, 1)));
}

/** Lists that are read once, and more than one thing. */
function checkFilterFits(context: Context, get: typeof getGroups, what: string): void {
  if (get !== getGroups && get !== getContainers) throw usage(`--filter is for groups and containers, not ${what}`);
  if (isSet(context, "watch")) throw usage("--filter is for a list that is read once", ["-w takes -l LABELS"]);
  const name = optionalArgument(context, 1);
  if (name?.includes(get === getGroups ? "/" : ":"))
    throw usage(`${name} is one exact ${get === getGroups ? "group" : "container"}; --filter chooses among several`);
}

async function watch(context: Context, get: typeof getGroups, what: string): Promise<ExitCode> {
  if (get === getContainers) return (await import("./watch.js")).watch(context, 1);
  if (get === getGroups) return followGroups(context, optionalArgument(context, 1));
  if (get === getServices) return followServices(context, optionalArgument(context, 1));
  if (get === getEvents) return followEvents(context, optionalArgument(context, 1));
  throw usage(
    `${what} cannot be watched`,
    ["services, groups, containers and events can"],
    ["theseus get containers -w"],
  );
}
