// How things stand between the gateway, the server and its store, in words of the page.

import type { GetServerStatusResponse } from "../../gen/theseus/v1/theseus_service.js";
import type { Truth } from "../wire.js";

export class TruthKeeper {
  readonly #now: () => number;
  #known: Omit<Truth, "now">;

  /** @param now milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
    const nobody = { server: "", version: "", leader: "", servers: [], problems: [] };
    this.#known = { state: "server-away", since: now(), revision: "0", asOf: 0, ...nobody };
  }

  get truth(): Truth {
    return { ...this.#known, now: this.#now() };
  }

  /** What the server said. False: nothing of it is new but its times. */
  told(status: GetServerStatusResponse): boolean {
    const { storeReachable, revision, storeAge, serverIds, problems } = status;
    const age = storeAge === undefined ? 0 : Number(storeAge.seconds) * 1000 + storeAge.nanos / 1e6;
    const now = this.#now();
    return this.#become(storeReachable ? "ok" : "store-away", {
      revision: String(revision),
      asOf: Math.round(storeReachable ? Math.max(this.#known.asOf, now - age) : now - age),
      server: status.serverId,
      version: status.version,
      leader: status.leaderId,
      servers: [...serverIds],
      problems: problems.map((text) => text.split("\n")[0] ?? ""),
    });
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
