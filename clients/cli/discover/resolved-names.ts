// Which names of hosts this machine cannot resolve, asked in the way that other programs on it ask.

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Endpoint } from "../../gen/theseus/v1/discovery_service.js";
import { pause } from "../../pause.js";

/** Milliseconds, for all of them together. */
const PATIENCE = 3_000;

/** Sorted. A name that is not resolved in time counts as one that is not. Never rejects. */
export async function unresolvedNames(endpoints: readonly Pick<Endpoint, "address">[]): Promise<ReadonlySet<string>> {
  const names = new Set(endpoints.map(({ address }) => address).filter((address) => isIP(address) === 0));
  const unknown = new Set([...names].sort());
  if (names.size === 0) return unknown;
  const over = new AbortController();
  const asking = [...names].map((name) =>
    lookup(name).then(
      () => void unknown.delete(name),
      () => undefined,
    ),
  );
  await Promise.race([Promise.all(asking), pause(PATIENCE, over.signal).catch(() => undefined)]);
  over.abort();
  return new Set(unknown);
}
