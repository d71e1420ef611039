import { describe, expect, it } from "@jest/globals";
import { type GroupRef, groupRef } from "../../../src/model/reference.js";
import { createQueue, type Queue } from "../../../src/scheduler/queue.js";
import { ManualClock } from "../../support/manual-clock.js";
import { evenRng } from "../../support/scheduler-house.js";

const A = groupRef("a", []);
const QUIET = undefined;

class Bench {
  readonly clock = new ManualClock();
  readonly begun: string[] = [];
  readonly failures: unknown[] = [];
  readonly stop = new AbortController();
  running = 0;
  mostAtOnce = 0;
  length = 0;
  result: () => number | undefined = () => QUIET;
  readonly queue: Queue;
  readonly done: Promise<void>;

  constructor(width = 4) {
    this.queue = createQueue({
      clock: this.clock,
      rng: evenRng(),
      end: this.stop.signal,
      width,
      pass: (group) => this.#pass(group),
      failed: (_group, error) => this.failures.push(error),
    });
    this.done = this.queue.run();
  }

  async #pass({ service }: GroupRef): Promise<number | undefined> {
    this.begun.push(`${service}@${this.clock.monotonic()}`);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.running);
    if (this.length > 0) await this.clock.sleep(this.length);
    this.running--;
    return this.result();
  }
}

describe("the queue of groups", () => {
  it("makes exactly one more pass for any number of wake-ups during one", async () => {
    const bench = new Bench();
    bench.length = 100;
    bench.queue.wake(A);
    await bench.clock.advance(50);
    for (let i = 0; i < 5; i++) bench.queue.wake(A);
    await bench.clock.advance(1000);
    expect(bench.begun).toEqual(["a@0", "a@100"]);
  });

  it("makes one pass for several wake-ups before it", async () => {
    const bench = new Bench();
    bench.queue.wake(A);
    bench.queue.wake(A);
    await bench.clock.advance(1000);
    expect(bench.begun).toEqual(["a@0"]);
  });

  it("puts a pass off as long as it may, and no longer than the nearest wake-up", async () => {
    const bench = new Bench();
    bench.queue.wakeWithin(A, 100);
    await bench.clock.advance(40);
    bench.queue.wakeWithin(A, 200);
    await bench.clock.advance(1000);
    bench.queue.wakeWithin(A, 100);
    bench.queue.wake(A);
    await bench.clock.advance(1000);
    expect(bench.begun).toEqual(["a@100", "a@1040"]);
  });

  it("remembers during a pass until when the next one may be put off", async () => {
    const bench = new Bench();
    bench.length = 50;
    bench.queue.wake(A);
    await bench.clock.advance(20);
    bench.queue.wakeWithin(A, 100);
    bench.queue.wakeWithin(A, 300);
    await bench.clock.advance(1000);
    expect(bench.begun).toEqual(["a@0", "a@120"]);
  });

  it("never makes two passes over one group at a time, and as many groups at once as its width", async () => {
    const bench = new Bench(2);
    bench.length = 10;
    for (const service of ["a", "b", "c", "d"]) bench.queue.wake(groupRef(service, []));
    bench.queue.wake(A);
    await bench.clock.advance(100);
    expect(bench.mostAtOnce).toBe(2);
    expect(bench.begun).toEqual(["a@0", "b@0", "c@10", "d@10"]);
  });

  it("looks again when a pass asks for it, or earlier when woken", async () => {
    const bench = new Bench();
    bench.result = () => 500;
    bench.queue.wake(A);
    await bench.clock.advance(200);
    bench.queue.wake(A);
    await bench.clock.advance(600);
    expect(bench.begun).toEqual(["a@0", "a@200", "a@700"]);
  });

  it("tries a failed pass again, later each time, whatever wakes it", async () => {
    const bench = new Bench();
    bench.result = () => {
      throw new Error("no store");
    };
    bench.queue.wake(A);
    await bench.clock.advance(0);
    for (let i = 0; i < 50; i++) bench.queue.wake(A);
    await bench.clock.advance(2000);
    expect(bench.begun).toEqual(["a@0", "a@150", "a@400", "a@850", "a@1700"]);
    expect(bench.failures).toHaveLength(5);
  });

  it("forgets the back-off when woken afresh", async () => {
    const bench = new Bench();
    bench.result = () => {
      throw new Error("no store");
    };
    bench.queue.wake(A);
    await bench.clock.advance(1750);
    bench.result = () => QUIET;
    bench.queue.wakeAfresh(A);
    await bench.clock.advance(0);
    expect(bench.begun.at(-1)).toBe("a@1750");
  });

  it("returns after the end when the running passes are over, and begins no other", async () => {
    const bench = new Bench();
    bench.length = 100;
    bench.queue.wake(A);
    await bench.clock.advance(10);
    bench.queue.wake(A);
    bench.stop.abort();
    await bench.clock.advance(200);
    await bench.done;
    expect(bench.begun).toEqual(["a@0"]);
  });
});
