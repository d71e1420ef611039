// `theseus logs`: what the containers of groups have written, merged by time; followed, through breaks and replacements.

import {
  type LogLine,
  LogNoteKind,
  type LogPosition,
  type LogSource,
  type ReadLogsResponse,
} from "../../gen/theseus/v1/theseus_service.js";
import { Backoff, pause } from "../../pause.js";
import { type Context, isSet } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { hasReason, toFailure, usage } from "../failure.js";
import { type Asked, askedLogs } from "../logs/asked.js";
import { GoingOn } from "../logs/going-on.js";
import { type Lines, linesOf } from "../logs/lines.js";
import { printPrevious } from "../logs/previous.js";
import { Outage } from "../outage.js";
import { type Server, withServer } from "../server.js";

export async function run(context: Context): Promise<ExitCode> {
  const asked = askedLogs(context, Date.now());
  if (asked.follow && context.options["timeout"] !== undefined)
    throw usage("a log that is followed goes on until it is ended: --timeout is not for it");
  const [first, ...others] = asked.targets;
  const lines = linesOf(context, others.length === 0 && first?.target?.$case === "group");
  if (isSet(context, "previous")) {
    return await withServer(context, (server) => printPrevious({ context, asked, lines }, server));
  }
  return await withServer(context, async (server) => {
    const reading = new Reading({ context, server, asked, lines });
    try {
      return asked.follow ? await reading.follow() : await reading.whole();
    } catch (error) {
      const { interrupted } = context.io;
      if (!interrupted.aborted || !hasReason(error, "CANCELLED")) throw error;
      return interrupted.reason === EXIT.terminated ? EXIT.terminated : EXIT.interrupted;
    }
  });
}

type Parts = {
  readonly context: Context;
  readonly server: Server;
  readonly asked: Asked;
  readonly lines: Lines;
};

class Reading {
  readonly #goingOn = new GoingOn();
  /** By their numbers in the present stream. */
  #sources = new Map<number, LogSource>();
  #isPartial = false;
  #printed = 0;
  /** When the first stream that began was asked for. */
  #beganAt: Date | undefined;

  constructor(private readonly parts: Parts) {}

  /** Exit 12 when lines of some containers could not be had. */
  async whole(): Promise<ExitCode> {
    for await (const message of this.#read()) this.#print(message);
    if (this.#sources.size === 0 || this.#printed === this.parts.asked.tail) this.#sayLimit();
    return this.#isPartial ? EXIT.partial : EXIT.ok;
  }

  /** Through breaks of the connection, until Ctrl-C. */
  async follow(): Promise<never> {
    const { context } = this.parts;
    const outage = new Outage(context.io.stderr, {});
    const backoff = new Backoff(100, 5_000);
    for (;;) {
      const now = new Date();
      try {
        for await (const message of this.#read()) {
          outage.heard(0);
          backoff.reset();
          this.#print(message);
          if (this.#beganAt === undefined) this.#sayLimit();
          this.#beganAt ??= now;
        }
      } catch (error) {
        if (!toFailure(error).parts.retryable) throw error;
        outage.broke(toFailure(error).message);
      }
      await pause(backoff.next(), context.io.interrupted);
    }
  }

  #read(): AsyncIterable<ReadLogsResponse> {
    const { context, server, asked } = this.parts;
    this.#sources = new Map();
    const { targets, host, until, follow } = asked;
    const request = { targets: [...targets], host, until, follow, ...this.#stretch() };
    const { timeout } = context.globals;
    const deadline = timeout === undefined || follow ? {} : { deadline: timeout };
    return server.theseus.readLogs(request, { signal: context.io.interrupted, ...deadline });
  }

  /** After a break everything is wanted that was not received, however much it is. */
  #stretch(): { since?: Date; tail?: bigint; after?: LogPosition[] } {
    const { since, tail } = this.parts.asked;
    const stretch = since === undefined ? {} : { since };
    if (tail === undefined) return { ...stretch, after: this.#goingOn.places };
    if (this.#beganAt === undefined) return { ...stretch, tail: BigInt(tail) };
    // Lines of before that were cut off.
    return { since: this.#beganAt, after: this.#goingOn.places };
  }

  #print({ sources, lines, notes }: ReadLogsResponse): void {
    for (const source of sources) this.#sources.set(source.number, source);
    const text = this.#textOf(lines);
    if (text !== "") this.parts.context.io.stdout.write(text);
    for (const note of notes) {
      const source = this.#sources.get(note.source);
      if (note.kind === LogNoteKind.MISSING) this.#isPartial = true;
      if (source === undefined) continue;
      if (note.kind === LogNoteKind.ENDED) this.#goingOn.forget(source);
      this.#say(this.parts.lines.note(note, source).trimEnd());
    }
  }

  #textOf(lines: readonly LogLine[]): string {
    const { asked, lines: form } = this.parts;
    let text = "";
    for (const line of lines) {
      const source = this.#sources.get(line.source);
      if (source === undefined) continue;
      if (asked.follow) this.#goingOn.note(line, source);
      this.#printed += 1;
      if (asked.grep === undefined || asked.grep.test(line.text)) text += form.line(line, source);
    }
    return text;
  }

  #sayLimit(): void {
    const { tail, follow } = this.parts.asked;
    if (this.#sources.size === 0) {
      this.#say(`no container of that name is there${follow ? " yet" : "; --previous tells of those that failed"}`);
      return;
    }
    if (tail === undefined || tail === 0) return;
    const containers = this.#sources.size === 1 ? "1 container" : `${this.#sources.size} containers`;
    this.#say(`last ${tail === 1 ? "line" : `${tail} lines`} of ${containers}; --tail all for everything`);
  }

  #say(text: string): void {
    const { globals, io } = this.parts.context;
    if (!globals.quiet) io.stderr.write(`${text}\n`);
  }
}
