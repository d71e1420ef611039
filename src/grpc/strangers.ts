// Containers that are not ours, and the ports they hold: asked of the engines for a plan. An engine that does not answer in
// time tells of none.

import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, Stranger } from "../model/ports.js";

/** Those on that host now. */
export type FindStrangers = (host: string) => Promise<readonly Stranger[]>;

const PATIENCE: Milliseconds = SECOND;

/** By host. Never fails. */
export async function strangersOn(
  hosts: readonly string[],
  find: FindStrangers,
  clock: Clock,
): Promise<ReadonlyMap<string, readonly Stranger[]>> {
  const over = new AbortController();
  const nobody = (): readonly Stranger[] => [];
  const late = clock.sleep(PATIENCE, over.signal).then(nobody, nobody);
  try {
    const asked = hosts.map(async (host) => [host, await Promise.race([find(host).catch(nobody), late])] as const);
    return new Map(await Promise.all(asked));
  } finally {
    over.abort();
  }
}
