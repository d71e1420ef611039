// `theseus logs`: what the containers of groups have written, merged by time; followed, through breaks and replacements.

import {
  type LogLine,
  LogNoteKind,
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
import { firstStretch, nextStretch, type Stretch } from "../logs/stretch.js";
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
  /** A stream has begun. */
  #hasBegun = false;

  constructor(private readonly parts: Parts) {}

  /** Exit 12 when lines of some containers could not be had. */
  async whole(): Promise<ExitCode> {
    for await (const message of this.#read(firstStretch(this.parts.asked))) this.#print(message);
    if (this.#sources.size === 0 || this.#printed === this.parts.asked.tail) this.#sayLimit();
    return this.#isPartial ? EXIT.partial : EXIT.ok;
  }

  /** Through breaks of the connection, until Ctrl-C. */
  async follow(): Promise<never> {
    const { context } = this.parts;
    const outage = new Outage(context.io.stderr, {});
    const backoff = new Backoff(100, 5_000);
    for (;;) {
      try {
        for await (const message of this.#read(await this.#stretch())) {
          outage.heard(0);
          backoff.reset();
          this.#print(message);
          if (!this.#hasBegun) this.#sayLimit();
          this.#hasBegun = true;
        }
      } catch (error) {
        if (!toFailure(error).parts.retryable) throw error;
        outage.broke(toFailure(error).message);
      }
      await pause(backoff.next(), context.io.interrupted);
    }
  }

  async #stretch(): Promise<Stretch> {
    const { asked } = this.parts;
    if (this.#hasBegun) return nextStretch(asked, this.#goingOn, this.#isPartial);
    if (asked.tail === 0) await this.#lookAtEnd();
    return firstStretch(asked);
  }

  /** Where no line is shown at first, the last one tells all the same where to go on after a break. */
  async #lookAtEnd(): Promise<void> {
    for await (const { sources, lines, notes } of this.#read({ tail: 1n }, false)) {
      for (const source of sources) this.#sources.set(source.number, source);
      for (const line of lines) this.#note(line);
      if (notes.some(({ kind }) => kind === LogNoteKind.MISSING)) this.#isPartial = true;
    }
  }

  #note(line: LogLine): void {
    const source = this.#sources.get(line.source);
    if (source !== undefined) this.#goingOn.note(line, source);
  }

  #read(stretch: Stretch, follow = this.parts.asked.follow): AsyncIterable<ReadLogsResponse> {
    const { context, server, asked } = this.parts;
    this.#sources = new Map();
    const { targets, host, until } = asked;
    const request = { targets: [...targets], host, until, follow, ...stretch };
    const { timeout } = context.globals;
    const deadline = timeout === undefined || follow ? {} : { deadline: timeout };
    return server.theseus.readLogs(request, { signal: context.io.interrupted, ...deadline });
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
      if (asked.follow) this.#note(line);
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
