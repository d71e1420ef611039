// `get rollouts`: the newest one of each group, or of exactly one.

import type { Group } from "../../gen/theseus/v1/group.js";
import type { Rollout } from "../../gen/theseus/v1/rollout.js";
import { type Context, note } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure, hasReason } from "../failure.js";
import { listGroups } from "../lists.js";
import { rolloutColumns } from "../output/columns.js";
import { printListing } from "../output/listing.js";
import { lookOf } from "../output/look.js";
import { refOf } from "../output/objects.js";
import { rolloutObject } from "../output/rollout.js";
import { formatGroup, parseReference } from "../references.js";
import { rolloutOf } from "../rollouts.js";
import type { Server } from "../server.js";
import { targetOf } from "../target.js";
import { explainNothing } from "./get-groups.js";

/** So many are asked for at a time. */
const TOGETHER = 16;

export async function getRollouts(context: Context, server: Server, name: string | undefined): Promise<ExitCode> {
  const target = targetOf(context, name === undefined ? undefined : parseReference(name));
  if (target.kind === "slot") throw new Failure("BAD_NAME", { what: `"${name}" names a container, not a group` });
  if (target.kind === "group") {
    await printListing(context, { ...shape(context), items: [await rolloutOf(server, target.ref)], single: true });
    return EXIT.ok;
  }
  const { items: groups, revision } = await listGroups(server, target.selector);
  if (groups.length === 0) await explainNothing(context, server, target, "groups");
  const rollouts = await newestOf(server, groups);
  if (rollouts.length === 0 && groups.length > 0) note(context, "none of the groups has a rollout");
  await printListing(context, { ...shape(context), items: rollouts, revision });
  return rollouts.length === 0 && context.globals.failEmpty ? EXIT.notFound : EXIT.ok;
}

async function newestOf(server: Server, groups: readonly Group[]): Promise<Rollout[]> {
  const managed = groups.filter(({ config }) => config !== undefined);
  const rollouts: Rollout[] = [];
  for (let at = 0; at < managed.length; at += TOGETHER) {
    const some = managed.slice(at, at + TOGETHER).map((group) => newest(server, group));
    rollouts.push(...(await Promise.all(some)).flatMap((rollout) => rollout ?? []));
  }
  return rollouts;
}

/** None where the group went meanwhile, or is older than rollouts are. */
async function newest(server: Server, group: Group): Promise<Rollout | undefined> {
  try {
    return await rolloutOf(server, refOf(group));
  } catch (error) {
    if (hasReason(error, "NO_SUCH_GROUP", "NO_SUCH_REVISION", "NO_ROLLOUT")) return undefined;
    throw error;
  }
}

function shape(context: Context) {
  const { namespace, allNamespaces } = context.globals;
  return {
    kind: "Rollout",
    columns: rolloutColumns(lookOf(context)),
    name: ({ group, toRevision }: Rollout) => `${formatGroup(refOf({ ref: group }))}@${toRevision}`,
    json: rolloutObject,
    namespace: allNamespaces ? undefined : namespace,
  };
}
