// What Watch tells, as a test says it: whole answers, each to every watch that is open, and the last one to those that
// come later.

import { type Endpoint, WatchResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { Handlers } from "./fake-theseus.js";

export class ScriptedWatch {
  readonly handlers: Handlers = { watch: () => this.#stream(), acknowledge: () => ({}) };
  #revision = 0n;
  #last: WatchResponse | undefined;
  #wake = new Set<() => void>();

  /** @returns the revision, whose cursor is "c" and its number. */
  tell(endpoints: readonly Endpoint[], facts: { readonly groups?: number; readonly containers?: number } = {}): bigint {
    this.#revision += 1n;
    const { groups = 1, containers = endpoints.length } = facts;
    const snapshot = {
      endpoints: [...endpoints],
      matchingGroups: groups,
      matchingContainers: containers,
      asOfTime: new Date(),
    };
    this.#last = WatchResponse.fromPartial({
      cursor: `c${this.#revision}`,
      revision: this.#revision,
      watchId: "w1",
      content: { $case: "snapshot", value: snapshot },
    });
    for (const wake of this.#wake) wake();
    this.#wake.clear();
    return this.#revision;
  }

  async *#stream(): AsyncGenerator<WatchResponse> {
    let sent: WatchResponse | undefined;
    for (;;) {
      if (this.#last !== undefined && this.#last !== sent) {
        sent = this.#last;
        yield sent;
      } else await new Promise<void>((resolve) => this.#wake.add(resolve));
    }
  }
}
