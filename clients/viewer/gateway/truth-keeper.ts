// How things stand between the gateway, the server and its store, in words of the page.

import type { GetServerStatusResponse } from "../../gen/theseus/v1/theseus_service.js";
import type { Truth } from "../wire.js";

/** What the gateway itself has to say. */
interface Own {
  /** The rows are of no later time than this. */
  readonly upTo?: number;
  readonly problems?: readonly string[];
}

export class TruthKeeper {
  readonly #now: () => number;
  #known: Omit<Truth, "now">;
  #wasRead = false;

  /** @param now milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
    const nobody = { server: "", version: "", leader: "", servers: [], problems: [] };
    this.#known = { state: "server-away", since: now(), revision: "0", asOf: 0, ...nobody };
  }

  get truth(): Truth {
    return { ...this.#known, now: this.#now() };
  }

  /** All was read at least once. */
  get wasRead(): boolean {
    return this.#wasRead;
  }

  /**
   * What the server said. False: nothing of it is new but its times.
   * @param isRead the rows are what the store has: what is said to be well has to be well.
   */
  told(status: GetServerStatusResponse, isRead: boolean, own: Own = {}): boolean {
    const { storeReachable, serverIds } = status;
    const isWell = storeReachable && isRead;
    this.#wasRead ||= isWell;
    const isBehind = storeReachable && !isRead && this.#wasRead;
    const problems = [...status.problems, ...(own.problems ?? [])];
    return this.#become(isBehind ? "behind" : isWell ? "ok" : storeReachable ? "reading" : "store-away", {
      revision: isBehind ? this.#known.revision : String(status.revision),
      asOf: Math.min(this.#asOf(status, isWell), own.upTo ?? Number.POSITIVE_INFINITY),
      server: status.serverId,
      version: status.version,
      leader: status.leaderId,
      servers: [...serverIds],
      problems: problems.map((text) => text.split("\n")[0] ?? ""),
    });
  }

  /** When the rows were last what the store had, as far as its server knows. */
  #asOf({ storeAge }: GetServerStatusResponse, isWell: boolean): number {
    if (!this.#wasRead) return 0;
    const age = storeAge === undefined ? 0 : Number(storeAge.seconds) * 1000 + storeAge.nanos / 1e6;
    const at = Math.round(this.#now() - age);
    return isWell ? Math.max(this.#known.asOf, at) : at;
  }

  /** It did not answer. */
  away(): boolean {
    const { state: _, since: __, ...last } = this.#known;
    return this.#become("server-away", { ...last, leader: "" });
  }

  #become(state: Truth["state"], rest: Omit<Truth, "now" | "state" | "since">): boolean {
    const since = state === this.#known.state ? this.#known.since : this.#now();
    const before = this.#known;
    this.#known = { state, since, ...rest };
    return JSON.stringify({ ...before, asOf: 0 }) !== JSON.stringify({ ...this.#known, asOf: 0 });
  }
}
