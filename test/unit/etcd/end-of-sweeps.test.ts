// A term that is to end waits for one transaction of its sweeps, not for all of them.

import { describe, expect, it } from "@jest/globals";
import { HistorySweep } from "../../../src/etcd/history-sweep.js";
import { drainKey, historyKey } from "../../../src/etcd/keys.js";
import { EtcdSchedulerStore } from "../../../src/etcd/scheduler-store.js";
import type { OpResult, RangeRequest } from "../../../src/model/ports.js";
import { groupRef } from "../../../src/model/reference.js";
import type { Fence } from "../../../src/model/store.js";
import { testParts } from "../../support/parts.js";
import { kv, ScriptedWire } from "./scripted-wire.js";

const WEB = groupRef("web", ["dev"]);
const over = new Error("the term is over");

/** Drains of five containers that are gone; ends the term at one of the calls. */
class Drains extends ScriptedWire {
  readonly end = new AbortController();
  readonly fence: Fence = { key: "/theseus/leader", createRevision: 1n, lease: 7n, end: this.end.signal };
  readonly calls: string[] = [];
  endsAt = "";

  constructor() {
    super();
    this.listing = [1, 2, 3, 4, 5].map((n) => kv(drainKey({ ...WEB, name: `web.${n}.1-c` }), BigInt(n)));
  }

  #called(call: string): void {
    this.calls.push(call);
    if (this.calls.length === Number(this.endsAt)) this.end.abort(over);
  }

  override async range(request?: RangeRequest) {
    this.#called("range");
    const listing = await super.range(request);
    return request?.end === undefined ? { ...listing, kvs: [] } : listing;
  }

  override async txn() {
    this.#called("txn");
    return super.txn();
  }
}

/** Three hundred configs of one group. */
class History extends ScriptedWire {
  override listing = Array.from({ length: 300 }, (_, i) => kv(historyKey("default", "0123456789abcdef", i + 1), 5n));

  override async txn() {
    const result: OpResult = { op: "range", kvs: this.listing.slice(-1), more: false, revision: 5n };
    return { ...(await super.txn()), results: [result] };
  }
}

describe("the end of a term", () => {
  it.each([
    ["0", { range: 6, txn: 5 }],
    ["7", { range: 6, txn: 1 }],
    ["3", { range: 3, txn: 0 }],
  ])("at call %s of forgetting drains lets no other begin", async (endsAt, counts) => {
    const wire = new Drains();
    wire.endsAt = endsAt;
    await new EtcdSchedulerStore({ ...testParts(), wire }).forgetDrains(wire.fence);
    const count = (call: string) => wire.calls.filter((one) => one === call).length;
    expect({ range: count("range"), txn: count("txn") }).toEqual(counts);
  });

  it.each([
    [false, 3],
    [true, 1],
  ])("ends the sweep of the history: %s", async (ends, committed) => {
    const wire = new History();
    const end = new AbortController();
    const fence: Fence = { key: "/theseus/leader", createRevision: 1n, lease: 7n, end: end.signal };
    let commits = 0;
    await new HistorySweep({ ...testParts(), wire }).run(fence, 0, async () => {
      commits++;
      if (ends) end.abort(over);
      return true;
    });
    expect(commits).toBe(committed);
  });
});
