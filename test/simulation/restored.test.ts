// The store goes back to an older backup while containers run on that are younger than it: nothing happens to them until
// a person has spoken, and then exactly that.

import { describe, expect, it, jest } from "@jest/globals";
import type { GroupConfig } from "../../src/model/group.js";
import { type RecoveryRecord, tokenOf, type Word, withWord } from "../../src/model/recovery.js";
import { type GroupRef, groupRef } from "../../src/model/reference.js";
import { CHANGING, type FakeRuntime } from "../support/fake-runtime.js";
import { config, House, WEB } from "../support/scheduler-house.js";

jest.setTimeout(60_000);

const NEW_IMAGE = "shop-web:2";
const JOBS = groupRef("jobs", ["nightly"], "shop");
const CALM = groupRef("calm", ["dev"]);
const HARMFUL = CHANGING.filter((method) => method === "stop" || method === "remove" || method === "create");

/** web/dev is scaled up and gets another image after the backup, jobs/nightly is made after it, calm/dev is older. */
async function restored(more: Partial<GroupConfig> = {}): Promise<House> {
  const house = new House();
  house.runtime.images.set(NEW_IMAGE, { pinned: `${NEW_IMAGE}@sha256:2`, hasHealthcheck: false });
  const term = house.startTerm();
  house.store.ask(WEB, config(2));
  house.store.ask(CALM, config(2));
  await house.untilReady(2);
  await house.untilReady(2, CALM);
  await house.clock.advance(60_000);
  const restore = house.store.backUp();
  house.store.ask(WEB, config(4, { image: NEW_IMAGE, ...more }));
  house.store.ask(JOBS, config(3));
  await house.untilReady(4);
  await house.untilReady(3, JOBS);
  await house.clock.advanceUntil(
    () => imagesOf(house.runtime, WEB).every((image) => image.startsWith(NEW_IMAGE)),
    60_000,
  );
  await house.clock.advance(60_000);
  await term.end();
  restore();
  return house;
}

function imagesOf(runtime: FakeRuntime, group: GroupRef): string[] {
  return runtime
    .running()
    .filter(({ spec }) => spec.owner.group.service === group.service)
    .map(({ spec }) => spec.image);
}

const idsOf = (house: House) => house.runtime.running().map(({ id }) => id);
const counts = (house: House, methods = CHANGING) => methods.map((method) => house.runtime.count(method));

async function recordOf(house: House): Promise<RecoveryRecord> {
  const stored = await house.store.readRecovery();
  if (stored === undefined) throw new Error("nothing waits");
  return stored.value;
}

async function say(house: House, word: Word, message = ""): Promise<void> {
  const { items } = await recordOf(house);
  const change = { actor: "ann@desk", command: "theseus recover", message, time: house.clock.now() };
  house.store.recoverWith((record) => withWord(record, { word, token: tokenOf(items), change }));
}

