import { describe, expect, it } from "@jest/globals";
import { MINUTE } from "../../../src/model/instant.js";
import { Restarts } from "../../../src/scheduler/restarts.js";
import { aGroup, NOW, ready } from "../../support/builders.js";

function container(restartCount: number, startedAt: number) {
  const { container: made } = ready(aGroup(), 1, { container: { restartCount, startedAt } });
  if (made === undefined) throw new Error("no container");
  return made;
}

describe("restarts by the engine", () => {
  it("count for ten minutes each", () => {
    const restarts = new Restarts();
    expect(restarts.recent(container(0, NOW), NOW)).toBe(0);
    expect(restarts.recent(container(1, NOW + MINUTE), NOW + MINUTE)).toBe(1);
    expect(restarts.recent(container(2, NOW + 20 * MINUTE), NOW + 20 * MINUTE)).toBe(1);
    expect(restarts.recent(container(3, NOW + 25 * MINUTE), NOW + 25 * MINUTE)).toBe(2);
    expect(restarts.recent(container(3, NOW + 25 * MINUTE), NOW + 31 * MINUTE)).toBe(1);
  });

  it("of which nobody saw when they were count as of the last start", () => {
    expect(new Restarts().recent(container(5, NOW - MINUTE), NOW)).toBe(5);
    expect(new Restarts().recent(container(5, NOW - 11 * MINUTE), NOW)).toBe(0);
  });

  it("are counted anew when the engine itself was restarted", () => {
    const restarts = new Restarts();
    expect(restarts.recent(container(2, NOW), NOW)).toBe(2);
    expect(restarts.recent(container(0, NOW + MINUTE), NOW + MINUTE)).toBe(0);
    expect(restarts.recent(container(1, NOW + 2 * MINUTE), NOW + 2 * MINUTE)).toBe(1);
  });

  it("are forgotten with their container", () => {
    const restarts = new Restarts();
    restarts.recent(container(0, NOW), NOW);
    restarts.recent(container(1, NOW), NOW);
    restarts.keepOnly(new Set());
    expect(restarts.recent(container(1, NOW - 11 * MINUTE), NOW)).toBe(0);
  });
});
