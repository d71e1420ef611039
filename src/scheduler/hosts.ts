// Keeps each host's record: asks the engine who it is every few seconds, and says when it is silent. Must not know what
// runs there.

import type { HostRecord } from "../model/host.js";
import { HOST_PORT_FIRST } from "../model/host.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { EngineInfo } from "../model/ports.js";
import type { Versioned } from "../model/store.js";
import { Alarm, TOO_LATE, within } from "./alarm.js";
import type { Engine } from "./engine.js";
import { hostEvents } from "./events.js";
import type { HostBook } from "./host-book.js";
import { answered, asStored, blankRecord, type HostSettings, problemWords, worthWriting } from "./host-record.js";
import type { Office } from "./office.js";

const PERIOD = 5 * SECOND;
/** Between tries while it is in doubt. */
const DOUBT_PERIOD = SECOND / 2;
const TRY_DEADLINE = 2 * SECOND;
/** Silent is who has not answered for that long, and at least that often. */
const SILENT_AFTER = 2 * SECOND;
const SILENT_TRIES = 2;

export type KeeperDeps = {
  readonly office: Office;
  readonly book: HostBook;
  readonly engine: Engine;
  readonly settings: HostSettings;
  /** It became silent, or answers again. */
  readonly changed: () => void;
};

export class HostKeeper {
  readonly #deps: KeeperDeps;
  readonly #alarm: Alarm;
  #problem: HostRecord["problem"];
  /** The problem is one that an earlier leader met: its words may no longer hold. */
  #inherited = false;
  #info: EngineInfo | undefined;
  #accepted: string | undefined;
  #failing: { readonly since: Milliseconds; tries: number } | undefined;
  #silence = new AbortController();

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
    this.#alarm = new Alarm(deps.office.clock, deps.office.end);
    deps.office.end.addEventListener("abort", () => this.#silence.abort(), { once: true });
  }

  get host(): string {
    return this.#deps.engine.host;
  }

  /** Why its engine cannot be relied on now; undefined: it can. */
  get problem(): HostRecord["problem"] {
    return this.#problem;
  }

  /** ID of the engine that answers in place of the known one; undefined: none does. */
  get stranger(): string | undefined {
    const known = this.#deps.book.record(this.host)?.engineId ?? "";
    const id = this.#info?.engineId;
    return id === undefined || known === "" || known === id ? undefined : id;
  }

  /** A person says that this engine is the host's from now on. Looked at soon. */
  accept(engineId: string): void {
    this.#accepted = engineId;
    this.#alarm.ring();
  }

  /** Aborted while the host is silent, and after the term: nobody need wait for its engine. */
  get silence(): AbortSignal {
    return this.#silence.signal;
  }

  /** A call to the engine went unanswered: it is asked at once. */
  doubt(): void {
    this.#alarm.ring();
  }

  /** Whether an answer comes from the engine that the record names; of a host without a record nobody's does. */
  recognises(engineId: string): boolean {
    return this.#deps.book.record(this.host)?.engineId === engineId;
  }

  /** The first look of the term; returns when the record is there, or the engine had its chance. */
  async begin(): Promise<void> {
    const known = this.#deps.book.record(this.host)?.problem;
    this.#inherited = known !== undefined;
    if (known !== undefined) this.#becomeSilent(known);
    await this.#look();
  }

  /** Looks again and again until the term ends. Never throws. */
  async run(): Promise<void> {
    const { end } = this.#deps.office;
    while (!end.aborted) {
      await this.#alarm.wait(this.#failing === undefined ? PERIOD : DOUBT_PERIOD);
      if (!end.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { office, engine } = this.#deps;
    const begun = office.clock.monotonic();
    try {
      const info = await within(office.clock, TRY_DEADLINE, engine.runtime.info(), office.end);
      if (office.end.aborted) return;
      if (info === TOO_LATE) this.#noAnswer(begun, `no answer within ${TRY_DEADLINE / SECOND} s`);
      else this.#answer(info);
    } catch (error) {
      this.#noAnswer(begun, problemWords(error));
    }
    await this.#write().catch((error) => {
      if (!office.end.aborted) office.log.warn({ err: error, host: this.host }, "host record not written");
    });
  }

  #answer(info: EngineInfo): void {
    this.#info = info;
    this.#failing = undefined;
    const known = this.#deps.book.record(this.host)?.engineId ?? "";
    if (known !== "" && known !== info.engineId && this.#accepted !== info.engineId) {
      this.#fail("ENGINE_CHANGED", `the engine has ID ${info.engineId}, known is ${known}`);
      return;
    }
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#inherited = false;
    this.#silence = new AbortController();
    this.#deps.office.log.info({ host: this.host }, "host answers again");
    this.#deps.engine.touch();
    this.#deps.changed();
  }

  #noAnswer(begun: Milliseconds, text: string): void {
    this.#failing ??= { since: begun, tries: 0 };
    this.#failing.tries++;
    const long = this.#deps.office.clock.monotonic() - this.#failing.since >= SILENT_AFTER;
    const known = this.#inherited && this.#problem?.reason === "HOST_UNREACHABLE";
    if (known || (long && this.#failing.tries >= SILENT_TRIES)) this.#fail("HOST_UNREACHABLE", text);
  }

  #fail(reason: "HOST_UNREACHABLE" | "ENGINE_CHANGED", text: string): void {
    const same = this.#problem?.reason === reason ? this.#problem : undefined;
    if (same !== undefined && !this.#inherited) return;
    this.#inherited = false;
    this.#deps.office.log.warn({ host: this.host, reason, why: text }, "host is silent");
    this.#becomeSilent({ reason, text, since: same?.since ?? this.#deps.office.clock.now() });
    this.#deps.changed();
  }

  #becomeSilent(problem: HostRecord["problem"]): void {
    this.#problem = problem;
    this.#silence.abort();
  }

  async #write(): Promise<void> {
    const { office, book } = this.#deps;
    try {
      await book.change(this.host, (held) => this.#writeIfWorth(held));
    } catch (error) {
      // Somebody else wrote it, or the answer was lost: from now on the record is what the store says.
      const read = (await office.store.readHosts()).find(({ value }) => value.name === this.host);
      book.replace(this.host, read);
      throw error;
    }
  }

  #owned(record: HostRecord): HostRecord {
    return this.#accepted === undefined ? record : { ...record, engineId: this.#accepted };
  }

  async #writeIfWorth(held: Versioned<HostRecord> | undefined): Promise<Versioned<HostRecord> | undefined> {
    const { office, settings } = this.#deps;
    // Of an engine that has neither answered nor been given up there is nothing to tell.
    if (held === undefined && this.#info === undefined && this.#problem === undefined) return undefined;
    const now = office.clock.now();
    const before = held?.value ?? blankRecord(this.host, settings, now, HOST_PORT_FIRST);
    const known = this.#info === undefined ? before : answered(this.#owned(before), this.#info, settings);
    const heard = this.#failing === undefined && this.#problem === undefined;
    const next = asStored(known, this.#problem, heard ? now : before.lastSeen);
    if (held !== undefined && !worthWriting(held.value, next)) return held;
    const modRevision = held?.modRevision ?? 0n;
    const events = hostEvents(held?.value, next, now);
    const revision = await office.write((fence) => office.store.writeHost(fence, next, modRevision, events));
    return { value: next, modRevision: revision };
  }
}
