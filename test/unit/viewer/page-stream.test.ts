import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { pauseBefore } from "../../../clients/viewer/page/live/backoff.js";
import { linkWord } from "../../../clients/viewer/page/live/link-word.js";
import { Refused } from "../../../clients/viewer/page/live/ports.js";
import { EventReader } from "../../../clients/viewer/page/live/sse.js";
import { Stream } from "../../../clients/viewer/page/live/stream.js";
import { truthOf } from "../../support/viewer-rows.js";

/** A connection that the test speaks through. */
class Line {
  readonly path: string;
  readonly cursor: string;
  #queue: (string | Error | null)[] = [];
  #wake: () => void = () => {};

  constructor(path: string, cursor: string) {
    this.path = path;
    this.cursor = cursor;
  }
  say(text: string | Error | null): void {
    this.#queue.push(text);
    this.#wake();
  }
  async *chunks(): AsyncGenerator<string> {
    for (;;) {
      const next = this.#queue.shift();
      if (next === null) return;
      if (next instanceof Error) throw next;
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

const BEGIN = 1_000_000;

function stage(answer?: () => Error | Promise<never> | undefined) {
  let time = BEGIN;
  const timers: { at: number; run: () => void }[] = [];
  const lines: Line[] = [];
  const seen: string[] = [];
  const stream = new Stream(
    () => "/api/stream",
    {
      event: ({ name, data }) => seen.push(`${name} ${data}`),
      refused: (why) => seen.push(`refused ${why.code}`),
      failed: (why) => seen.push(`failed ${why.code}`),
    },
    {
      now: () => time,
      chance: () => 0.5,
      after: (milliseconds, run) => {
        const timer = { at: time + milliseconds, run };
        timers.push(timer);
        return () => {
          if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
        };
      },
      open: async (path, cursor) => {
        const error = answer?.();
        const line = new Line(path, cursor);
        lines.push(line);
        if (error instanceof Error) throw error;
        if (error !== undefined) return error;
        return line.chunks();
      },
    },
  );
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const turn = async (milliseconds: number) => {
    time += milliseconds;
    for (const timer of timers.filter(({ at }) => at <= time)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.run();
    }
    await settle();
  };
  const last = (): Line => {
    const line = lines.at(-1);
    if (line === undefined) throw new Error("nothing was opened");
    return line;
  };
  return { stream, lines, seen, timers, turn, settle, last, now: () => time };
}

describe("the stream of a page", () => {
  it("goes on from the last event it has read when its connection ends", async () => {
    const { stream, seen, settle, turn, last, lines } = stage();
    stream.start();
    await settle();
    expect(last().cursor).toBe("");
    last().say("id: c-1\nevent: delta\ndata: 1\n\n");
    await settle();
    expect(stream.state).toEqual({ state: "live", lostAt: 0, nextTry: 0 });
    last().say(null);
    await settle();
    expect(stream.state).toEqual({ state: "waiting", lostAt: BEGIN, nextTry: BEGIN + 1_500 });
    await turn(1_500);
    expect(lines).toHaveLength(2);
    expect(last().cursor).toBe("c-1");
    expect(seen).toEqual(["delta 1"]);
  });

  it("is tried again at once when it had worked, and only then waits", async () => {
    const { stream, turn, last, settle, lines, now } = stage();
    stream.start();
    await settle();
    last().say("data: x\n\n");
    await turn(1_000);
    last().say(new Error("net::ERR_NETWORK_CHANGED"));
    await settle();
    expect(stream.state.nextTry - now()).toBe(50);
    await turn(50);
    expect(lines).toHaveLength(2);
    last().say(null);
    await settle();
    expect(stream.state.nextTry - now()).toBe(1_500);
  });

  it("waits longer from try to try, between 1 and 30 s", async () => {
    const { stream, turn, last, settle, now } = stage(() => new Error("refused"));
    stream.start();
    await settle();
    const pauses: number[] = [];
    for (let tries = 0; tries < 8; tries += 1) {
      const pause = stream.state.nextTry - now();
      pauses.push(pause);
      expect(stream.state.lostAt).toBe(BEGIN);
      await turn(pause);
      expect(last().path).toBe("/api/stream");
    }
    expect(pauses).toEqual([1_500, 2_500, 4_500, 8_500, 15_500, 15_500, 15_500, 15_500]);
  });

  it("takes a minute of silence for death, and anything that is said for life", async () => {
    const { stream, turn, last, settle, lines } = stage();
    stream.start();
    await settle();
    await turn(59_000);
    last().say(":\n");
    await settle();
    await turn(59_000);
    expect(stream.state.state).toBe("live");
    await turn(1_000);
    expect(stream.state.state).toBe("waiting");
    await turn(2_000);
    expect(lines).toHaveLength(2);
  });

  it("tries at once when somebody looks, and doubts a line that was silent for longer than a ping takes", async () => {
    const { stream, turn, last, settle, lines } = stage();
    stream.start();
    await settle();
    last().say(null);
    await settle();
    stream.wake();
    await settle();
    expect(lines).toHaveLength(2);
    stream.wake();
    expect(lines).toHaveLength(2);
    await turn(26_000);
    stream.wake();
    await settle();
    expect(lines).toHaveLength(3);
  });

  it("makes a try anew that has had no answer for a while when somebody looks, and not before", async () => {
    const { stream, turn, timers, settle } = stage(() => new Promise<never>(() => undefined));
    stream.start();
    await settle();
    const [begun] = timers;
    stream.wake();
    expect(timers).toEqual([begun]);
    await turn(4_000);
    stream.wake();
    expect([timers.length, timers.includes(begun as never), stream.state.state]).toEqual([1, false, "connecting"]);
  });

  it("is lost since it was last heard, where it was silent, and since it ended otherwise", async () => {
    const { stream, turn, last, settle, now } = stage();
    stream.start();
    await settle();
    last().say("event: ping\ndata: {}\n\n");
    await settle();
    const heard = now();
    await turn(50_000);
    stream.wake();
    expect(stream.state.lostAt).toBe(heard);
    await settle();
    await turn(2_000);
    last().say(null);
    await settle();
    expect(stream.state.lostAt).toBe(now());
  });

  it("is not tried again where the server will not, and is where it cannot; both times it is said why", async () => {
    for (const [status, state] of [
      [404, "refused"],
      [429, "waiting"],
      [503, "waiting"],
    ] as const) {
      const { stream, seen, settle } = stage(() => new Refused(status, { code: "X", message: "no" }));
      stream.start();
      await settle();
      expect(stream.state.state).toBe(state);
      expect(seen).toEqual([status === 404 ? "refused X" : "failed X"]);
    }
  });

  it("leaves no timer behind when it is closed", async () => {
    const { stream, settle, timers, last } = stage();
    stream.start();
    await settle();
    stream.close();
    last().say("data: late\n\n");
    await settle();
    expect(timers).toEqual([]);
    expect(stream.state.state).toBe("closed");
  });

  it("never waits less than 1 s or more than 30 s", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (tries, chance) => {
        const pause = pauseBefore(tries, chance);
        expect(pause).toBeGreaterThanOrEqual(1_000);
        expect(pause).toBeLessThanOrEqual(30_000);
      }),
    );
  });
});

