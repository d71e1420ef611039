// The embedded store against etcd on the same disk, both through their wires: acknowledged puts, and ranges of 100 keys.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedStore } from "../../src/embedded/store.js";
import { createEmbeddedWire } from "../../src/embedded/wire.js";
import type { EtcdWire, KeyRange } from "../../src/model/ports.js";
import { testParts } from "../support/parts.js";
import { type Bench, type Figure, inTurns, median, medianRatio, timed } from "./bench.js";
import { containerRecords, onEtcd } from "./raw-etcd.js";

const ROUNDS = 9;
const WARM_UP = 2;
const IN_FLIGHT = 32;
const PUTS = 1600;
const RANGES = 480;
const KEYS_IN_RANGE = 100;
const CONTAINERS = 1000;

async function onEmbedded<T>(work: (wire: EtcdWire) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "theseus-embedded-bench-"));
  try {
    const store = await openEmbeddedStore({ folder, ...testParts() });
    const wire = createEmbeddedWire(store);
    try {
      return await work(wire);
    } finally {
      wire.close();
      await store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Does it so many times, always as many of them at once. @returns how many a second. */
async function rate(times: number, once: (number: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) await once(next++);
  };
  const spent = await timed(() => Promise.all(Array.from({ length: IN_FLIGHT }, worker)));
  return (1000 * times) / spent;
}

const puts = (wire: EtcdWire): Promise<number> =>
  rate(PUTS, (number) => wire.txn([], containerRecords(number % CONTAINERS).slice(0, 1)));

/** Ten groups of five containers, an intent and an info each. */
const HUNDRED: KeyRange = { key: "/services/service10/", end: "/services/service15/" };

async function ranges(wire: EtcdWire): Promise<number> {
  const { kvs } = await wire.range(HUNDRED);
  if (kvs.length !== KEYS_IN_RANGE) throw new Error(`the range has ${kvs.length} keys`);
  return rate(RANGES, () => wire.range(HUNDRED));
}

async function fill(wire: EtcdWire): Promise<void> {
  for (let at = 0; at < CONTAINERS; at += 50) {
    await wire.txn([], Array.from({ length: 50 }, (_, i) => containerRecords(at + i)).flat());
  }
}

const compare =
  (side: (wire: EtcdWire) => Promise<number>): Bench["measure"] =>
  () =>
    onEtcd(({ wire: etcd }) =>
      onEmbedded(async (embedded): Promise<Figure> => {
        await Promise.all([fill(etcd), fill(embedded)]);
        const sides = { embedded: () => side(embedded), etcd: () => side(etcd) };
        await inTurns(sides, WARM_UP);
        const rates = await inTurns(sides, ROUNDS);
        const [ours, theirs] = [median(rates.embedded), median(rates.etcd)];
        const detail = { embedded_per_s: Math.round(ours), etcd_per_s: Math.round(theirs), in_flight: IN_FLIGHT };
        return { ratio: medianRatio(rates.embedded, rates.etcd), detail: { ...detail, runs: ROUNDS } };
      }),
    );

export const embeddedPuts: Bench = { name: "embedded-puts", limit: { atLeast: 0.5 }, measure: compare(puts) };
export const embeddedRange: Bench = { name: "embedded-range", limit: { atLeast: 0.5 }, measure: compare(ranges) };