describe("after the store was restored from an older backup", () => {
  it("nothing is stopped, removed or made over what is younger, and all of it is named", async () => {
    const house = await restored();
    const before = idsOf(house);
    const done = counts(house, HARMFUL);
    const term = house.startTerm();
    await house.clock.advance(30 * 60_000);
    expect(idsOf(house)).toEqual(before);
    expect(counts(house, HARMFUL)).toEqual(done);
    const { items } = await recordOf(house);
    const younger = house.runtime.running().filter(({ spec }) => spec.owner.group.service !== "calm");
    expect(items.map(({ id }) => id).sort()).toEqual(younger.map(({ id }) => id).sort());
    for (const { spec } of younger) {
      expect(term.complaints.filter((text) => text.includes(spec.name))).toHaveLength(1);
    }
    const told = house.store.snapshot(WEB).slots?.value.attention.map(({ text }) => text) ?? [];
    expect(told).toHaveLength(4);
    expect(house.store.infos(CALM).every(({ state }) => state === "ready")).toBe(true);
    await term.end();
  });

  it("other groups go on, on ports that what is younger does not hold", async () => {
    const house = await restored();
    const term = house.startTerm();
    const held = new Set(house.runtime.running().flatMap(({ spec }) => Object.values(spec.hostPorts)));
    const fresh = groupRef("fresh", ["dev"]);
    house.store.ask(fresh, config(3));
    house.store.ask(CALM, config(3));
    await house.untilReady(3, fresh);
    await house.untilReady(3, CALM);
    const made = house.runtime.running().filter(({ spec }) => spec.owner.group.service === "fresh");
    expect(made.flatMap(({ spec }) => Object.values(spec.hostPorts)).filter((port) => held.has(port))).toEqual([]);
    await term.end();
  });

  it("adopted, the same containers are the groups again, and nothing was stopped for it", async () => {
    const house = await restored({ weight: 50 });
    const before = idsOf(house);
    const done = counts(house, HARMFUL);
    const term = house.startTerm();
    await house.clock.advance(60_000);
    await say(house, "adopt", "the backup was old");
    await house.untilReady(4);
    await house.untilReady(3, JOBS);
    await house.clock.advance(20 * 60_000);
    expect(idsOf(house)).toEqual(before);
    expect(counts(house, HARMFUL)).toEqual(done);
    expect(await house.store.readRecovery()).toBeUndefined();
    const record = house.store.snapshot(WEB).record?.value;
    expect(record).toMatchObject({
      configRevision: 3,
      config: { image: NEW_IMAGE, instances: 4, weight: 50 },
      change: { actor: "ann@desk", message: "recovered: the backup was old" },
    });
    expect(house.store.snapshot(WEB).slots?.value.attention).toEqual([]);
    expect(house.store.snapshot(JOBS).uid).toBe(
      house.runtime.running().find(({ spec }) => spec.owner.group.service === "jobs")?.spec.owner.groupUid,
    );
    for (const group of [WEB, JOBS]) {
      for (const intent of house.store.intents(group)) {
        const container = house.runtime.running().find(({ spec }) => spec.name === intent.name);
        expect(intent.hostPorts).toEqual(container?.spec.hostPorts);
      }
    }
    house.store.ask(WEB, config(5, { image: NEW_IMAGE }));
    house.store.ask(JOBS, config(1));
    await house.untilReady(5);
    await house.untilReady(1, JOBS);
    await term.end();
  });

  it("removed, exactly those go, no name is used again, and the group is as the backup has it", async () => {
    const house = await restored();
    const younger = house.runtime.running().filter(({ spec }) => spec.owner.group.service !== "calm");
    const calm = idsOf(house).filter((id) => !younger.some((one) => one.id === id));
    const term = house.startTerm();
    await house.clock.advance(60_000);
    await say(house, "remove");
    await house.clock.advance(60_000);
    await house.untilReady(2);
    for (const { id } of younger) expect(house.runtime.containers.has(id)).toBe(false);
    expect(idsOf(house)).toEqual(expect.arrayContaining(calm));
    expect(await house.store.readRecovery()).toBeUndefined();
    const used = new Set(younger.map(({ spec }) => spec.name));
    expect(house.runtime.running().filter(({ spec }) => used.has(spec.name))).toEqual([]);
    expect(house.runtime.running()).toHaveLength(4);
    expect(imagesOf(house.runtime, WEB).every((image) => !image.startsWith(NEW_IMAGE))).toBe(true);
    expect(house.store.snapshot(JOBS).uid).toBeUndefined();
    await term.end();
  });

  it.each(["adopt", "remove"] as const)("a word to %s is carried out by the next leader too", async (word) => {
    const house = await restored();
    const first = house.startTerm();
    await house.clock.advance(60_000);
    await first.end();
    await say(house, word);
    const done = counts(house, ["stop"]);
    const next = house.startTerm();
    await house.clock.advance(60_000);
    await house.untilReady(word === "adopt" ? 4 : 2);
    expect(await house.store.readRecovery()).toBeUndefined();
    expect(counts(house, ["stop"])[0]).toBe((done[0] ?? 0) + (word === "adopt" ? 0 : 7));
    await next.end();
  });

  it("a group that was removed and made again has the younger one's place when that is adopted", async () => {
    const house = new House();
    const first = house.startTerm();
    house.store.ask(WEB, config(2));
    await house.untilReady(2);
    await house.clock.advance(60_000);
    const restore = house.store.backUp();
    house.store.askRemoval(WEB);
    await house.clock.advanceUntil(() => house.store.snapshot(WEB).uid === undefined, 60_000);
    house.store.ask(WEB, config(3));
    await house.untilReady(3);
    await house.clock.advance(60_000);
    await first.end();
    restore();
    const before = idsOf(house);
    const next = house.startTerm();
    await house.clock.advance(60_000);
    expect(idsOf(house)).toEqual(before);
    await say(house, "adopt");
    await house.untilReady(3);
    await house.clock.advance(60_000);
    expect(idsOf(house)).toEqual(before);
    expect(house.store.intents(WEB)).toHaveLength(3);
    await next.end();
  });
});

describe("two that the store does not know in one slot", () => {
  it("one is adopted, and the other runs on, over a change of leader too, until it is to go itself", async () => {
    const house = await restored();
    const older = house.runtime.running().find(({ spec: { owner } }) => ofWeb(owner) && owner.slot === 1);
    if (older === undefined) throw new Error("slot 1 does not run");
    const generation = older.spec.owner.generation + 1;
    const owner = { ...older.spec.owner, generation };
    const name = older.spec.name.replace(/\.\d+-/, `.${generation}-`);
    const younger = { ...older, id: "younger", spec: { ...older.spec, name, owner, hostPorts: { http: 29_999 } } };
    house.runtime.containers.set(younger.id, younger);
    const before = idsOf(house);
    const first = house.startTerm();
    await house.clock.advance(60_000);
    await say(house, "adopt");
    await house.clock.advance(30 * 60_000);
    await first.end();
    const next = house.startTerm();
    await house.clock.advance(30 * 60_000);
    expect(idsOf(house)).toEqual(before);
    expect(house.store.intents(WEB)).toContainEqual(expect.objectContaining({ slot: 1, generation }));
    expect((await recordOf(house)).items).toMatchObject([{ id: older.id, takes: ["remove"] }]);
    await say(house, "remove");
    await house.clock.advance(60_000);
    expect(idsOf(house)).toEqual(before.filter((id) => id !== older.id));
    expect(await house.store.readRecovery()).toBeUndefined();
    await next.end();
  });
});

const ofWeb = ({ group }: { readonly group: GroupRef }) => group.service === WEB.service;

describe("an engine with another ID", () => {
  it("stays silent until a person accepts it, and is then the host's", async () => {
    const house = new House();
    const first = house.startTerm();
    house.store.ask(WEB, config(2));
    await house.untilReady(2);
    await first.end();
    house.runtime.engineId = "another";
    const done = counts(house, HARMFUL);
    const next = house.startTerm();
    await house.clock.advance(5 * 60_000);
    expect(counts(house, HARMFUL)).toEqual(done);
    const { items } = await recordOf(house);
    expect(items).toMatchObject([{ kind: "engine", id: "another", host: "local", takes: ["adopt"] }]);
    await say(house, "adopt");
    await house.clock.advance(10_000);
    expect(house.store.host("local")).toMatchObject({ engineId: "another" });
    expect(house.store.host("local")?.problem).toBeUndefined();
    expect(await house.store.readRecovery()).toBeUndefined();
    house.store.ask(WEB, config(3));
    await house.untilReady(3);
    await next.end();
  });
});
