// What `describe` says of a group that the store does not know although containers of it run.

import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { RecoveryItem } from "../../gen/theseus/v1/theseus_service.js";
import { Failure, hasReason, toFailure } from "../failure.js";
import { sameTarget } from "../globals.js";
import { itemName } from "../output/recovery.js";
import { formatGroup } from "../references.js";
import type { Server } from "../server.js";
import type { Waiting } from "../wait/goal.js";

/** The error with what runs, where it says that there is no such group; any other one as it is. */
export async function withUnknown({ context, server }: Waiting, ref: GroupRef, error: unknown): Promise<unknown> {
  if (!hasReason(error, "NO_SUCH_GROUP")) return error;
  const name = formatGroup(ref);
  const unknown = (await recoveryItems(server)).filter(
    ({ group }) => group !== undefined && formatGroup(group) === name && group.namespace === ref.namespace,
  );
  if (unknown.length === 0) return error;
  const { parts } = toFailure(error);
  return new Failure("NO_SUCH_GROUP", {
    ...parts,
    why: [
      `the store was restored from an older backup; of this group it does not know ${unknown.map(itemName).join(", ")}`,
    ],
    now: "they run on, and nothing is changed until you say what to do with them",
    next: [`theseus recover${sameTarget(context.globals)}`],
  });
}

/** Nothing from a server that does not answer this, or does not know the call. */
export async function recoveryItems({ theseus, call }: Server): Promise<readonly RecoveryItem[]> {
  const found = await theseus.getRecovery({}, call).catch(() => undefined);
  return found?.items ?? [];
}
