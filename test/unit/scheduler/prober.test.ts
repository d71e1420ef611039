import { describe, expect, it } from "@jest/globals";
import { DEFAULTS, type Pace } from "../../../src/model/defaults.js";
import { groupRef } from "../../../src/model/reference.js";
import { Prober, type ProbeTarget } from "../../../src/scheduler/prober.js";
import { ManualClock } from "../../support/manual-clock.js";
import { evenRng } from "../../support/scheduler-house.js";

const WEB = groupRef("web", ["dev"]);
const PACE: Pace = { ...DEFAULTS.health, passes: 2, fails: 3 };

function target(options: Partial<ProbeTarget> = {}): ProbeTarget {
  return {
    containerId: "c1",
    name: "web.1.1",
    group: WEB,
    startedAt: 1,
    address: "172.17.0.1",
    probes: [{ probed: { kind: "tcp", port: "http" }, port: 20000 }],
    pace: PACE,
    wasReady: false,
    ...options,
  };
}

class Bench {
  readonly clock = new ManualClock();
  readonly end = new AbortController();
  readonly times: number[] = [];
  readonly changes: number[] = [];
  passes = true;
  slow = 0;
  aborted = 0;
  readonly prober: Prober;

  constructor() {
    const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
    const changed = (): void => void this.changes.push(this.clock.monotonic());
    this.prober = new Prober(
      { probe: { attempt: this.#attempt }, clock: this.clock, rng: evenRng(), log, changed },
      this.end.signal,
    );
  }

  verdict(startedAt: number | undefined = 1): string {
    return this.prober.verdictOf("c1", startedAt);
  }

  readonly #attempt = async (_1: unknown, _2: string, _3: number, _4: number, signal: AbortSignal) => {
    this.times.push(this.clock.monotonic());
    if (this.slow > 0) {
      signal.addEventListener("abort", () => this.aborted++);
      await this.clock.sleep(this.slow);
    }
    return { passed: this.passes, text: `answer ${this.times.length}` };
  };
}

describe("the prober", () => {
  it("tries at once, ever less often up to start_interval, and at interval once it has passed", async () => {
    const bench = new Bench();
    bench.passes = false;
    bench.prober.watch(target());
    await bench.clock.advance(1000);
    expect(bench.times).toEqual([0, 31.25, 93.75, 218.75, 468.75, 718.75, 968.75]);
    bench.passes = true;
    await bench.clock.advance(11_000);
    expect(bench.times.slice(7)).toEqual([1218.75, 1468.75, 6468.75, 11468.75]);
  });

  it("says passing after enough passes in a row, and wakes the group once", async () => {
    const bench = new Bench();
    bench.prober.watch(target());
    await bench.clock.advance(0);
    expect(bench.verdict()).toBe("untried");
    await bench.clock.advance(40);
    expect(bench.verdict()).toBe("passing");
    await bench.clock.advance(60_000);
    expect(bench.changes).toEqual([31.25]);
  });

  it("wakes nobody when what is told as ready passes, only when it fails and passes again", async () => {
    const bench = new Bench();
    bench.prober.watch(target({ wasReady: true }));
    await bench.clock.advance(20_000);
    expect([bench.verdict(), bench.changes]).toEqual(["passing", []]);
    bench.passes = false;
    await bench.clock.advance(20_000);
    expect([bench.verdict(), bench.changes.length]).toEqual(["failing", 1]);
    bench.passes = true;
    await bench.clock.advance(20_000);
    expect([bench.verdict(), bench.changes.length]).toEqual(["passing", 2]);
  });

  it("says how long the attempts have passed, from the first of those that made the verdict", async () => {
    const bench = new Bench();
    const passingFor = () => bench.prober.passingFor("c1", 1);
    bench.passes = false;
    bench.prober.watch(target({ wasReady: true, pace: { ...PACE, interval: 1000 } }));
    await bench.clock.advance(5000);
    expect([bench.verdict(), passingFor()]).toEqual(["failing", undefined]);
    bench.passes = true;
    await bench.clock.advance(1000);
    expect([bench.verdict(), passingFor()]).toEqual(["failing", undefined]);
    await bench.clock.advance(1000);
    const [, ...times] = bench.times.slice(-3);
    expect([bench.verdict(), passingFor()]).toEqual(["passing", bench.clock.monotonic() - (times[0] ?? 0)]);
    bench.passes = false;
    await bench.clock.advance(1000);
    bench.passes = true;
    await bench.clock.advance(3000);
    expect(passingFor()).toBe(bench.clock.monotonic() - (times[0] ?? 0));
  });

  it("stops what is not to be probed any more in a group, and nothing of another one", async () => {
    const bench = new Bench();
    bench.prober.watch(target());
    bench.prober.watch(target({ containerId: "c2" }));
    bench.prober.watch(target({ containerId: "c3", group: groupRef("api", []) }));
    await bench.clock.advance(1000);
    bench.prober.keepOnly(WEB, new Set(["c2"]), bench.clock.monotonic());
    const verdicts = ["c1", "c2", "c3"].map((id) => bench.prober.verdictOf(id, 1));
    expect(verdicts).toEqual(["untried", "passing", "passing"]);
  });

  it("says failing only after enough fails in a row, and passing again after enough passes", async () => {
    const bench = new Bench();
    bench.prober.watch(target({ wasReady: true }));
    await bench.clock.advance(10_000);
    expect(bench.verdict()).toBe("passing");
    bench.passes = false;
    await bench.clock.advance(10_000);
    expect(bench.verdict()).toBe("passing");
    await bench.clock.advance(5_000);
    expect(bench.verdict()).toBe("failing");
    bench.passes = true;
    await bench.clock.advance(10_000);
    expect(bench.verdict()).toBe("passing");
  });

  it("counts no failure within the start period", async () => {
    const bench = new Bench();
    bench.passes = false;
    bench.prober.watch(target({ pace: { ...PACE, startPeriod: 5000 } }));
    await bench.clock.advance(4900);
    expect(bench.verdict()).toBe("untried");
    await bench.clock.advance(1000);
    expect(bench.verdict()).toBe("failing");
  });

  it("passes only when every probe does", async () => {
    const bench = new Bench();
    const probes = [
      { probed: { kind: "tcp", port: "http" } as const, port: 20000 },
      { probed: { kind: "tcp", port: "admin" } as const, port: 20001 },
    ];
    bench.prober.watch(target({ probes }));
    await bench.clock.advance(0);
    expect(bench.times).toHaveLength(2);
  });

  it("starts anew when the container was started anew", async () => {
    const bench = new Bench();
    bench.prober.watch(target());
    await bench.clock.advance(100);
    expect(bench.verdict(1)).toBe("passing");
    expect(bench.verdict(2)).toBe("untried");
    bench.prober.watch(target({ startedAt: 2 }));
    expect(bench.verdict(2)).toBe("untried");
    await bench.clock.advance(100);
    expect(bench.verdict(2)).toBe("passing");
  });

  it("takes the first start time it hears as that of the launch", async () => {
    const bench = new Bench();
    bench.prober.watch(target({ startedAt: undefined }));
    await bench.clock.advance(100);
    bench.prober.watch(target({ startedAt: 7 }));
    expect(bench.verdict(7)).toBe("passing");
    expect(bench.verdict(8)).toBe("untried");
  });

  it("keeps its verdict when the probes of a running container change", async () => {
    const bench = new Bench();
    bench.prober.watch(target());
    await bench.clock.advance(100);
    bench.passes = false;
    bench.prober.watch(target({ probes: [{ probed: { kind: "http", port: "http", path: "/" }, port: 20000 }] }));
    await bench.clock.advance(100);
    expect(bench.verdict()).toBe("passing");
    await bench.clock.advance(20_000);
    expect(bench.verdict()).toBe("failing");
  });

  it("aborts its attempt when the container is no longer there", async () => {
    const bench = new Bench();
    bench.slow = 1000;
    bench.prober.watch(target());
    await bench.clock.advance(10);
    bench.prober.keepOnly(WEB, new Set(), bench.clock.monotonic());
    expect(bench.aborted).toBe(1);
    await bench.clock.advance(10_000);
    expect(bench.times).toEqual([0]);
    expect(bench.verdict()).toBe("untried");
  });

  it("goes on where probing began after the engine was looked at", async () => {
    const bench = new Bench();
    await bench.clock.advance(50);
    bench.prober.watch(target());
    bench.prober.keepOnly(WEB, new Set(), 20);
    await bench.clock.advance(100);
    expect(bench.verdict()).toBe("passing");
  });

  it("keeps the last five answers, also after the container is not probed any more", async () => {
    const bench = new Bench();
    bench.passes = false;
    bench.prober.watch(target());
    expect(bench.prober.answersOf("c1")).toEqual([]);
    await bench.clock.advance(1000);
    const answers = ["answer 3", "answer 4", "answer 5", "answer 6", "answer 7"];
    expect(bench.prober.answersOf("c1")).toEqual(answers);
    bench.prober.keepOnly(WEB, new Set(), bench.clock.monotonic());
    expect(bench.prober.answersOf("c1")).toEqual(answers);
  });

  it("tells what its last attempt saw, until one passes or the container starts anew", async () => {
    const bench = new Bench();
    bench.passes = false;
    bench.prober.watch(target());
    expect(bench.prober.faultOf("c1", 1)).toBeUndefined();
    await bench.clock.advance(10);
    expect(bench.prober.faultOf("c1", 1)).toEqual({ text: expect.stringContaining("answer 1"), times: 1 });
    expect(bench.prober.faultOf("c1", 2)).toBeUndefined();
    bench.passes = true;
    await bench.clock.advance(1000);
    expect(bench.prober.faultOf("c1", 1)).toBeUndefined();
  });

  it("says which port each answer is of where there are several, and forgets what ended long ago", async () => {
    const bench = new Bench();
    const probes = ["http", "admin"].map((port) => ({ probed: { kind: "tcp", port } as const, port: 20000 }));
    bench.prober.watch(target({ probes }));
    await bench.clock.advance(10);
    expect(bench.prober.answersOf("c1")).toEqual(["http: answer 1, admin: answer 2"]);
    for (let i = 2; i <= 300; i++) bench.prober.watch(target({ containerId: `c${i}` }));
    await bench.clock.advance(10);
    bench.prober.keepOnly(WEB, new Set(), bench.clock.monotonic());
    const kept = Array.from({ length: 300 }, (_, i) => bench.prober.answersOf(`c${i + 1}`).length > 0);
    expect(kept.filter(Boolean)).toHaveLength(200);
    expect(kept[299]).toBe(true);
  });

  it("ends with the term", async () => {
    const bench = new Bench();
    bench.prober.watch(target());
    await bench.clock.advance(100);
    bench.end.abort();
    const before = bench.times.length;
    await bench.clock.advance(60_000);
    expect(bench.times).toHaveLength(before);
  });

  it("begins nothing once the term is over", async () => {
    const bench = new Bench();
    bench.end.abort();
    bench.prober.watch(target());
    await bench.clock.advance(60_000);
    expect([bench.times, bench.verdict()]).toEqual([[], "untried"]);
  });
});
