// `theseus remove`: groups, or a whole service with --all-groups. Says first what goes, and asks.

import type { Group } from "../../gen/theseus/v1/group.js";
import type { GroupPlan } from "../../gen/theseus/v1/plan.js";
import { changeFields } from "../change.js";
import { isDryRun } from "../change-group.js";
import { confirm } from "../confirm.js";
import { argumentList, type Context, isSet, note } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure, toFailure, usage } from "../failure.js";
import { sameTarget } from "../globals.js";
import { listGroups } from "../lists.js";
import { refOf } from "../output/objects.js";
import { formatGroup, parseGroup, parseReference } from "../references.js";
import { announce, follow, reportEnds, reportPlan } from "../report.js";
import { type Server, withServer } from "../server.js";

/** What one name on the command line means: its groups as they are now, and the call that removes them. */
interface Removal {
  readonly groups: readonly Group[];
  readonly send: () => Promise<{ readonly plans: readonly GroupPlan[]; readonly revision: bigint }>;
}

export function run(context: Context): Promise<ExitCode> {
  const names = argumentList(context, 0);
  if (context.globals.selector !== "")
    throw usage("remove takes names, not -l", [], [`theseus get groups -o name -l ${context.globals.selector}`]);
  if (context.globals.allNamespaces) throw usage("remove works in one namespace", ["name it with -n"]);
  for (const name of names) parseReference(name);
  return withServer(context, async (server) => {
    const removals: Removal[] = [];
    for (const name of names) removals.push(await removalOf(context, server, name));
    if (!isDryRun(context))
      await confirm(
        context,
        removals.flatMap(({ groups }) => groups.map((group) => effect(context, group))),
      );
    return sendAll(context, server, removals);
  });
}

function removalOf(context: Context, server: Server, name: string): Promise<Removal> {
  return parseReference(name).labels === undefined
    ? serviceRemoval(context, server, name)
    : groupRemoval(context, server, name);
}

async function groupRemoval(context: Context, server: Server, name: string): Promise<Removal> {
  const { service, labels } = parseGroup(name);
  const ref = { namespace: context.globals.namespace, service, labels: [...labels] };
  const { group } = await server.discovery.getGroup({ group: ref }, server.call);
  const options = { validateOnly: isDryRun(context), volumes: isSet(context, "volumes"), ...changeFields(context) };
  return {
    groups: group === undefined ? [] : [group],
    send: async () => {
      const { plan, revision } = await server.theseus.removeGroup({ group: ref, ...options }, server.call);
      return { plans: plan === undefined ? [] : [plan], revision };
    },
  };
}

async function serviceRemoval(context: Context, server: Server, service: string): Promise<Removal> {
  const { namespace } = context.globals;
  const { items } = await listGroups(server, { namespace, service });
  const groups = items.filter(({ config }) => config !== undefined);
  const allGroups = isSet(context, "allGroups");
  if (groups.length > 0 && !allGroups) throw notEmpty(context, service, groups);
  const options = { validateOnly: isDryRun(context), volumes: isSet(context, "volumes"), ...changeFields(context) };
  return {
    groups,
    send: () => server.theseus.removeService({ namespace, service, allGroups, ...options }, server.call),
  };
}

function notEmpty(context: Context, service: string, groups: readonly Group[]): Failure {
  const names = groups.map((group) => formatGroup(refOf(group)));
  return new Failure("SERVICE_NOT_EMPTY", {
    what: `service ${service} has ${names.length} ${names.length === 1 ? "group" : "groups"}`,
    why: [names.join("  ")],
    now: "nothing was sent or changed",
    next: [
      `theseus remove ${service} --all-groups${sameTarget(context.globals)}`,
      ...names.slice(0, 1).map((name) => `theseus remove ${name}${sameTarget(context.globals)}`),
    ],
  });
}

function effect(context: Context, group: Group): string {
  const ref = refOf(group);
  const ready = group.status?.ready ?? 0;
  const volumes = isSet(context, "volumes") ? ", and its volumes" : "";
  const many = ready === 1 ? "1 ready container" : `${ready} ready containers`;
  return `removes ${formatGroup(ref)} in namespace ${context.globals.namespace}: ${many}${volumes}`;
}

async function sendAll(context: Context, server: Server, removals: readonly Removal[]): Promise<ExitCode> {
  const plans: GroupPlan[] = [];
  const failures: Failure[] = [];
  let newest = 0n;
  for (const { send } of removals) {
    try {
      const sent = await send();
      plans.push(...sent.plans);
      if (sent.revision > newest) newest = sent.revision;
    } catch (error) {
      failures.push(toFailure(error));
    }
  }
  const [first] = failures;
  if (first !== undefined && removals.length === 1) throw first;
  for (const failure of failures) note(context, `error: ${failure.message}   [${failure.code}]`);
  if (isDryRun(context)) return reportPlan(context, plans, newest);
  announce(context, plans);
  const exit = await reportEnds(context, server, await follow({ context, server }, plans, newest), newest);
  return failures.length > 0 ? EXIT.partial : exit;
}
