// However hasty the checks of a container are and whatever its program does, clients are told of it seldom enough.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { ContainerInfo, ObservedContainer } from "../../src/model/container.js";
import { DEFAULTS } from "../../src/model/defaults.js";
import { type Instant, type Milliseconds, SECOND } from "../../src/model/instant.js";
import { liveState } from "../../src/planner/readiness.js";
import { CheckRecord } from "../../src/scheduler/check-record.js";
import { aGroup, NOW, ready } from "../support/builders.js";

const LOOKS_EVERY: Milliseconds = 250;
const HASTY = { kind: "probe", probes: [], pace: { ...DEFAULTS.health, interval: LOOKS_EVERY } } as const;
const { container: CONTAINER, info: INFO } = ready(aGroup(), 1, { info: { state: "ready", since: NOW - SECOND } });

/** When another state was told, where the checks pass for so long, then fail for so long, and so on. */
function toldAt(stretches: readonly Milliseconds[]): Instant[] {
  if (CONTAINER === undefined || INFO === undefined) throw new Error("there is no container");
  const record = new CheckRecord();
  const times: Instant[] = [];
  let info: ContainerInfo = INFO;
  let now = NOW;
  for (const [turn, length] of stretches.entries()) {
    const seen: ObservedContainer = { ...CONTAINER, verdict: turn % 2 === 0 ? "passing" : "failing" };
    for (const end = now + length; now < end; now += LOOKS_EVERY) {
      const checked = record.noted(seen, { now });
      const { state } = liveState({ ...seen, ...(checked === undefined ? {} : { checked }) }, info, HASTY, now);
      if (state === info.state) continue;
      times.push(now);
      info = { ...info, state, since: now };
    }
  }
  return times;
}

describe("clients of a container whose checks pass and fail in turn", () => {
  const stretch = fc.oneof(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 38, max: 42 }),
    fc.integer({ min: 118, max: 122 }),
    fc.integer({ min: 230, max: 250 }),
  );
  const stretches = fc.array(
    stretch.map((looks) => looks * LOOKS_EVERY),
    { minLength: 2, maxLength: 60 },
  );

  it("are told at most once in ten seconds and once more, over any time, however they do it", () => {
    fc.assert(
      fc.property(stretches, (lengths) => {
        const times = toldAt(lengths);
        for (const [i, from] of times.entries())
          for (const [j, to] of times.entries())
            if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(1 + Math.ceil((to - from) / (10 * SECOND) + 1e-9));
      }),
      { numRuns: 500 },
    );
  });

  it("are told of the first failure at once, and of none that passed for ever", () => {
    expect(toldAt([5 * SECOND, 5 * SECOND])).toEqual([NOW + 5 * SECOND]);
    expect(toldAt([100 * SECOND])).toEqual([]);
    expect(toldAt([SECOND, SECOND, 60 * SECOND])).toEqual([NOW + SECOND, NOW + 12 * SECOND]);
  });
});
