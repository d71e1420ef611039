import type { ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { describe, expect, it } from "@jest/globals";
import type { Logger } from "../../../src/model/ports.js";
import { keepViewer } from "../../../src/start/viewer.js";
import { ManualClock, settle } from "../../support/manual-clock.js";

const VIEWER = { address: { host: "127.0.0.1", port: 7701 }, isAsked: false, hosts: [] };

/** A process that ends when the test says so, or by the signals that it heeds. */
class Process extends EventEmitter {
  readonly signals: string[] = [];
  readonly stderr = Object.assign(new EventEmitter(), { setEncoding: () => this.stderr });

  constructor(private readonly heeds: readonly string[] = ["SIGTERM", "SIGKILL"]) {
    super();
  }

  kill(signal: string): void {
    this.signals.push(signal);
    if (this.heeds.includes(signal)) this.emit("exit", null, signal);
  }
}

function scene(started: () => Process, program: () => string | undefined = () => "theseus.js") {
  const clock = new ManualClock();
  const stop = new AbortController();
  const lines: string[] = [];
  const note = (fields: Readonly<Record<string, unknown>>, text: string) =>
    void lines.push([text, ...Object.values(fields)].join(" | "));
  const log: Logger = { debug: () => undefined, info: note, warn: note, error: note, child: () => log };
  const processes: Process[] = [];
  const start = () => {
    const one = started();
    processes.push(one);
    return one as unknown as ChildProcess;
  };
  const kept = keepViewer(VIEWER, "127.0.0.1:7700", { clock, log, program, start }, stop.signal);
  return { clock, stop, lines, processes, kept };
}

describe("the viewer beside a server", () => {
  it("is started again after pauses that grow while it does not live, and from the first one when it was well", async () => {
    const { clock, stop, lines, processes, kept } = scene(() => new Process());
    for (let i = 0; i < 7; i++) {
      processes.at(-1)?.emit("exit", 1, null);
      await clock.advance(30_000);
    }
    expect(lines.map((line) => /in \d+ s$/.exec(line)?.[0])).toEqual(
      [1, 2, 4, 8, 16, 30, 30].map((seconds) => `in ${seconds} s`),
    );
    await clock.advance(61_000);
    processes.at(-1)?.emit("exit", 1, null);
    await settle();
    expect(lines.at(-1)).toBe("the viewer ended | exit 1 | in 1 s");
    stop.abort();
    await kept;
    expect(processes).toHaveLength(8);
  });

  it("costs the server nothing where it cannot be started at all", async () => {
    const { clock, stop, lines, kept } = scene(() => {
      throw new Error("spawn ENOMEM");
    });
    await clock.advance(1_500);
    expect(lines).toEqual([
      "the viewer ended | not started: spawn ENOMEM | in 1 s",
      "the viewer ended | not started: spawn ENOMEM | in 2 s",
    ]);
    stop.abort();
    await kept;
  });

  it("is killed where it does not end two seconds after it is told to", async () => {
    const { clock, stop, processes, kept } = scene(() => new Process(["SIGKILL"]));
    stop.abort();
    await clock.advance(1_900);
    expect(processes.map(({ signals }) => signals)).toEqual([["SIGTERM"]]);
    await clock.advance(200);
    expect(processes.map(({ signals }) => signals)).toEqual([["SIGTERM", "SIGKILL"]]);
    await kept;
  });

  it("has where it listens, and why it cannot, written down", async () => {
    const { stop, lines, processes, kept } = scene(() => new Process());
    for (const told of [{ viewer: "127.0.0.1:7701" }, { problem: "another program listens there already" }, null, 7])
      processes[0]?.emit("message", told);
    expect(lines).toEqual([
      "the viewer listens | http://127.0.0.1:7701",
      "the viewer cannot listen | another program listens there already",
    ]);
    stop.abort();
    await kept;
  });

  it("is missed aloud where its program is not there", async () => {
    const { lines, processes, kept } = scene(
      () => new Process(),
      () => undefined,
    );
    await kept;
    expect(lines).toEqual(["no viewer: its program is not beside this one | bin/theseus.js"]);
    expect(processes).toEqual([]);
  });
});
