// Kills the leader between any two of its effects, lets the next one take over, and looks at what is there.

import { describe, expect, it, jest } from "@jest/globals";
import type { GroupConfig } from "../../src/model/group.js";
import { Crash } from "../support/crash.js";
import { CHANGING } from "../support/fake-runtime.js";
import { config, House, WEB } from "../support/scheduler-house.js";

/** Many runs in one test: on a busy machine they take their time. */
jest.setTimeout(120_000);

type Scenario = {
  readonly name: string;
  readonly before: GroupConfig | undefined;
  readonly ask: (house: House) => void;
  readonly wanted: number;
  /** There are at least so many effects to be killed between. */
  readonly effects: number;
  /** So many containers run at every moment. */
  readonly least?: number;
  /** What has become of its rollouts, newest first. */
  readonly ends?: readonly string[];
};

const NEW_IMAGE = "shop-web:2";
/** Its containers exit as soon as they run. */
const BAD_IMAGE = "shop-web:3";
const STOP_FIRST = { order: "stop-first", minHealthyTime: 1000 } as const;
const START_FIRST = { order: "start-first", maxParallel: "2", minHealthyTime: 1000 } as const;
/** The killed leader dies before it, and after it. */
const ANSWER_TAKES = 1500;

const scenarios: readonly Scenario[] = [
  {
    name: "a group of three is created",
    before: undefined,
    ask: ({ store }) => store.ask(WEB, config(3)),
    wanted: 3,
    effects: 14,
  },
  {
    name: "a group is scaled from 2 to 8",
    before: config(2),
    ask: ({ store }) => store.ask(WEB, config(8)),
    wanted: 8,
    effects: 18,
  },
  {
    name: "a group is scaled from 5 to 2",
    before: config(5),
    ask: ({ store }) => store.ask(WEB, config(2)),
    wanted: 2,
    effects: 12,
  },
  {
    name: "the image of a group of three changes, stop-first",
    before: config(3, { update: STOP_FIRST }),
    ask: ({ store }) => store.ask(WEB, config(3, { image: NEW_IMAGE, update: STOP_FIRST })),
    wanted: 3,
    effects: 24,
    least: 2,
    ends: ["done", "done"],
  },
  {
    name: "the image of a group of three changes, two at a time, start-first",
    before: config(3, { update: START_FIRST }),
    ask: ({ store }) => store.ask(WEB, config(3, { image: NEW_IMAGE, update: START_FIRST })),
    wanted: 3,
    effects: 24,
    least: 3,
    ends: ["done", "done"],
  },
  {
    name: "a group of three is restarted",
    before: config(3, { update: STOP_FIRST }),
    ask: ({ store }) => store.askRestart(WEB),
    wanted: 3,
    effects: 24,
    least: 2,
    ends: ["done", "done"],
  },
  {
    name: "a version that exits at once is rolled back, stop-first",
    before: config(3, { update: STOP_FIRST }),
    ask: ({ store }) => store.ask(WEB, config(3, { image: BAD_IMAGE, update: STOP_FIRST })),
    wanted: 3,
    effects: 24,
    least: 2,
    ends: ["done", "rolled_back", "done"],
  },
  {
    name: "a version that exits at once is rolled back, start-first",
    before: config(3, { update: START_FIRST }),
    ask: ({ store }) => store.ask(WEB, config(3, { image: BAD_IMAGE, update: START_FIRST })),
    wanted: 3,
    effects: 24,
    least: 3,
    ends: ["done", "rolled_back", "done"],
  },
  {
    name: "a group of three is removed",
    before: config(3),
    ask: ({ store }) => store.askRemoval(WEB),
    wanted: 0,
    effects: 10,
  },
  {
    name: "a container vanishes",
    before: config(3),
    ask: ({ runtime }) => runtime.vanish(runtime.running()[0]?.spec.name ?? ""),
    wanted: 3,
    effects: 5,
  },
];

/** A server that answers for each drain after a while, and never twice. */
function answerLate({ store, clock }: House): void {
  const asked = new Set<string>();
  store.servers = ["s1"];
  store.watch((ref) => {
    if (ref === "all") return;
    for (const [name, { revision, answers }] of store.snapshot(ref).drains) {
      const drain = `${name} ${revision}`;
      if (answers.size > 0 || asked.has(drain)) continue;
      asked.add(drain);
      void clock.sleep(ANSWER_TAKES).then(() => {
        if (store.snapshot(ref).drains.get(name)?.revision === revision) store.answerDrain(ref, name, "s1");
      });
    }
  });
}

/** Fills with containers whose stop was paid for before everybody had answered that they left. */
function stoppedUnheard({ store }: House): readonly string[] {
  const unheard: string[] = [];
  store.watch((ref) => {
    if (ref === "all") return;
    const { drains } = store.snapshot(ref);
    for (const { name, phase } of store.writes.at(-1)?.write.putIntents ?? []) {
      if (phase === "stopping" && drains.get(name)?.answers.size !== 1) unheard.push(name);
    }
  });
  return unheard;
}

