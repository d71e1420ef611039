// What the containers of a group wait for that leave: told when it takes longer than a moment.

import type { Container } from "../../gen/theseus/v1/container.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import { listContainers } from "../lists.js";
import { awaitedOf, untilText } from "../output/drains.js";
import type { Server } from "../server.js";

const MOST_NAMED = 3;

/** One line for all that wait for the same. Empty too when it cannot be found out. */
export async function openDrains(server: Server, ref: GroupRef): Promise<readonly string[]> {
  const { items } = await listContainers(server, { group: ref }).catch(() => ({ items: [] }));
  return drainLines(items);
}

export function drainLines(containers: readonly Container[]): readonly string[] {
  const waiting = new Map<string, Container[]>();
  for (const container of containers) {
    const who = awaitedOf(container);
    if (who !== undefined) waiting.set(who, [...(waiting.get(who) ?? []), container]);
  }
  return [...waiting].map(([who, those]) => {
    const names = those.slice(0, MOST_NAMED).map(({ slot, name }) => (slot > 0 ? `:${slot}` : name));
    const more = those.length > MOST_NAMED ? ` and ${those.length - MOST_NAMED} more` : "";
    const until = untilText(latest(those));
    return `${names.join(", ")}${more} ${those.length === 1 ? "waits" : "wait"}${until} to be acknowledged as leaving by ${who}`;
  });
}

function latest(containers: readonly Container[]): Date | undefined {
  const times = containers.flatMap(({ drain }) => drain?.deadlineTime?.getTime() ?? []);
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}
