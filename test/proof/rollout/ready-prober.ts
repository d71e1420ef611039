// How many containers of a group serve, ten times a second: Docker is asked which there are and where they are published,
// and each is asked over HTTP. One that has been told to leave does not count any more. Shares no code with Theseus.

import { get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { engineJson } from "../../support/engine-api.js";
import type { DrainLog } from "../drain/drain-log.js";

const EVERY_MS = 100;
const ANSWERS_WITHIN_MS = 2_000;
/** What the store is told of a drain is told here so soon. */
const DRAIN_TOLD_WITHIN_MS = 300;
/** A machine that is busy may be late, but not for so long that an outage could hide. */
const LONGEST_GAP_MS = 1_000;
const MOST_KEPT = 5;

type Bound = { readonly least: number; readonly why: string };
type Row = {
  readonly Names: readonly string[];
  readonly State: string;
  readonly Ports: readonly { readonly IP?: string; readonly PublicPort?: number; readonly Type: string }[];
};

export type Probed = {
  readonly samples: number;
  /** The fewest that served. */
  readonly fewest: number;
  readonly longestGapMs: number;
  readonly violations: readonly string[];
};

export class ReadyProber {
  readonly #ask: () => Promise<Row[]>;
  readonly #log: DrainLog | undefined;
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<Promise<void>>();
  #bound: Bound = { least: 0, why: "" };
  #samples = 0;
  #fewest = Number.POSITIVE_INFINITY;
  #low: string[] = [];
  #lows = 0;
  #last = performance.now();
  #longestGap = 0;

  /** @param group like `web/dev`, in the namespace `default`. @param log absent: those that leave count till the end. */
  constructor(
    engine: { readonly socket: string; readonly cluster: string },
    group: string,
    { path, log }: { readonly path: string; readonly log?: DrainLog | undefined },
  ) {
    const [service, labels] = group.split("/");
    const label = [`cluster=${engine.cluster}`, `service=${service}`, `labels=${labels}`].map(
      (one) => `theseus.${one}`,
    );
    const query = `/containers/json?filters=${encodeURIComponent(JSON.stringify({ label }))}`;
    this.#ask = () => engineJson<Row[]>(engine.socket, "GET", query);
    this.#log = log;
    this.#path = path;
    this.#timer = setInterval(() => this.#begin(), EVERY_MS);
  }

  /** From now on never fewer, until another bound is set; begins the counting anew. */
  expect(least: number, why: string): void {
    this.#bound = { least, why };
    this.#samples = 0;
    this.#fewest = Number.POSITIVE_INFINITY;
    this.#low = [];
    this.#lows = 0;
    this.#last = performance.now();
    this.#longestGap = 0;
  }

  /** From now on another bound; what was counted before stays. */
  changeTo(least: number, why: string): void {
    this.#bound = { least, why };
  }

  /** What was seen since the counting began. */
  async seen(): Promise<Probed> {
    await Promise.all(this.#open);
    const violations = [...this.#low];
    const { least, why } = this.#bound;
    if (this.#lows > this.#low.length)
      violations.push(`${why}: in all, ${this.#lows} times fewer than ${least} served`);
    if (this.#samples === 0) violations.push(`${why}: nobody looked`);
    if (this.#longestGap > LONGEST_GAP_MS)
      violations.push(`${why}: nobody looked for ${Math.round(this.#longestGap)} ms`);
    return { samples: this.#samples, fewest: this.#fewest, longestGapMs: Math.round(this.#longestGap), violations };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
  }

  #begin(): void {
    const now = performance.now();
    this.#longestGap = Math.max(this.#longestGap, now - this.#last);
    this.#last = now;
    const open = this.#sample(this.#bound).finally(() => this.#open.delete(open));
    this.#open.add(open);
  }

  async #sample(bound: Bound): Promise<void> {
    const when = new Date().toISOString().slice(11, 23);
    // What leaves later has still been there when this look began.
    const leaving = new Set(this.#log?.drains.keys());
    const rows = await this.#ask().catch((error: unknown) => String(error));
    if (typeof rows === "string") return this.#count(bound, `${when}: Docker does not answer: ${rows}`, undefined);
    const staying = rows.filter(({ Names }) => !leaving.has((Names[0] ?? "").replace("/", "")));
    const answers = await Promise.all(staying.map((row) => this.#serves(row)));
    const words = staying.map(({ Names }, index) => `${Names[0]} ${answers[index]}`);
    const ready = answers.filter((answer) => answer === "serves").length;
    const silent = staying.filter((_, index) => answers[index] !== "serves");
    if (ready < bound.least && (await this.#isLeaving(silent))) return;
    this.#count(bound, `${when}: ${words.join(", ")}`, ready);
  }

  /** Told to leave, and gone, while it was asked: the next look is a better one. */
  async #isLeaving(rows: readonly Row[]): Promise<boolean> {
    await pause(DRAIN_TOLD_WITHIN_MS);
    return rows.some(({ Names }) => this.#log?.drains.has((Names[0] ?? "").replace("/", "")) === true);
  }

  #count(bound: Bound, text: string, ready: number | undefined): void {
    if (bound !== this.#bound) return;
    this.#samples += 1;
    this.#fewest = Math.min(this.#fewest, ready ?? 0);
    if (ready !== undefined && ready >= bound.least) return;
    this.#lows += 1;
    if (this.#low.length < MOST_KEPT) this.#low.push(`${bound.why}: ${ready} instead of ${bound.least} at ${text}`);
  }

  /** "serves", or what is in the way. */
  async #serves({ State, Ports }: Row): Promise<string> {
    const ports = Ports.filter(({ PublicPort, Type }) => PublicPort !== undefined && Type === "tcp");
    if (State !== "running" || ports.length === 0) return State;
    const answers = await Promise.all(ports.map(({ IP = "", PublicPort = 0 }) => answerOf(IP, PublicPort, this.#path)));
    return answers.every((answer) => answer === "200") ? "serves" : answers.join("+");
  }
}

function answerOf(host: string, port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = get({ host, port, path, agent: false, timeout: ANSWERS_WITHIN_MS }, (answer) => {
      answer.resume();
      answer.on("error", () => resolve("cut off"));
      answer.on("end", () => resolve(String(answer.statusCode)));
    });
    asked.on("timeout", () => asked.destroy(new Error("silent")));
    asked.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}
