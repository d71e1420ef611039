import { describe, expect, it } from "@jest/globals";
import type { ObservedContainer } from "../../../src/model/container.js";
import { SECOND } from "../../../src/model/instant.js";
import { CheckRecord } from "../../../src/scheduler/check-record.js";
import { aGroup, NOW, ready } from "../../support/builders.js";

function container(seen: Partial<ObservedContainer>): ObservedContainer {
  const { container: made } = ready(aGroup(), 1, { container: seen });
  if (made === undefined) throw new Error("no container");
  return made;
}

const passing = container({ verdict: "passing" });
const failing = container({ verdict: "failing" });

describe("the record of a container's checks", () => {
  it("says since when they pass, and how often they failed since they had passed for a minute", () => {
    const record = new CheckRecord();
    expect(record.noted(passing, { passingFor: 5, now: NOW })).toEqual({ passingSince: NOW - 5, failures: 0 });
    expect(record.noted(failing, { now: NOW + 1 })).toEqual({ failures: 1 });
    expect(record.noted(failing, { now: NOW + 2 })).toEqual({ failures: 1 });
    expect(record.noted(passing, { now: NOW + 3 })).toEqual({ passingSince: NOW + 3, failures: 1 });
    expect(record.noted(passing, { now: NOW + 9 })).toEqual({ passingSince: NOW + 3, failures: 1 });
    expect(record.noted(failing, { now: NOW + 10 })).toEqual({ failures: 2 });
    const later = NOW + 200 * SECOND;
    expect(record.noted(passing, { now: later })).toEqual({ passingSince: later, failures: 2 });
    expect(record.noted(failing, { now: later + 59 * SECOND })).toEqual({ failures: 3 });
    expect(record.noted(passing, { now: later })).toEqual({ passingSince: later, failures: 3 });
    expect(record.noted(failing, { now: later + 60 * SECOND })).toEqual({ failures: 1 });
  });

  it("does not count one that has never passed", () => {
    const record = new CheckRecord();
    expect(record.noted(failing, { now: NOW })).toEqual({ failures: 0 });
    expect(record.noted(passing, { now: NOW + 1 })).toEqual({ passingSince: NOW + 1, failures: 0 });
  });

  it("goes on where the term before left it: what it told as unhealthy comes back on probation", () => {
    const { info } = ready(aGroup(), 1, { info: { state: "unhealthy", since: NOW } });
    const started = (startedAt: number) => ({ ...passing, startedAt });
    const first = (seen: ObservedContainer, told = info) => new CheckRecord().noted(seen, { now: NOW, told });
    expect(first(started(NOW - 1))).toEqual({ passingSince: NOW, failures: 1 });
    expect(first({ ...failing, startedAt: NOW - 1 })).toEqual({ failures: 1 });
    expect(first(started(NOW + 1))).toEqual({ passingSince: NOW, failures: 0 });
    expect(first(started(NOW - 1), ready(aGroup(), 1, { info: { state: "ready" } }).info)?.failures).toBe(0);
    const record = new CheckRecord();
    record.noted(failing, { now: NOW });
    expect(record.noted(passing, { now: NOW, told: info })).toEqual({ passingSince: NOW, failures: 0 });
  });

  it("goes by Docker where nothing is probed from outside, and not by both", () => {
    const record = new CheckRecord();
    expect(record.noted(container({ health: "healthy" }), { now: NOW })).toEqual({ passingSince: NOW, failures: 0 });
    expect(record.noted(container({ health: "unhealthy" }), { now: NOW })).toEqual({ failures: 1 });
    const both = container({ health: "healthy", verdict: "failing" });
    expect(record.noted(both, { now: NOW })).toEqual({ failures: 0 });
    expect(record.noted(container({ health: "starting" }), { now: NOW })).toBeUndefined();
  });

  it("begins anew with another start, and is forgotten with the container", () => {
    const record = new CheckRecord();
    record.noted(passing, { now: NOW });
    record.noted(failing, { now: NOW });
    const restarted = container({ verdict: "passing", startedAt: NOW });
    expect(record.noted(restarted, { now: NOW })).toEqual({ passingSince: NOW, failures: 0 });
    record.noted({ ...restarted, verdict: "failing" }, { now: NOW });
    record.keepOnly(new Set());
    expect(record.noted(restarted, { now: NOW })).toEqual({ passingSince: NOW, failures: 0 });
  });
});
