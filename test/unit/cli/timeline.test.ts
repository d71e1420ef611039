import { describe, expect, it } from "@jest/globals";
import { eventColumns, eventLine, eventLineOfGroup, eventObject } from "../../../clients/cli/output/events.js";
import { EventsRead, isOf } from "../../../clients/cli/timeline.js";
import type { Event } from "../../../clients/gen/theseus/v1/rollout.js";

const AT = Date.UTC(2026, 10, 22, 12, 3, 4);

function anEvent(more: Partial<Event> = {}): Event {
  const group = { namespace: "default", service: "web", labels: ["prod"] };
  const what = { kind: "container-failed", text: "c1 ended\nby itself", configRevision: 3n };
  return { time: new Date(AT), actor: "theseus", group, slot: 2, host: "local", ...what, ...more };
}

const UPDATED = anEvent({ actor: "ana@desk", kind: "updated", slot: 0, host: "", text: "" });

describe("an event", () => {
  it("is a row of time, who, what and why", () => {
    const cells = (event: Event, all = false) => eventColumns(all).map(({ value }) => value(event));
    expect(cells(anEvent())).toEqual([
      ...["2026-11-22T12:03:04Z", "theseus", "container-failed web/prod:2 rev 3 on local", "c1 ended by itself"],
    ]);
    expect(cells(UPDATED, true)).toEqual([
      ...["default", "2026-11-22T12:03:04Z", "ana@desk", "updated web/prod rev 3", "-"],
    ]);
    expect(cells(anEvent({ group: undefined, actor: "", slot: 0, configRevision: 0n }), true).slice(0, 4)).toEqual([
      ...["-", "2026-11-22T12:03:04Z", "somebody", "container-failed on local"],
    ]);
  });

  it("is a line that stands for itself, and a shorter one beside its group", () => {
    expect(eventLine(anEvent(), false)).toBe(
      "2026-11-22T12:03:04Z  theseus       container-failed web/prod:2 rev 3 on local  c1 ended by itself\n",
    );
    expect(eventLineOfGroup(anEvent())).toBe(
      "11-22 12:03Z  theseus       container-failed :2 rev 3 on local  c1 ended by itself",
    );
    expect(eventLineOfGroup(UPDATED)).toBe("11-22 12:03Z  ana@desk      updated rev 3");
  });

  it("is an object that says nothing of what it does not know", () => {
    expect(eventObject(UPDATED)).toEqual({
      ...{ time: "2026-11-22T12:03:04.000Z", actor: "ana@desk", what: "updated" },
      ...{ ref: "web/prod", namespace: "default", configRevision: 3 },
    });
  });

  it("is of the group and the slot that are named, and of no other", () => {
    const ref = { namespace: "default", service: "web", labels: ["prod"] };
    const wider = anEvent({ group: { ...ref, labels: ["eu", "prod"] } });
    expect([isOf({ kind: "group", ref }, anEvent()), isOf({ kind: "group", ref }, wider)]).toEqual([true, false]);
    expect(isOf({ kind: "group", ref }, anEvent({ group: undefined }))).toBe(false);
    expect(isOf({ kind: "slot", ref, slot: 2 }, anEvent())).toBe(true);
    expect(isOf({ kind: "slot", ref, slot: 1 }, anEvent())).toBe(false);
  });
});

describe("reading that goes on after a break", () => {
  const later = (ms: number) => anEvent({ time: new Date(AT + ms) });

  it("begins a little before the newest that was told, and tells nothing twice", () => {
    const read = new EventsRead(new Date(AT));
    expect(read.hasBegun).toBe(false);
    expect(read.fresh({ events: [later(0), later(60_000), later(59_000)] })).toHaveLength(3);
    expect(read.since).toEqual(new Date(AT + 55_000));
    expect(read.fresh({ events: [later(59_000), later(60_000), later(61_000)] })).toEqual([later(61_000)]);
    expect(read.hasBegun).toBe(true);
  });

  it("never goes back before what was asked for", () => {
    const read = new EventsRead(new Date(AT));
    read.fresh({ events: [later(1000)] });
    expect(read.since).toEqual(new Date(AT));
  });
});
