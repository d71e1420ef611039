// Whether a request has one effect, every change that a person asked for is one, and no config goes that nobody asked to go.

import type { Commit } from "./etcd.js";
import { type RawStore, readKey } from "./raw-store.js";

const REQUESTS = "/theseus/requests/";

export class OnceJudge {
  readonly #store: RawStore;
  readonly #violated: (invariant: "once" | "acknowledged", text: string) => void;
  /** Groups that are to go. */
  readonly #removing = new Set<string>();
  readonly #requests = new Set<string>();
  readonly #lastRevision = new Map<string, number>();

  constructor(store: RawStore, violated: (invariant: "once" | "acknowledged", text: string) => void) {
    this.#store = store;
    this.#violated = violated;
  }

  /** The store has these changes already. */
  committed(changes: Commit["changes"]): void {
    for (const { key } of changes) {
      const known = readKey(key);
      if (known.kind === "config") this.#present(known.group);
    }
    const requests = changes.filter(({ key, deleted }) => key.startsWith(REQUESTS) && !deleted);
    for (const { key } of requests) {
      if (this.#requests.has(key)) this.#violated("once", `${key} was done twice`);
      this.#requests.add(key);
    }
    const isAsked = changes.some(({ key, deleted }) => {
      const known = readKey(key);
      return known.kind === "config" && !deleted && this.#isNew(known.group);
    });
    if (isAsked && requests.length === 0) this.#violated("once", "a person's change was stored without its request");
  }

  #present(group: string): void {
    const config = this.#store.configs.get(group);
    const isToGo = this.#removing.delete(group);
    if (config?.isRemoving === true) this.#removing.add(group);
    if (config !== undefined || isToGo) return;
    this.#violated("acknowledged", `the config of ${group} was deleted, and nobody had asked for that`);
  }

  has(requestId: string): boolean {
    return this.#requests.has(`${REQUESTS}default/${requestId}`);
  }

  /** Of another history nothing is known; it begins with what the store has now. */
  restored(): void {
    this.#requests.clear();
    this.#lastRevision.clear();
    this.#removing.clear();
    for (const [group, config] of this.#store.configs) {
      this.#lastRevision.set(group, config.revision);
      if (config.isRemoving) this.#removing.add(group);
    }
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
