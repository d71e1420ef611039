// From a put to its event, through our loop and through etcd's raw watch stream: both are open, each on keys of its own,
// and the puts go to the one and the other in turns.

import type { Etcd3 } from "etcd3";
import { below } from "../../src/etcd/keys.js";
import { type Bench, type Figure, inTurns, median, medianRatio } from "./bench.js";
import { type Bed, containerRecords, followRange, onEtcd } from "./raw-etcd.js";

const PUTS = 2000;
const WARM_UP = 300;
const LOOP = "/namespaces/loop/";
const RAW = "/namespaces/raw/";

/** An open watch: `came` is called for each event of it. */
class Watch {
  readonly prefix: string;
  came: () => void = () => undefined;

  constructor(prefix: string) {
    this.prefix = prefix;
  }
}

/** Milliseconds from the put until the watch shows it. */
async function latency(raw: Etcd3, watch: Watch): Promise<number> {
  const [record] = containerRecords(0);
  if (record?.op !== "put") throw new Error("there is no record to put");
  const [key, value] = [Buffer.from(watch.prefix + record.key.slice(1)), Buffer.from(record.value)];
  const came = new Promise<number>((resolve) => {
    watch.came = () => resolve(performance.now());
  });
  const begun = performance.now();
  const [at] = await Promise.all([came, raw.kv.put({ key, value })]);
  return at - begun;
}

/** Our loop over the wire. */
async function withLoop<T>({ wire }: Bed, work: (watch: Watch) => Promise<T>): Promise<T> {
  const [stop, watch] = [new AbortController(), new Watch(LOOP)];
  let watching = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    watching = resolve;
  });
  const followed = (async () => {
    for await (const { kind } of followRange(wire, below(LOOP), stop.signal)) {
      if (kind === "delta") watch.came();
      // The first bookmark is the answer to the opening of the watch.
      else if (kind === "bookmark") watching();
    }
  })();
  try {
    await ready;
    return await work(watch);
  } finally {
    stop.abort();
    await followed;
  }
}

async function withRaw<T>({ raw }: Bed, work: (watch: Watch) => Promise<T>): Promise<T> {
  const watch = new Watch(RAW);
  const { key, end } = below(RAW);
  const stream = await raw.watchClient.watch();
  try {
    const ready = new Promise<void>((resolve, reject) => {
      stream.on("error", reject);
      stream.on("data", ({ created, events }) => {
        if (created) resolve();
        else if (events.length > 0) watch.came();
      });
    });
    stream.write({ create_request: { key: Buffer.from(key), range_end: Buffer.from(end) } });
    await ready;
    return await work(watch);
  } finally {
    stream.cancel();
  }
}

async function compared(bed: Bed, loop: Watch, raw: Watch): Promise<Figure> {
  const sides = { theseus: () => latency(bed.raw, loop), raw: () => latency(bed.raw, raw) };
  await inTurns(sides, WARM_UP);
  const times = await inTurns(sides, PUTS);
  const [theseus, plain] = [median(times.theseus), median(times.raw)];
  const hundredths = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;
  return {
    ratio: medianRatio(times.theseus, times.raw),
    detail: { theseus_p50_ms: hundredths(theseus), raw_p50_ms: hundredths(plain), puts: PUTS },
  };
}

const measure = (): Promise<Figure> =>
  onEtcd((bed) => withLoop(bed, (loop) => withRaw(bed, (raw) => compared(bed, loop, raw))));

export const watchLatency: Bench = { name: "watch-latency", limit: { atMost: 1.25 }, measure };
