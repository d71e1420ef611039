// Things that come, change and go, told on stdout: what is there at first, then each change. A table that is drawn anew
// for a person at a terminal, otherwise a line or an object for each.

import type { Context } from "./context.js";
import { usage } from "./failure.js";
import { isObjectFormat, type Listing, listingText } from "./output/listing.js";
import { CLEAR } from "./output/screen.js";

/** SNAPSHOT: was there at first. SYNCED: that is all of them. STALE and RESUMED are about the connection. */
type ChangeType = "SNAPSHOT" | "SYNCED" | "ADDED" | "CHANGED" | "REMOVED" | "STALE" | "RESUMED";

export interface Told<Item> {
  /** As it is now; its items and its revision are left to those that are told. */
  readonly listing: () => Omit<Listing<Item>, "items" | "revision">;
  /** Tells items apart. */
  readonly id: (item: Item) => string;
  /** Of a line, behind the time and the type. */
  readonly words: (item: Item) => readonly string[];
}

export class ToldChanges<Item> {
  readonly #context: Context;
  readonly #told: Told<Item>;
  readonly #isForPrograms: boolean;
  readonly #redraws: boolean;
  #known: ReadonlyMap<string, Item> | undefined;
  #revision = 0n;

  /** @throws Failure USAGE for a format that cannot follow. */
  constructor(context: Context, told: Told<Item>) {
    const { format } = context.globals;
    this.#context = context;
    this.#told = told;
    this.#isForPrograms = isObjectFormat(format);
    this.#redraws = !this.#isForPrograms && context.io.stdout.isTTY;
    if (format === "yaml" || !(this.#isForPrograms || format === "table" || format === "wide"))
      throw usage(`a watch cannot be told as ${format}`, ["formats are table wide json jsonl"]);
  }

  /** They are these now. */
  async now(items: readonly Item[], revision: bigint): Promise<void> {
    const before = this.#known;
    const now = new Map(items.map((item) => [this.#told.id(item), item]));
    const changes = before === undefined ? [...now.values()].map(asFirst) : this.#between(before, now);
    this.#known = now;
    this.#revision = revision;
    if (this.#redraws) {
      if (before === undefined || changes.length > 0) await this.#redraw(items);
      return;
    }
    for (const [type, item] of changes) this.#tell(type, item);
    if (before === undefined) this.#tell("SYNCED");
  }

  /** No server answers: what was told may be old. */
  lost(): void {
    this.#tell("STALE");
  }

  back(): void {
    this.#tell("RESUMED");
  }

  #between(before: ReadonlyMap<string, Item>, now: ReadonlyMap<string, Item>): (readonly [ChangeType, Item])[] {
    const gone = [...before].filter(([id]) => !now.has(id)).map(([, item]) => ["REMOVED", item] as const);
    const others = [...now].flatMap(([id, item]): (readonly [ChangeType, Item])[] => {
      const old = before.get(id);
      if (old === undefined) return [["ADDED", item]];
      return this.#textOf(old) === this.#textOf(item) ? [] : [["CHANGED", item]];
    });
    return [...gone, ...others];
  }

  #textOf(item: Item): string {
    return JSON.stringify(this.#told.listing().json(item));
  }

  #tell(type: ChangeType, item?: Item): void {
    const { io, globals } = this.#context;
    if (this.#isForPrograms) io.stdout.write(`${JSON.stringify(this.#objectOf(type, item))}\n`);
    else if (item !== undefined) io.stdout.write(`${this.#lineOf(type, item)}\n`);
    else if (type === "SYNCED" && !globals.quiet) io.stderr.write(`up to date at revision ${this.#revision}\n`);
  }

  #objectOf(type: ChangeType, item: Item | undefined): object {
    const { kind, json } = this.#told.listing();
    return { type, kind, revision: String(this.#revision), ...(item === undefined ? {} : { object: json(item) }) };
  }

  #lineOf(type: ChangeType, item: Item): string {
    const time = new Date().toISOString().slice(11, 19);
    const words = [time, type.padEnd(8), ...this.#told.words(item)];
    return words.filter((word) => word !== "").join("  ");
  }

  async #redraw(items: readonly Item[]): Promise<void> {
    const listing = { ...this.#told.listing(), items, revision: this.#revision };
    this.#context.io.stdout.write(CLEAR + (await listingText(this.#context, listing)));
  }
}

function asFirst<Item>(item: Item): readonly [ChangeType, Item] {
  return ["SNAPSHOT", item];
}
