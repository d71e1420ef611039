// Lookups that wait: how long, and what they say when the time is over, also where the store stands still.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Consistency, type LookupRequest } from "../../clients/gen/theseus/v1/discovery_service.js";
import { type GroupRef, groupRef } from "../../src/model/reference.js";
import { aGroup, anInfo, anIntent } from "../support/builders.js";
import { ManualClock } from "../support/manual-clock.js";
import { until } from "../support/until.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

const MINUTE = 60_000;
const forever = () => new Promise<never>(() => undefined);

function put(rig: Rig, ref: GroupRef, name: string): void {
  const portMappings = { http: { external: 8080, exposed: 80, protocol: "tcp" } } as const;
  const info = { instanceName: name, instanceHost: "10.1.2.3", instancePort: 8080, portMappings };
  rig.store.putContainer({ ...ref, name }, { info });
}

describe("while the store stands still, a lookup answers before its deadline", () => {
  const ref = groupRef("still", ["x"]);
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({ feed: { readSlots: forever, readRollouts: forever } });
    const group = aGroup({ ref, instances: 2 });
    const intent = anIntent(group, { slot: 1 });
    rig.store.putGroup(ref, group.record, "u1");
    rig.store.putContainer({ ...ref, name: intent.name }, { intent, info: anInfo(group, intent, { state: "ready" }) });
    await rig.settled();
    rig.store.presentKeys = forever;
  });
  afterAll(() => rig.close());

  const asked = (more: Partial<Omit<LookupRequest, "target">>) =>
    failureOf(rig.lookupWith({ target: { $case: "group", value: ref }, ...more }, { deadline: Date.now() + 2000 }));

  it("that so many are not ready, though nobody can say what the group lacks", async () => {
    const failed = await asked({ minimum: 2 });
    expect(failed).toMatchObject({ code: 4, reason: "NOT_ENOUGH", text: "1 of at least 2 are ready for still/x" });
    expect(failed.metadata).toMatchObject({ ready: "1" });
  });

  it("that the store was asked, where it has to be linearizable", async () => {
    const consistency = Consistency.LINEARIZABLE;
    const [alone, failed] = await Promise.all([asked({ consistency }), asked({ consistency, minimum: 5 })]);
    expect(alone).toMatchObject({ code: 14, reason: "STORE_UNREACHABLE" });
    expect(failed.reason).toBe("NOT_ENOUGH");
    expect(failed.why).toContain("the store did not say in time");
  });

  it("which revision was waited for, and which one it has", async () => {
    const { revision } = rig.catalog.view();
    const atLeastRevision = revision + 1000n;
    const [failed, short] = await Promise.all([
      asked({ atLeastRevision, minimum: 1 }),
      asked({ atLeastRevision, minimum: 2 }),
    ]);
    expect(failed).toMatchObject({ code: 4, reason: "STILL_RUNNING" });
    expect(failed.metadata).toMatchObject({ at_least_revision: `${revision + 1000n}`, revision: `${revision}` });
    expect(short.reason).toBe("NOT_ENOUGH");
    expect(short.why).toContain(`revision ${revision + 1000n} was waited for`);
  });
});

describe("a lookup for so many", () => {
  const ref = groupRef("patient", ["x"]);
  let clock: ManualClock;
  let rig: Rig;
  beforeAll(async () => {
    clock = new ManualClock(Date.now());
    rig = await startRig({ clock });
    put(rig, ref, "a");
    await rig.settled();
  });
  afterAll(async () => {
    const closed = rig.close();
    await clock.advance(1000);
    await closed;
  });

  /** One that is waiting now. */
  async function waiting(minimum: number, patience: number) {
    const target = { $case: "group" as const, value: ref };
    const answer = rig.lookupWith({ target, minimum }, { deadline: clock.now() + patience });
    let isOver = false;
    answer.then(
      () => (isOver = true),
      () => (isOver = true),
    );
    await rig.lookupWith({ target }, {});
    return { answer, isOver: () => isOver };
  }

  it("waits for as long as its caller does, ten minutes too", async () => {
    const { answer, isOver } = await waiting(2, 10 * MINUTE);
    await clock.advance(9 * MINUTE);
    await rig.lookupWith({ target: { $case: "group", value: ref } }, {});
    expect(isOver()).toBe(false);
    put(rig, ref, "b");
    expect((await answer).endpoints).toHaveLength(2);
  });

  it("says after an hour what there is, however much longer its caller would wait", async () => {
    const { answer } = await waiting(9, 300 * MINUTE);
    await clock.advance(60 * MINUTE);
    expect(await failureOf(answer)).toMatchObject({
      reason: "NOT_ENOUGH",
      text: "2 of at least 9 are ready for patient/x",
    });
  });

  it("without a deadline is answered like any other call, after ten seconds", async () => {
    const answer = rig.discovery.lookup({ target: { $case: "group", value: ref }, minimum: 9 });
    answer.catch(() => undefined);
    await rig.lookupWith({ target: { $case: "group", value: ref } }, {});
    await clock.advance(10_000);
    expect(await failureOf(answer)).toMatchObject({ reason: "NOT_ENOUGH" });
  });

  it("is told to go elsewhere when its server stops", async () => {
    const { answer } = await waiting(9, 10 * MINUTE);
    const stopped = rig.server.stop(1000);
    expect(await failureOf(answer)).toMatchObject({ reason: "NOT_READY", code: 14 });
    await until("the server to have stopped", async () => {
      await clock.advance(1000);
      return true;
    });
    await stopped;
  });
});
