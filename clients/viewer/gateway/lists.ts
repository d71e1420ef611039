// What no watch tells is listed now and then: hosts, namespaces and groups. Each on its own: one that cannot be listed
// keeps none of the others from it, and that it cannot is said.

import { listHosts, listNamespaces } from "../../cli/lists.js";
import type { Connection } from "../../connect.js";
import type { Fleet } from "./fleet.js";
import type { GroupReader } from "./group-reader.js";

const EVERY = { hosts: 2_000, namespaces: 5_000, groups: 15_000 };
/** What takes long is asked for seldom: at most this part of the time. */
const COST = 30;
/** One that failed is asked for again sooner than it is due. */
const AGAIN = 2_000;
/** A tick earlier than that is not a second earlier. */
const TICK = 500;
/** In a row, until it is said. */
const MOST_FAILED = 3;
const UNDER_WAY = Number.POSITIVE_INFINITY;

type Name = keyof typeof EVERY;
const NAMES: readonly Name[] = ["hosts", "namespaces", "groups"];

export interface ListsParts {
  readonly connection: Connection;
  readonly fleet: Fleet;
  readonly reader: () => GroupReader;
  /** Milliseconds of a clock that only goes on. */
  readonly now: () => number;
}

interface Failures {
  readonly count: number;
  readonly why: string;
}

export class Lists {
  readonly #parts: ListsParts;
  readonly #dueAt = new Map<Name, number>();
  readonly #failed = new Map<Name, Failures>();
  #isReading = false;

  constructor(parts: ListsParts) {
    this.#parts = parts;
  }

  /** A sentence for each that could not be listed for some time. */
  get problems(): string[] {
    const failed = [...this.#failed].filter(([, { count }]) => count >= MOST_FAILED);
    return failed.map(([name, { why }]) => `the viewer cannot list the ${name}, what it shows of them is old: ${why}`);
  }

  /** It is listed again with the next look. */
  isDue(...names: readonly Name[]): void {
    for (const name of names.length === 0 ? NAMES : names) this.#dueAt.delete(name);
  }

  /** All of them, at once. @throws TheseusClientError of the first that fails. */
  async readAll(signal: AbortSignal): Promise<void> {
    await Promise.all(NAMES.map((name) => this.#list(name, signal)));
  }

  /** Those that are due, one after another; nothing where that is under way already. Never rejects. */
  async readDue(signal: AbortSignal): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    for (const name of NAMES) {
      const isDue = this.#parts.now() >= (this.#dueAt.get(name) ?? 0) - TICK;
      if (isDue && !signal.aborted) await this.#list(name, signal).catch(() => undefined);
    }
    this.#isReading = false;
  }

  async #list(name: Name, signal: AbortSignal): Promise<void> {
    const { now } = this.#parts;
    const began = now();
    let next = 0;
    this.#dueAt.set(name, UNDER_WAY);
    try {
      await this.#read(name, signal);
      this.#failed.delete(name);
      // A server with many containers works long for a list of its hosts.
      const rest = name === "hosts" ? COST * (now() - began) : 0;
      next = now() + Math.max(EVERY[name], rest);
    } catch (error) {
      if (!signal.aborted) next = this.#notListed(name, error);
      throw error;
    } finally {
      // What became due meanwhile may not be in it.
      if (this.#dueAt.get(name) === UNDER_WAY) this.#dueAt.set(name, next);
    }
  }

  async #read(name: Name, signal: AbortSignal): Promise<void> {
    const { connection, fleet, reader } = this.#parts;
    const server = { ...connection, call: { signal } };
    if (name === "groups") await reader().relist(signal);
    else if (name === "hosts") fleet.readHosts((await listHosts(server)).items);
    else {
      const { items } = await listNamespaces(server);
      fleet.readNamespaces(["default", ...items.map((one) => one.name)]);
    }
  }

  /** @returns when it is listed again. */
  #notListed(name: Name, error: unknown): number {
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    this.#failed.set(name, { count: (this.#failed.get(name)?.count ?? 0) + 1, why });
    return this.#parts.now() + AGAIN;
  }
}
