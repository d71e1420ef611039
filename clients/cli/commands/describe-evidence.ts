// What `describe` shows of containers that failed: the newest of each slot that needs attention.

import type { Attention, Group } from "../../gen/theseus/v1/group.js";
import type { Evidence } from "../../gen/theseus/v1/rollout.js";
import { lastLinesText } from "../output/evidence.js";
import { refOf } from "../output/objects.js";
import type { Server } from "../server.js";

/** None where no slot needs attention, or the server has nothing to say. */
export async function presentEvidence(server: Server, group: Group): Promise<readonly Evidence[]> {
  const slots = [...new Set((group.status?.attention ?? []).map(({ slot }) => slot))].filter((slot) => slot > 0);
  if (slots.length === 0) return [];
  const asked = server.theseus.listEvidence({ group: refOf(group), slots }, server.call);
  const { evidence } = await asked.catch(() => ({ evidence: [] }));
  return slots.flatMap((slot) => evidence.find((one) => one.slot === slot) ?? []);
}

/** The last lines of the container that the attention is about; of several about one slot only below the first. */
export function linesBelow(
  attention: Attention,
  all: readonly Attention[],
  evidence: readonly Evidence[],
): readonly string[] {
  const found = evidence.find(({ slot }) => slot === attention.slot);
  const isFirst = all.find(({ slot }) => slot === attention.slot) === attention;
  return found === undefined || !isFirst ? [] : lastLinesText(found);
}
