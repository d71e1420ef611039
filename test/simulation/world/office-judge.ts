// Whether only who is in office writes what is the leader's, by a write of that very term, and asks an engine for anything;
// and the office is taken only while nobody has it.

import type { Milliseconds } from "../../../src/model/instant.js";
import type { Commit } from "./etcd.js";
import { type RawStore, readKey } from "./raw-store.js";

/** What only the leader writes. */
const LEADERS_OWN = new Set(["intent", "info", "drain", "slots", "rollouts", "host", "evidence"]);
/** What people change too, by requests: without one it is the leader's. */
const PEOPLES = new Set(["config", "group", "recovery"]);
const REQUESTS = "/theseus/requests/";

export class OfficeJudge {
  readonly #store: RawStore;
  readonly #violated: (invariant: "fence" | "office", text: string) => void;
  /** Server ids by the names of processes. */
  readonly #ids = new Map<string, string>();
  #takenAt: Milliseconds = 0;
  #isRestored = false;

  constructor(store: RawStore, violated: (invariant: "fence" | "office", text: string) => void) {
    this.#store = store;
    this.#violated = violated;
  }

  started(process: string, serverId: string): void {
    this.#ids.set(process, serverId);
  }

  /** From here on revisions and terms come again. */
  restored(): void {
    this.#isRestored = true;
  }

  /** The store has it already. @param former who led before it. */
  committed({ changes, by, sentAt }: Commit, former: string | undefined, now: Milliseconds): void {
    const isOfPeople = changes.some(({ key, deleted }) => key.startsWith(REQUESTS) && !deleted);
    for (const { key, deleted } of changes) {
      const { kind } = readKey(key);
      if (kind === "leader" && !deleted) this.#elected(former, now);
      if (LEADERS_OWN.has(kind) || (PEOPLES.has(kind) && !isOfPeople)) this.#fence(key, { by, former, sentAt });
    }
  }

  /** A call that changes something on an engine leaves a process. */
  sending(process: string, what: string): void {
    const { leader } = this.#store;
    if (leader === this.#ids.get(process)) return;
    this.#violated("office", `${process} asks for "${what}" while ${leader ?? "nobody"} leads`);
  }

  #elected(former: string | undefined, now: Milliseconds): void {
    const { leader } = this.#store;
    this.#takenAt = now;
    if (former !== undefined) this.#violated("office", `${leader} took the office from ${former}`);
  }

  #fence(
    key: string,
    { by, former, sentAt }: Pick<Commit, "by" | "sentAt"> & { readonly former: string | undefined },
  ): void {
    const id = by === undefined ? undefined : this.#ids.get(by);
    if (id === undefined || this.#isRestored) return;
    if (id !== former) this.#violated("fence", `${by} wrote ${key} while ${former ?? "nobody"} led`);
    else if (sentAt < this.#takenAt) this.#violated("fence", `${by} wrote ${key} in a former term, and leads again`);
  }
}
