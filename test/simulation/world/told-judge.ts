// Whether what is told of a container is so: it is told ready only after it listened, and told to be anything else only
// when it has not listened for a while.

import type { Milliseconds } from "../../../src/model/instant.js";
import type { Container, Deed } from "./engine.js";
import type { RawIntent, RawStore } from "./raw-store.js";

/** An answer that a container is ready may be that late in the store. */
const READY_IS_TRUE_FOR: Milliseconds = 25_000;
/** What is written may be what was seen so long before it was sent. */
const DOWN_IS_TRUE_FOR: Milliseconds = 3000;

type Times = { readonly now: Milliseconds; readonly sentAt: Milliseconds };

export class ToldJudge {
  readonly #store: RawStore;
  readonly #violated: (invariant: "ready" | "evicted", text: string) => void;
  /** Containers by their names; kept when they are gone. */
  readonly #containers = new Map<string, Container>();
  /** When each listened last, and since when. */
  readonly #upAt = new Map<string, Milliseconds>();
  readonly #upSince = new Map<string, Milliseconds>();
  /** When each was told ready last. */
  readonly #toldAt = new Map<string, Milliseconds>();

  constructor(store: RawStore, violated: (invariant: "ready" | "evicted", text: string) => void) {
    this.#store = store;
    this.#violated = violated;
  }

  did({ act, container }: Deed, now: Milliseconds): void {
    const { name } = container.spec;
    this.#containers.set(name, container);
    if (container.isUp || (act === "die" && this.#upAt.has(name))) this.#upAt.set(name, now);
    if (act === "up") this.#upSince.set(name, now);
    if (act === "die" || act === "remove") this.#upSince.delete(name);
  }

  /** It was not told ready before. */
  told(name: string, now: Milliseconds): void {
    if (this.#store.infos.get(name)?.state !== "ready") return;
    this.#toldAt.set(name, now);
    const container = this.#containers.get(name);
    const upAt = container?.isUp === true ? now : this.#upAt.get(name);
    // Without ports it is ready by running alone.
    if (container !== undefined && Object.keys(container.spec.hostPorts).length === 0) return;
    if (upAt === undefined || now - upAt > READY_IS_TRUE_FOR) {
      this.#violated("ready", `${name} was told ready, and was not up`);
    }
  }

  /**
   * It was told ready before. One that is meant to go is taken out whatever it does; and of one that its engine has started
   * again since nobody knows whether it listens.
   */
  withdrawn(name: string, before: RawIntent | undefined, { now, sentAt }: Times): void {
    const state = this.#store.infos.get(name)?.state;
    const phase = this.#store.intents.get(name)?.phase;
    const isMeant = before?.phase === "running" && (phase === undefined || phase === "running");
    const since = this.#upSince.get(name);
    if (state === "ready") this.#toldAt.set(name, now);
    if (state === "ready" || !isMeant || since === undefined || sentAt - since < DOWN_IS_TRUE_FOR) return;
    if ((this.#containers.get(name)?.startedAt ?? 0) > (this.#toldAt.get(name) ?? 0)) return;
    this.#violated("evicted", `${name} is told ${state ?? "no more"}, and has listened for ${sentAt - since} ms`);
  }
}
