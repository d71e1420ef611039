import { EventEmitter } from "node:events";
import { status } from "@grpc/grpc-js";
import { describe, expect, it, jest } from "@jest/globals";
import { TheseusClientError } from "../../../clients/errors.js";
import type { Call } from "../../../clients/viewer/gateway/http.js";
import { Params } from "../../../clients/viewer/gateway/params.js";
import { openRelays, relay } from "../../../clients/viewer/gateway/relay.js";

/** A browser that takes so many events and then no more until it reads. */
class Browser extends EventEmitter {
  readonly frames: string[] = [];
  writableLength = 0;
  head = 0;
  readonly gone = new AbortController();

  constructor(public takes = Number.POSITIVE_INFINITY) {
    super();
  }

  writeHead(code: number): void {
    this.head = code;
  }

  flushHeaders(): void {}

  write(bytes: Buffer): boolean {
    this.frames.push(String(bytes));
    this.takes -= 1;
    return this.takes > 0;
  }

  end(bytes: Buffer): void {
    this.frames.push(String(bytes));
  }

  read(more: number): void {
    this.takes = more;
    this.emit("drain");
  }

  destroy(): void {
    this.gone.abort();
  }

  call(): Call {
    const params = new Params(new URLSearchParams());
    return { params, request: {}, response: this, signal: this.gone.signal } as unknown as Call;
  }
}

class Source {
  pulled = 0;
  ended = false;

  async *events(count: number, failure?: Error): AsyncGenerator<{ n: number }> {
    try {
      for (let n = 1; n <= count; n++) {
        this.pulled = n;
        yield { n };
      }
      if (failure !== undefined) throw failure;
    } finally {
      this.ended = true;
    }
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const away = () =>
  new TheseusClientError({ code: status.UNAVAILABLE, reason: "HOST_UNREACHABLE", message: "no engine" });

describe("a stream that is passed on", () => {
  it("is told event by event, and that it is over", async () => {
    const browser = new Browser();
    expect(await relay(browser.call(), "lines", new Source().events(2))).toBeUndefined();
    expect(browser.head).toBe(200);
    expect(browser.frames).toEqual([
      'event: lines\ndata: {"n":1}\n\n',
      'event: lines\ndata: {"n":2}\n\n',
      "event: end\ndata: {}\n\n",
    ]);
  });

  it("is not asked for where only the head of the answer is wanted", async () => {
    const [browser, source] = [new Browser(), new Source()];
    const call = { ...browser.call(), request: { method: "HEAD" } } as Call;
    expect(await relay(call, "lines", source.events(2))).toBeUndefined();
    expect([browser.head, source.pulled, openRelays.count]).toEqual([200, 0, 0]);
  });

  it("is refused where too many are open already, and is not asked for", async () => {
    const [browser, source] = [new Browser(), new Source()];
    openRelays.count += 200;
    try {
      expect(await relay(browser.call(), "lines", source.events(2))).toMatchObject({ status: 503 });
    } finally {
      openRelays.count -= 200;
    }
    expect([browser.head, source.pulled]).toEqual([0, 0]);
  });

  it("is not read further than the browser reads", async () => {
    const browser = new Browser(3);
    const source = new Source();
    const over = relay(browser.call(), "lines", source.events(100));
    for (let i = 0; i < 50; i++) await turn();
    expect([source.pulled, browser.frames.length]).toEqual([3, 3]);
    browser.read(2);
    for (let i = 0; i < 50; i++) await turn();
    expect([source.pulled, browser.frames.length]).toEqual([5, 5]);
    browser.gone.abort();
    expect(await over).toBeUndefined();
    expect(source.ended).toBe(true);
  });

  it("is ended for a browser that reads nothing of it for a minute, and not for one that reads slowly", async () => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick"] });
    try {
      const [still, slow] = [new Browser(1), new Browser(1)];
      for (const one of [still, slow]) one.writableLength = 1_000;
      const overs = [still, slow].map((one) => relay(one.call(), "lines", new Source().events(9)));
      for (let i = 0; i < 50; i++) await turn();
      for (let i = 0; i < 3; i++) {
        slow.writableLength -= 100;
        jest.advanceTimersByTime(61_000);
      }
      await overs[0];
      expect([still.gone.signal.aborted, slow.gone.signal.aborted]).toEqual([true, false]);
      slow.gone.abort();
      await overs[1];
    } finally {
      jest.useRealTimers();
    }
  });

  it("that fails before its first event is an answer with a status, and afterwards an event", async () => {
    const early = await relay(new Browser().call(), "lines", new Source().events(0, away()));
    expect(early).toMatchObject({ status: 503 });
    const browser = new Browser();
    expect(await relay(browser.call(), "lines", new Source().events(1, away()))).toBeUndefined();
    expect(browser.frames.at(-1)).toMatch(/^event: failed\ndata: \{"error":\{"code":"HOST_UNREACHABLE"/);
  });
});
