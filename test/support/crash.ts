// A scheduler that is killed right after its k-th effect: nothing it asks for after that happens or is answered.

import type { Runtime } from "../../src/model/ports.js";
import type { SchedulerStore } from "../../src/model/store.js";
import { CHANGING } from "./fake-runtime.js";

const EFFECTS = new Set<string>([...CHANGING, "writeGroup", "writeHost", "writeEpoch", "keepEvidence"]);
/** What they give is followed, not awaited. */
const STREAMS = new Set<string | symbol>(["events", "logLines"]);

export class Crash {
  readonly #after: number;
  #effects = 0;

  /** @param after how many effects come through; the answer of the last one does not. */
  constructor(after: number) {
    this.#after = after;
  }

  get happened(): boolean {
    return this.#effects >= this.#after;
  }

  store(store: SchedulerStore): SchedulerStore {
    return this.#guard(store);
  }

  runtimes(runtimes: ReadonlyMap<string, Runtime>): ReadonlyMap<string, Runtime> {
    return new Map([...runtimes].map(([host, runtime]) => [host, this.#guard(runtime)]));
  }

  #guard<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name, object);
        if (typeof member !== "function" || STREAMS.has(name)) {
          return typeof member === "function" ? member.bind(object) : member;
        }
        return (...args: unknown[]) => this.#call(String(name), () => Reflect.apply(member, object, args));
      },
    });
  }

  async #call(name: string, call: () => Promise<unknown>): Promise<unknown> {
    if (this.happened) return forever();
    if (EFFECTS.has(name)) this.#effects++;
    const result = await call();
    return this.happened ? forever() : result;
  }
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}
