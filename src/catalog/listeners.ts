// Who wants to know of changes. A listener that throws harms nobody but itself.

import type { Logger } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";

/** Told the group, or "all" after a snapshot, and the revision of the change. */
export type Listener = (group: GroupRef | "all", revision: bigint) => void;

export type Listeners = {
  add(listener: Listener): () => void;
  tell(touched: readonly GroupRef[] | "all", revision: bigint): void;
};

export function createListeners(log: Logger): Listeners {
  const listeners = new Set<Listener>();
  const call = (listener: Listener, group: GroupRef | "all", revision: bigint): void => {
    try {
      listener(group, revision);
    } catch (error) {
      log.error({ error }, "a listener of the catalog failed");
    }
  };
  return {
    add: (listener) => {
      const own: Listener = (group, revision) => listener(group, revision);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    tell: (touched, revision) => {
      const groups = touched === "all" ? (["all"] as const) : touched;
      for (const group of groups) for (const listener of [...listeners]) call(listener, group, revision);
    },
  };
}
