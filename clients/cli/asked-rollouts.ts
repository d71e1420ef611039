// The newest rollouts that people asked for, of many groups.

import type { Group } from "../gen/theseus/v1/group.js";
import type { Rollout } from "../gen/theseus/v1/rollout.js";
import { hasReason } from "./failure.js";
import { refOf } from "./output/objects.js";
import { askedRollout } from "./rollouts.js";
import type { Server } from "./server.js";

/** So many are asked for at a time. */
const TOGETHER = 16;

/** Those that there are. @throws TheseusClientError */
export async function askedRollouts(server: Server, groups: readonly Group[]): Promise<ReadonlyMap<Group, Rollout>> {
  const managed = groups.filter(({ configRevision }) => configRevision !== 0n);
  const found = new Map<Group, Rollout>();
  for (let at = 0; at < managed.length; at += TOGETHER)
    await Promise.all(
      managed.slice(at, at + TOGETHER).map(async (group) => {
        const rollout = await ofGroup(server, group);
        if (rollout !== undefined) found.set(group, rollout);
      }),
    );
  return found;
}

/** None where the group went meanwhile, or is older than rollouts are. */
async function ofGroup(server: Server, group: Group): Promise<Rollout | undefined> {
  try {
    return await askedRollout(server, refOf(group));
  } catch (error) {
    if (hasReason(error, "NO_SUCH_GROUP", "NO_SUCH_REVISION", "NO_ROLLOUT")) return undefined;
    throw error;
  }
}
