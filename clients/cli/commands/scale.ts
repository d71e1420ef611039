// `theseus scale`: the number of instances of one group, or of every group selected. Taking half of them away, or all,
// asks first.

import type { Container } from "../../gen/theseus/v1/container.js";
import type { Group } from "../../gen/theseus/v1/group.js";
import { expectedRevision, finish, isDryRun, sendUpdate } from "../change-group.js";
import { instancesFrom } from "../config-flags.js";
import { confirm } from "../confirm.js";
import { argumentList, type Context, note } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure, toFailure, usage } from "../failure.js";
import { listContainers, listGroups } from "../lists.js";
import { refOf } from "../output/objects.js";
import { formatGroup, parseReference, type Reference } from "../references.js";
import { announce, type Ended, follow, reportEnds, reportPlan } from "../report.js";
import { type Server, withServer } from "../server.js";
import { type Target, targetOf } from "../target.js";
import { explainNothing } from "./get-groups.js";

interface Asked {
  readonly reference: Reference | undefined;
  readonly instances: number;
}

export function run(context: Context): Promise<ExitCode> {
  const { reference, instances } = readWords(context);
  const target = targetOf(context, reference);
  const expected = expectedRevision(context);
  return withServer(context, async (server) => {
    const groups = await groupsOf(context, server, target);
    if (groups.length === 0) return EXIT.notFound;
    if (!isDryRun(context)) await confirmScale(context, server, groups, instances);
    const [only] = groups;
    if (target.kind === "group" && only !== undefined) return scaleOne(context, server, only, { instances, expected });
    return scaleMany(context, server, groups, instances);
  });
}

/** REF N, SERVICE N with -l, or N alone with -l. */
function readWords(context: Context): Asked {
  const words = argumentList(context, 0);
  const number = words.at(-1) ?? "";
  const instances = instancesFrom(number);
  const form = "theseus scale GROUP NUMBER, or theseus scale -l LABELS NUMBER";
  if (words.length > 2 || typeof instances === "string")
    throw usage(`"${words.join(" ")}" does not say what to scale to what`, [form, `a number is from 0 to 1000`]);
  const name = words.length === 2 ? words[0] : undefined;
  const reference = name === undefined ? undefined : parseReference(name);
  if (context.globals.selector === "" && reference?.labels === undefined)
    throw usage("which group is to be scaled?", [form], name === undefined ? [] : [`theseus get groups ${name}`]);
  return { reference, ...instances };
}

async function groupsOf(context: Context, server: Server, target: Target): Promise<readonly Group[]> {
  if (target.kind === "slot") throw new Failure("BAD_NAME", { what: "a container cannot be scaled, its group can" });
  if (target.kind === "group") {
    const { group } = await server.discovery.getGroup({ group: target.ref }, server.call);
    return group === undefined ? [] : [group];
  }
  const { items } = await listGroups(server, target.selector);
  const managed = items.filter(({ config }) => config !== undefined);
  if (managed.length === 0) await explainNothing(context, server, target, "groups");
  return managed;
}

const present = ({ status, config }: Group): number => status?.wanted ?? config?.instances ?? 1;

async function confirmScale(context: Context, server: Server, groups: readonly Group[], to: number): Promise<void> {
  const severe = groups.filter((group) => to < present(group) && (to === 0 || to <= present(group) / 2));
  if (severe.length === 0 || context.globals.yes) return;
  const effects = await Promise.all(severe.map((group) => effectText(context, server, group, to)));
  await confirm(context, effects);
}

async function effectText(context: Context, server: Server, group: Group, to: number): Promise<string> {
  const ref = refOf(group);
  const { items } = await listContainers(server, { group: ref });
  const stopped = items.filter(({ slot }) => slot > to).sort((a, b) => a.slot - b.slot);
  const names = stopped.map(({ slot, host }: Container) => `:${slot} (${host})`);
  const stops = names.length === 0 ? "" : `: stops ${names.join(" ")}`;
  const change = `scale ${formatGroup(ref)} ${present(group)} -> ${to}`;
  return `${change} in namespace ${ref.namespace || context.globals.namespace}${stops}, leaves ${to}`;
}

async function scaleOne(
  context: Context,
  server: Server,
  group: Group,
  { instances, expected }: { readonly instances: number; readonly expected: bigint },
): Promise<ExitCode> {
  const ref = refOf(group);
  const update = { ref, config: { instances }, mask: ["instances"], expected };
  return finish(context, server, ref, await sendUpdate(context, server, update));
}

async function scaleMany(
  context: Context,
  server: Server,
  groups: readonly Group[],
  instances: number,
): Promise<ExitCode> {
  const sent = await Promise.all(groups.map((group) => scaleEach(context, server, group, instances)));
  const plans = sent.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
  const revision = newestOf(sent);
  if (isDryRun(context)) return reportPlan(context, plans, revision);
  announce(context, plans);
  const ends: Ended[] = await follow({ context, server }, plans, revision);
  const refused = sent.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  for (const failure of refused) note(context, `error: ${failure.message}   [${failure.code}]`);
  const exit = ends.length === 0 ? EXIT.ok : await reportEnds(context, server, ends, revision);
  const [first] = refused;
  if (first === undefined) return exit;
  return ends.length === 0 && refused.length === 1 ? first.exit : EXIT.partial;
}

function newestOf(sent: readonly { readonly revision: bigint }[]): bigint {
  let newest = 0n;
  for (const { revision } of sent) if (revision > newest) newest = revision;
  return newest;
}

async function scaleEach(context: Context, server: Server, group: Group, instances: number) {
  const update = { ref: refOf(group), config: { instances }, mask: ["instances"], expected: 0n };
  try {
    const { plan, revision } = await sendUpdate(context, server, update);
    return { plan, revision };
  } catch (error) {
    return { revision: 0n, failure: toFailure(error) };
  }
}
