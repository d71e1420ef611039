// What the leader remembers of its own writes, and for how long.

import { expect, it } from "@jest/globals";
import { RECOVERY_KEY, slotsKey } from "../../../src/etcd/keys.js";
import { EtcdSchedulerStore } from "../../../src/etcd/scheduler-store.js";
import { NOTHING_TO_RECOVER } from "../../../src/model/recovery.js";
import type { Fence } from "../../../src/model/store.js";
import { ManualClock, settle } from "../../support/manual-clock.js";
import { testParts } from "../../support/parts.js";
import { kv, putEvent, ScriptedWire } from "./scripted-wire.js";

const SLOTS = slotsKey("default", "one");

/** How often a write that this server made is told as another hand's, after what is done between the two. */
async function toldOf(between: (store: EtcdSchedulerStore, fence: Fence) => Promise<unknown>): Promise<number> {
  const wire = new ScriptedWire();
  wire.listing = [kv(SLOTS, 5n)];
  wire.revision = 6n;
  const clock = new ManualClock();
  const store = new EtcdSchedulerStore({ ...testParts(), wire, clock });
  const fence: Fence = { key: "/theseus/leader", createRevision: 1n, lease: 7n };
  let changes = 0;
  const stop = new AbortController();
  const done = store.followRecords(() => void changes++, stop.signal);
  await settle();
  for (const stream of wire.watches) stream.send({ created: true, events: [putEvent(SLOTS, 5n)] });
  await settle();
  wire.revision = 7n;
  await store.writeRecovery(fence, NOTHING_TO_RECOVER, 0n);
  await between(store, fence);
  wire.watches[0]?.send({ events: [putEvent(RECOVERY_KEY, 7n)] });
  await settle();
  await clock.advance(200);
  stop.abort();
  await done;
  return changes;
}

it("a term takes no write for its own that an earlier term of the same server made", async () => {
  expect(await toldOf(async () => undefined)).toBe(0);
  const epoch = { id: "now", createRevision: 3n };
  expect(await toldOf((store, fence) => store.writeEpoch({ ...fence, epoch }, "now", 0))).toBe(0);
  expect(await toldOf((store, fence) => store.writeEpoch(fence, "next", 0))).toBe(1);
});
