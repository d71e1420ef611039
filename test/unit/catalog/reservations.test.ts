import { describe, expect, it } from "@jest/globals";
import { createFold } from "../../../src/catalog/fold.js";
import { reservationsIn } from "../../../src/catalog/reservations.js";
import { groupId, groupRef } from "../../../src/model/reference.js";
import type { Entry, EntryAt } from "../../../src/model/store.js";
import { aGroup, anIntent } from "../../support/builders.js";

const web = aGroup({ instances: 2, cpu: 0.5, mem: 1024 });
const at = (key: string, entry: Entry): EntryAt => ({ key, entry, modRevision: 1n });

/** Of a version that did not write down what it reserves. */
function intent(slot: number): EntryAt {
  const { reserves: _, ...one } = anIntent(web, { slot });
  return at(`i${slot}`, { kind: "intent", ref: { ...web.ref, name: one.name }, intent: one });
}

describe("what intents hold, by the mirror", () => {
  it("is every intent with what its group's config asks for", () => {
    const config = at("config", { kind: "config", ref: web.ref, record: web.record });
    const fold = createFold([config, intent(1), intent(2)]);
    const [held] = reservationsIn(fold.view(1n));
    expect(held?.id).toBe(groupId(web.ref));
    expect(held?.reservations.map(({ intent: { slot }, cpu, mem }) => ({ slot, cpu, mem }))).toEqual([
      { slot: 1, cpu: 0.5, mem: 1024 },
      { slot: 2, cpu: 0.5, mem: 1024 },
    ]);
    expect(held?.reservations.map(({ group }) => group)).toEqual([web.ref, web.ref]);
  });

  it("is what the container was made with, whatever the config says by now", () => {
    const config = at("config", { kind: "config", ref: web.ref, record: web.record });
    const { ref } = web;
    const entries = [{ mem: 4096 }, {}].map((reserves, i) => {
      const one = anIntent(web, { slot: i + 1, reserves });
      return at(`i${i}`, { kind: "intent", ref: { ...ref, name: one.name }, intent: one });
    });
    const [held] = reservationsIn(createFold([config, ...entries]).view(1n));
    expect(held?.reservations.map(({ cpu, mem }) => [cpu, mem])).toEqual([
      [0, 4096],
      [0, 0],
    ]);
  });

  it("follows each change, and stays the same object where nothing of its group has changed", () => {
    const fold = createFold([intent(1)]);
    const slots = (revision: bigint) =>
      reservationsIn(fold.view(revision)).map(({ reservations }) => reservations.map((one) => one.intent.slot));
    const [before] = reservationsIn(fold.view(1n));
    fold.put(at("other", { kind: "group", ref: groupRef("web", ["prod"]), uid: "u2", created: 1 }));
    expect(reservationsIn(fold.view(2n))).toEqual([before]);
    expect(reservationsIn(fold.view(2n))[0]).toBe(before);
    expect(reservationsIn(fold.view(3n))).toBe(reservationsIn(fold.view(2n)));
    fold.put(intent(2));
    expect(slots(3n)).toEqual([[1, 2]]);
    fold.remove("i1");
    expect(slots(4n)).toEqual([[2]]);
    fold.remove("i2");
    expect(slots(5n)).toEqual([]);
  });

  it("counts nothing for a group without a config, and leaves out what cannot be understood", () => {
    const broken = at("b", { kind: "broken", ref: { ...web.ref, name: "x" }, problem: "it is not JSON" });
    const [held] = reservationsIn(createFold([intent(1), broken]).view(1n));
    expect(held?.reservations.map(({ cpu, mem }) => [cpu, mem])).toEqual([[0, 0]]);
  });
});