describe("server-sent events", () => {
  it("are read the same however the text is cut", () => {
    const text =
      'id: 7\r\nevent: delta\r\ndata: {"a":1}\r\n\r\n: ping\n\ndata: two\ndata: lines\n\nevent: empty\n\nid: 8\ndata:x\n\n';
    const whole = new EventReader().feed(text);
    expect(whole).toEqual([
      { name: "delta", data: '{"a":1}', id: "7" },
      { name: "message", data: "two\nlines", id: "7" },
      { name: "message", data: "x", id: "8" },
    ]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 12 }), (cuts) => {
        const reader = new EventReader();
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const events = places.slice(1).flatMap((place, at) => reader.feed(text.slice(places[at], place)));
        expect(events).toEqual(whole);
      }),
    );
  });
});

describe("the word of the truth bar", () => {
  const live = { state: "live", lostAt: 0, nextTry: 0 } as const;
  const facts = { stream: live, truth: truthOf(), loaded: true, now: 100_000 };

  it("is live only while something is known and nothing is away", () => {
    expect(linkWord(facts)).toMatchObject({ word: "live", stale: false });
    expect(linkWord({ ...facts, truth: null, loaded: false }).word).toBe("reading");
    expect(linkWord({ ...facts, truth: truthOf({ state: "reading" }) })).toMatchObject({
      word: "reading",
      stale: false,
    });
    expect(linkWord({ ...facts, truth: truthOf({ state: "store-away", since: 5 }) })).toMatchObject({
      word: "store-away",
      since: 5,
      stale: true,
    });
    expect(linkWord({ ...facts, truth: truthOf({ state: "server-away" }) }).stale).toBe(true);
  });

  it("is reconnecting for 5 s, and then disconnected with the time to the next try", () => {
    const lost = { state: "waiting", lostAt: 96_000, nextTry: 108_000 } as const;
    expect(linkWord({ ...facts, stream: lost })).toMatchObject({ word: "reconnecting", stale: false });
    expect(linkWord({ ...facts, stream: { ...lost, lostAt: 99_600 } }).word).toBe("live");
    expect(linkWord({ ...facts, stream: lost, truth: truthOf({ state: "store-away" }) })).toMatchObject({
      word: "store-away",
      stale: true,
    });
    expect(linkWord({ ...facts, stream: lost, loaded: false }).word).toBe("reading");
    expect(linkWord({ ...facts, stream: { ...lost, lostAt: 95_000 } })).toMatchObject({
      word: "disconnected",
      since: 95_000,
      stale: true,
      nextTryIn: 8_000,
    });
  });
});
