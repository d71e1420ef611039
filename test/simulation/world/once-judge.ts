// Whether a request has one effect, and every change that a person asked for is one.

import type { Commit } from "./etcd.js";
import { type RawStore, readKey } from "./raw-store.js";

const REQUESTS = "/theseus/requests/";

export class OnceJudge {
  readonly #store: RawStore;
  readonly #violated: (text: string) => void;
  readonly #requests = new Set<string>();
  readonly #lastRevision = new Map<string, number>();

  constructor(store: RawStore, violated: (text: string) => void) {
    this.#store = store;
    this.#violated = violated;
  }

  /** The store has these changes already. */
  committed(changes: Commit["changes"]): void {
    const requests = changes.filter(({ key, deleted }) => key.startsWith(REQUESTS) && !deleted);
    for (const { key } of requests) {
      if (this.#requests.has(key)) this.#violated(`${key} was done twice`);
      this.#requests.add(key);
    }
    const isAsked = changes.some(({ key, deleted }) => {
      const known = readKey(key);
      return known.kind === "config" && !deleted && this.#isNew(known.group);
    });
    if (isAsked && requests.length === 0) this.#violated("a person's change was stored without its request");
  }

  has(requestId: string): boolean {
    return this.#requests.has(`${REQUESTS}default/${requestId}`);
  }

  /** Of another history nothing is known; it begins with what the store has now. */
  restored(): void {
    this.#requests.clear();
    this.#lastRevision.clear();
    for (const [group, config] of this.#store.configs) this.#lastRevision.set(group, config.revision);
  }

  /** A config revision that a person made, and that was not there before. */
  #isNew(group: string): boolean {
    const config = this.#store.configs.get(group);
    if (config?.actor !== "person") return false;
    const last = this.#lastRevision.get(group) ?? 0;
    this.#lastRevision.set(group, config.revision);
    return config.revision > last;
  }
}
