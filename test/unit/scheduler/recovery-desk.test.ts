import { describe, expect, it } from "@jest/globals";
import { TheseusError } from "../../../src/model/errors.js";
import { NOTHING_TO_RECOVER, tokenOf, withWord } from "../../../src/model/recovery.js";
import type { SchedulerStore } from "../../../src/model/store.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

type Reading = Awaited<ReturnType<SchedulerStore["readRecovery"]>>;

type Recovery = {
  readonly read?: (stored: () => Promise<Reading>) => Promise<Reading>;
  readonly write?: SchedulerStore["writeRecovery"];
};

/** The store with other calls for the one record. */
function withRecovery(store: SchedulerStore, { read, write }: Recovery): SchedulerStore {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (name === "readRecovery" && read !== undefined) return () => read(() => target.readRecovery());
      if (name === "writeRecovery" && write !== undefined) return write;
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** Another engine answers than the store knows, and nobody has looked yet. */
async function otherEngine(): Promise<House> {
  const house = new House();
  const first = house.startTerm();
  house.store.ask(WEB, config(2));
  await house.untilReady(2);
  await first.end();
  house.runtime.engineId = "another";
  return house;
}

async function adoptAll(house: House): Promise<void> {
  const { items } = (await house.store.readRecovery())?.value ?? NOTHING_TO_RECOVER;
  const change = { actor: "ann@desk", command: "theseus recover", message: "", time: house.clock.now() };
  house.store.recoverWith((record) => withWord(record, { word: "adopt", token: tokenOf(items), change }));
}

describe("what waits for a word", () => {
  it("has its word on an engine carried out by a leader that read it before the engine answered", async () => {
    const house = await otherEngine();
    const first = house.startTerm();
    await house.clock.advance(60_000);
    await first.end();
    await adoptAll(house);
    const next = house.startTerm();
    await house.clock.advance(60_000);
    expect(house.store.host("local")).toMatchObject({ engineId: "another" });
    expect(await house.store.readRecovery()).toBeUndefined();
    await next.end();
  });

  it("that cannot be understood is gone from the store within seconds, and is not read for ever", async () => {
    const house = new House();
    let reads = 0;
    let broken = true;
    const wrapped = withRecovery(house.store, {
      read: async () => {
        reads++;
        return broken ? { value: NOTHING_TO_RECOVER, modRevision: 77n } : undefined;
      },
      write: async (_fence, record, modRevision) => {
        expect({ record, modRevision }).toEqual({ record: NOTHING_TO_RECOVER, modRevision: 77n });
        broken = false;
        return { ok: true, revision: 78n };
      },
    });
    const term = house.startTerm({ store: wrapped });
    await house.clock.advance(5000);
    expect(broken).toBe(false);
    const before = reads;
    await house.clock.advance(60_000);
    expect(reads).toBe(before);
    await term.end();
  });

  it("complains once in a row of a store that takes no write", async () => {
    const house = await otherEngine();
    const refuse = async (): Promise<never> => {
      throw new TheseusError("STORE_FULL", { what: "the store is full" });
    };
    const term = house.startTerm({ store: withRecovery(house.store, { write: refuse }) });
    await house.clock.advance(60_000);
    expect(term.complaints.filter((text) => text.startsWith("what is to be recovered was not written"))).toHaveLength(
      1,
    );
    await term.end();
  });
});
