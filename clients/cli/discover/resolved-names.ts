// Which names of hosts this machine cannot resolve, asked in the way that other programs on it ask.

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Endpoint } from "../../gen/theseus/v1/discovery_service.js";
import { pause } from "../../pause.js";

/** Milliseconds, for all of them together. */
const PATIENCE = 3_000;

/** Under way, by name: where nothing answers, a name is asked for once and not each time that it is wanted. */
const pending = new Map<string, Promise<boolean>>();

type Ask = (name: string) => Promise<unknown>;

/** Sorted. A name that is not resolved in time counts as one that is not. Never rejects. */
export async function unresolvedNames(
  endpoints: readonly Pick<Endpoint, "address">[],
  ask: Ask = lookup,
  patience = PATIENCE,
): Promise<ReadonlySet<string>> {
  const names = new Set(endpoints.map(({ address }) => address).filter((address) => isIP(address) === 0));
  const unknown = new Set([...names].sort());
  if (names.size === 0) return unknown;
  const over = new AbortController();
  const asking = [...names].map(async (name) => {
    if (await resolves(name, ask)) unknown.delete(name);
  });
  await Promise.race([Promise.all(asking), pause(patience, over.signal).catch(() => undefined)]);
  over.abort();
  return new Set(unknown);
}

function resolves(name: string, ask: Ask): Promise<boolean> {
  const asked =
    pending.get(name) ??
    ask(name)
      .then(
        () => true,
        () => false,
      )
      .finally(() => pending.delete(name));
  pending.set(name, asked);
  return asked;
}
