import { describe, expect, it } from "@jest/globals";
import { keepCompacting, PastRevisions } from "../../../src/etcd/compaction.js";
import { TheseusError } from "../../../src/model/errors.js";
import { MINUTE } from "../../../src/model/instant.js";
import type { EtcdWire } from "../../../src/model/ports.js";
import { ManualClock, settle } from "../../support/manual-clock.js";
import { silent } from "../../support/parts.js";

function start() {
  const clock = new ManualClock();
  const compacted: bigint[] = [];
  const store = { revision: 100n, fails: false };
  const wire: Partial<EtcdWire> = {
    range: async () => {
      if (store.fails) throw new TheseusError("STORE_UNREACHABLE", { what: "away" });
      return { kvs: [], more: false, revision: store.revision };
    },
    compact: async (revision) => void compacted.push(revision),
  };
  const past = new PastRevisions();
  const lead = () => {
    const stop = new AbortController();
    return { stop, working: keepCompacting({ wire: wire as EtcdWire, clock, log: silent, past }, stop.signal) };
  };
  return { clock, compacted, store, lead, ...lead() };
}

describe("compaction", () => {
  it("forgets what is older than ten minutes, and nothing before that", async () => {
    const { clock, compacted, store } = start();
    await clock.advance(4 * MINUTE);
    store.revision = 200n;
    await clock.advance(5 * MINUTE);
    store.revision = 300n;
    expect(compacted).toEqual([]);
    await clock.advance(2 * MINUTE);
    expect(compacted).toEqual([100n]);
    await clock.advance(5 * MINUTE);
    expect(compacted).toEqual([100n, 200n]);
  });

  it("goes on after the store was away, and never keeps less", async () => {
    const { clock, compacted, store } = start();
    await clock.advance(MINUTE);
    store.fails = true;
    await clock.advance(10 * MINUTE);
    store.fails = false;
    store.revision = 500n;
    await clock.advance(5 * MINUTE);
    expect(compacted).toEqual([100n]);
    await clock.advance(5 * MINUTE);
    expect(compacted).toEqual([100n]);
    await clock.advance(5 * MINUTE);
    expect(compacted).toEqual([100n, 500n]);
  });

  it("forgets also where no term is as long as what is kept, and no more for that", async () => {
    const { clock, compacted, store, lead, stop } = start();
    let ending = stop;
    for (let minute = 1; minute <= 14; minute++) {
      await clock.advance(MINUTE);
      ending.abort();
      store.revision += 100n;
      ending = lead().stop;
      await settle();
      expect(compacted).toEqual(minute < 10 ? [] : [100n]);
    }
  });

  it("forgets nothing by what it noted before the store was put back", async () => {
    const { clock, compacted, store } = start();
    await clock.advance(6 * MINUTE);
    store.revision = 50n;
    await clock.advance(5 * MINUTE);
    store.revision = 150n;
    await clock.advance(5 * MINUTE);
    expect(compacted).toEqual([]);
    await clock.advance(5 * MINUTE);
    expect(compacted).toEqual([50n]);
  });

  it("ends with its signal", async () => {
    const { clock, compacted, stop, working } = start();
    stop.abort();
    await working;
    await clock.advance(60 * MINUTE);
    expect(compacted).toEqual([]);
  });
});
