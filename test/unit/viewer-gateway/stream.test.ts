import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "@jest/globals";
import { HostState } from "../../../clients/gen/theseus/v1/host.js";
import { Fleet } from "../../../clients/viewer/gateway/fleet.js";
import type { Call } from "../../../clients/viewer/gateway/http.js";
import { Params } from "../../../clients/viewer/gateway/params.js";
import { Stream } from "../../../clients/viewer/gateway/stream.js";
import { streamHandler } from "../../../clients/viewer/gateway/stream-handler.js";
import { TruthKeeper } from "../../../clients/viewer/gateway/truth-keeper.js";

class Browser extends EventEmitter {
  readonly parts: Buffer[] = [];
  readonly writableLength = 0;
  ended = false;

  writeHead(): void {}
  flushHeaders(): void {}
  destroy(): void {}

  write(bytes: Buffer): boolean {
    this.parts.push(bytes);
    return true;
  }

  end(): void {
    this.ended = true;
  }

  get text(): string {
    return Buffer.concat(this.parts).toString();
  }

  get events(): string[] {
    return [...this.text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name ?? "");
  }

  get cursor(): string {
    return [...this.text.matchAll(/^id: (\S+)$/gm)].at(-1)?.[1] ?? "";
  }
}

const open: Stream[] = [];
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

function scene() {
  const nothing = { changed: () => undefined, touched: () => undefined, saw: () => undefined, gone: () => undefined };
  const fleet = new Fleet(nothing);
  const truth = new TruthKeeper(() => 1_000);
  const stream = new Stream({ fleet, truth: () => truth.truth, instance: "abcdef", build: () => "b" });
  open.push(stream);
  const hosts = (labels: readonly string[]) =>
    fleet.readHosts([{ name: "node-a", labels, state: HostState.READY } as never]);
  const come = (cursor?: string) => {
    const browser = new Browser();
    stream.open(browser as unknown as ServerResponse, cursor);
    return browser;
  };
  return { fleet, stream, hosts, come };
}

describe("the beginning of a stream", () => {
  it("is the same bytes for all that come at the same time, but for what is each one's own", () => {
    const { hosts, come, stream } = scene();
    hosts(["a"]);
    const [first, second] = [come(), come("zzzzzz-1-500")];
    expect(first.parts.at(-1)).toBe(second.parts.at(-1));
    const data = [first, second].map(({ text }) => JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? ""));
    expect(data.map(({ missedSince }) => missedSince)).toEqual([0, 500]);
    expect(data[0].hosts).toMatchObject([{ name: "node-a" }]);
    expect([first.text.endsWith("\n\n"), stream.readers.tally.frames]).toEqual([true, 2]);
    hosts(["b"]);
    expect(come().parts.at(-1)).not.toBe(first.parts.at(-1));
  });

  it("is what was missed, or everything where that is less", () => {
    const { hosts, come } = scene();
    hosts(["a"]);
    const { cursor } = come();
    hosts(["b"]);
    expect(come(cursor).events).toEqual(["delta", "truth"]);
    for (let i = 0; i < 200; i++) {
      hosts([`${i}`.padEnd(400, "x")]);
      come();
    }
    const again = come(cursor);
    expect(again.events).toEqual(["snapshot"]);
    expect(again.text).toContain('"missedSince":0');
  });
});

describe("GET /api/stream", () => {
  const asked = (browser: Browser, method: string): Call => {
    const gone = new AbortController();
    const request = { headers: {}, method };
    return { params: new Params(new URLSearchParams()), request, response: browser, signal: gone.signal } as never;
  };

  it("is only begun where only its head is wanted", async () => {
    const { stream } = scene();
    const browser = new Browser();
    await streamHandler(stream, Promise.resolve())(asked(browser, "HEAD"));
    expect([browser.ended, browser.parts, stream.readers.count]).toEqual([true, [], 0]);
  });

  it("counts those that wait for how things stand", async () => {
    const { stream } = scene();
    let isKnown = (): void => undefined;
    const known = new Promise<void>((resolve) => {
      isKnown = resolve;
    });
    const handler = streamHandler(stream, known);
    const waiting = Array.from({ length: 201 }, () => handler(asked(new Browser(), "GET")));
    expect(await waiting.at(-1)).toMatchObject({ status: 503 });
    isKnown();
    expect((await Promise.all(waiting.slice(0, 200))).every((sent) => sent === undefined)).toBe(true);
    expect(stream.readers.count).toBe(200);
  });
});
