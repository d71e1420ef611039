// The state of 10,000 containers through our loop, as a server reads it when it starts, against the same keys read page
// by page with a plain client.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Etcd3 } from "etcd3";
import { CATALOG_RANGE } from "../../src/etcd/keys.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { type Bench, type Figure, inTurns, median, medianRatio, rounded } from "./bench.js";
import { containerRecords, followRange, onEtcd, PAGE } from "./raw-etcd.js";

const CONTAINERS = 10_000;
const ROUNDS = 25;
const WARM_UP = 5;
const AT_ONCE = 50;

/** Each key is written more than once in a container's life. */
async function fill(wire: EtcdWire): Promise<void> {
  for (let write = 0; write < 2; write++) {
    for (let at = 0; at < CONTAINERS; at += AT_ONCE) {
      const records = Array.from({ length: AT_ONCE }, (_, i) => containerRecords(at + i));
      await wire.txn([], records.flat());
    }
  }
}

/** What one side leaves behind is not to be swept up in the other's time. */
function sweepUp(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
}

function complete(keys: number): void {
  if (keys !== 2 * CONTAINERS) throw new Error(`read ${keys} keys of ${2 * CONTAINERS}`);
}

async function throughLoop(wire: EtcdWire): Promise<number> {
  const stop = new AbortController();
  sweepUp();
  const begun = performance.now();
  for await (const item of followRange(wire, CATALOG_RANGE, stop.signal)) {
    const spent = performance.now() - begun;
    stop.abort();
    if (item.kind !== "snapshot") throw new Error(`the loop began with a ${item.kind}`);
    complete(item.kvs.length);
    return spent;
  }
  throw new Error("the loop gave nothing");
}

async function plainly(raw: Etcd3): Promise<number> {
  sweepUp();
  const begun = performance.now();
  const kvs: object[] = [];
  const end = Buffer.from(CATALOG_RANGE.end ?? "");
  let [key, revision] = [Buffer.from(CATALOG_RANGE.key), "0"];
  for (let more = true; more; ) {
    const page = await raw.kv.range({ key, range_end: end, limit: PAGE, revision });
    kvs.push(...page.kvs);
    key = Buffer.concat([page.kvs.at(-1)?.key ?? key, Buffer.of(0)]);
    revision = page.header.revision;
    more = page.more;
  }
  const spent = performance.now() - begun;
  complete(kvs.length);
  return spent;
}

async function measure(): Promise<Figure> {
  return await onEtcd(async ({ wire, raw }) => {
    await fill(wire);
    const sides = { theseus: () => throughLoop(wire), raw: () => plainly(raw) };
    await inTurns(sides, WARM_UP);
    const times = await inTurns(sides, ROUNDS);
    const [theseus, plain] = [median(times.theseus), median(times.raw)];
    return {
      ratio: medianRatio(times.theseus, times.raw),
      detail: { theseus_ms: rounded(theseus), raw_ms: rounded(plain), keys: 2 * CONTAINERS, runs: ROUNDS },
    };
  });
}

export const snapshot: Bench = { name: "snapshot", limit: { atMost: 1.3 }, measure };