async function prepared(scenario: Scenario): Promise<House> {
  const house = new House();
  house.runtime.images.set(NEW_IMAGE, { pinned: `${NEW_IMAGE}@sha256:2`, hasHealthcheck: false });
  house.runtime.images.set(BAD_IMAGE, { pinned: `${BAD_IMAGE}@sha256:3`, hasHealthcheck: false });
  house.runtime.doomed.add(`${BAD_IMAGE}@sha256:3`);
  house.runtime.latency = { create: 60, start: 200, stop: 100, remove: 50, list: 5 };
  if (scenario.before === undefined) return house;
  house.store.ask(WEB, scenario.before);
  const term = house.startTerm();
  await house.untilReady(scenario.before.instances ?? 1);
  await house.clock.advance(30_000);
  await term.end();
  return house;
}

type Outcome = {
  readonly house: House;
  readonly killed: boolean;
  readonly complaints: readonly string[];
  readonly unheard: readonly string[];
  readonly running: readonly number[];
};

/** Fills with how many containers ran after each end of one; those of the bad image never count. */
function runningAfterEnds({ runtime }: House): readonly number[] {
  const counts: number[] = [];
  runtime.onEnd = () => {
    counts.push(runtime.running().filter(({ spec }) => !runtime.doomed.has(spec.image)).length);
  };
  return counts;
}

/** Asks for the change, kills the leader after its k-th effect, and lets another one finish. */
async function killedAfter(scenario: Scenario, k: number): Promise<Outcome> {
  const house = await prepared(scenario);
  answerLate(house);
  const unheard = stoppedUnheard(house);
  const running = runningAfterEnds(house);
  const crash = new Crash(k);
  scenario.ask(house);
  house.startTerm({ store: crash.store(house.store), runtimes: crash.runtimes(house.runtimes) });
  for (let waited = 0; waited < 15_000 && !crash.happened; waited += 50) await house.clock.advance(50);
  await house.clock.advance(500);
  const term = house.startTerm();
  await house.clock.advance(120_000);
  await term.end();
  return { house, killed: crash.happened, complaints: term.complaints, unheard, running };
}

function expectExactly({ house, complaints }: Outcome, wanted: number): void {
  const { runtime, store } = house;
  const containers = [...runtime.containers.values()];
  expect(containers.map(({ status }) => status)).toEqual(Array.from({ length: wanted }, () => "running"));
  const slots = containers.map(({ spec }) => spec.owner.slot).sort();
  expect(slots).toEqual(Array.from({ length: wanted }, (_, i) => i + 1));
  const names = containers.map(({ spec }) => spec.name).sort();
  expect(
    store
      .intents(WEB)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(names);
  const told = store.infos(WEB).filter(({ state }) => state === "ready");
  expect(told.map(({ instanceName }) => instanceName).sort()).toEqual(names);
  const ports = containers.flatMap(({ spec }) => Object.values(spec.hostPorts));
  expect(new Set(ports).size).toBe(wanted);
  expect(store.snapshot(WEB).slots?.value.attention ?? []).toEqual([]);
  expect(complaints).toEqual([]);
}

describe("a leader that is killed between any two effects", () => {
  it.each(scenarios)("leaves what its successor brings to exactly what was asked: $name", async (scenario) => {
    let k = 1;
    for (; ; k++) {
      const outcome = await killedAfter(scenario, k);
      expectExactly(outcome, scenario.wanted);
      expect(everyGenerationOnce(outcome.house)).toBe(true);
      expect(outcome.unheard).toEqual([]);
      if (scenario.least !== undefined) expect(Math.min(...outcome.running)).toBeGreaterThanOrEqual(scenario.least);
      const { rollouts = [] } = outcome.house.store.snapshot(WEB).rollouts?.value ?? {};
      if (scenario.ends !== undefined) expect(rollouts.map(({ state }) => state)).toEqual(scenario.ends);
      expect(withoutEvidence(outcome.house)).toEqual([]);
      if (!outcome.killed) break;
    }
    expect(k).toBeGreaterThan(scenario.effects);
  });

  it("leaves nothing to do for a successor when all was done", async () => {
    const [scenario] = scenarios;
    if (scenario === undefined) throw new Error("no scenario");
    const { house } = await killedAfter(scenario, 10_000);
    const changes = CHANGING.map((method) => house.runtime.count(method));
    const writes = house.store.writes.length;
    house.startTerm();
    await house.clock.advance(300_000);
    expect(CHANGING.map((method) => house.runtime.count(method))).toEqual(changes);
    expect(house.store.writes.length).toBe(writes);
  });
});

/** Containers that ended by themselves, are gone, and left no word of why. */
function withoutEvidence({ runtime, store }: House): readonly string[] {
  const gone = runtime.failed.filter(
    (name) => ![...runtime.containers.values()].some(({ spec }) => spec.name === name),
  );
  return gone.filter((name) => store.evidence.get(name)?.exitCode === undefined);
}

/** No two containers were ever created for one generation of a slot. */
function everyGenerationOnce({ runtime, store }: House): boolean {
  const assigned = store.writes.flatMap(({ write }) =>
    (write.putIntents ?? []).filter(({ phase }) => phase === "creating").map(({ name }) => name),
  );
  const started = runtime.calls.filter((call) => call.startsWith("create ")).map((call) => call.slice(7));
  return new Set(assigned).size === assigned.length && started.every((name) => assigned.includes(name));
}
