import { describe, expect, it } from "@jest/globals";
import { createFold } from "../../../src/catalog/fold.js";
import { reservationsIn } from "../../../src/catalog/reservations.js";
import type { Entry, EntryAt } from "../../../src/model/store.js";
import { aGroup, anIntent } from "../../support/builders.js";

const web = aGroup({ instances: 2, cpu: 0.5, mem: 1024 });
const at = (key: string, entry: Entry): EntryAt => ({ key, entry, modRevision: 1n });

function intent(slot: number): EntryAt {
  const one = anIntent(web, { slot });
  return at(`i${slot}`, { kind: "intent", ref: { ...web.ref, name: one.name }, intent: one });
}

describe("what intents hold, by the mirror", () => {
  it("is every intent with what its group's config asks for", () => {
    const config = at("config", { kind: "config", ref: web.ref, record: web.record });
    const fold = createFold([config, intent(1), intent(2)]);
    const held = reservationsIn(fold.view(1n));
    expect(held.map(({ intent: { slot }, cpu, mem }) => ({ slot, cpu, mem }))).toEqual([
      { slot: 1, cpu: 0.5, mem: 1024 },
      { slot: 2, cpu: 0.5, mem: 1024 },
    ]);
    expect(held.map(({ group }) => group)).toEqual([web.ref, web.ref]);
  });

  it("follows each change, and stays the same object where nothing of its service has changed", () => {
    const fold = createFold([intent(1)]);
    const [before] = reservationsIn(fold.view(1n));
    fold.put(at("other", { kind: "service", ref: { namespace: "default", service: "db" } }));
    expect(reservationsIn(fold.view(2n))[0]).toBe(before);
    fold.put(intent(2));
    expect(reservationsIn(fold.view(3n)).map((one) => one.intent.slot)).toEqual([1, 2]);
    fold.remove("i1");
    expect(reservationsIn(fold.view(4n)).map((one) => one.intent.slot)).toEqual([2]);
  });

  it("counts nothing for a group without a config, and leaves out what cannot be understood", () => {
    const broken = at("b", { kind: "broken", ref: { ...web.ref, name: "x" }, problem: "it is not JSON" });
    const held = reservationsIn(createFold([intent(1), broken]).view(1n));
    expect(held.map(({ cpu, mem }) => [cpu, mem])).toEqual([[0, 0]]);
  });
});
