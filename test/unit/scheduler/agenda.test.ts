import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Agenda } from "../../../src/scheduler/agenda.js";

type Thing = { readonly name: number; due: number | undefined };

const agendaOf = () => new Agenda<Thing>(({ due }, at) => due === at);

/** Everything in the order in which it comes. */
function taken(agenda: Agenda<Thing>): readonly number[] {
  const names: number[] = [];
  for (let first = agenda.first(); first !== undefined; first = agenda.first()) {
    names.push(first.what.name);
    first.what.due = undefined;
    agenda.drop();
  }
  return names;
}

describe("the agenda", () => {
  it("gives what is due first, of the same time what was added first", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200, size: "max" }), (times) => {
        const agenda = agendaOf();
        const things = times.map((due, name): Thing => ({ name, due }));
        for (const thing of things) agenda.add(thing, thing.due ?? 0);
        const byTime = times.map((due, name) => ({ due, name })).sort((a, b) => a.due - b.due || a.name - b.name);
        expect(taken(agenda)).toEqual(byTime.map(({ name }) => name));
      }),
    );
  });

  it("passes over what was called off, or is due at another time by now", () => {
    const agenda = agendaOf();
    const things = [3, 2, 1].map((due, name): Thing => ({ name, due }));
    for (const thing of things) agenda.add(thing, thing.due ?? 0);
    const [late, off] = things;
    if (late === undefined || off === undefined) throw new Error("three were made");
    off.due = undefined;
    late.due = 0;
    agenda.add(late, 0);
    expect(taken(agenda)).toEqual([0, 2]);
  });

  it("keeps nothing of what is put off again and again", () => {
    let asked = 0;
    const agenda = new Agenda<Thing>(({ due }, at) => {
      asked++;
      return due === at;
    });
    const thing: Thing = { name: 0, due: 0 };
    for (let due = 10_000; due > 0; due--) {
      thing.due = due;
      agenda.add(thing, due);
    }
    const before = asked;
    expect(taken(agenda)).toEqual([0]);
    expect(asked - before).toBeLessThan(100);
    expect(before).toBeLessThan(20_000);
  });
});
