// Who wants to know of changes. A listener that throws harms nobody but itself.

import type { Logger } from "../model/ports.js";
import type { GroupRef } from "../model/reference.js";

/**
 * Told the group, or "all" after a snapshot, and the revision of the change. Not managed: nothing but records of
 * containers that Theseus does not run, in a group that has nothing else.
 */
export type Listener = (group: GroupRef | "all", revision: bigint, managed: boolean) => void;

export type ChangedGroup = { readonly group: GroupRef; readonly managed: boolean };

export type Listeners = {
  add(listener: Listener): () => void;
  tell(touched: readonly ChangedGroup[] | "all", revision: bigint): void;
};

export function createListeners(log: Logger): Listeners {
  const listeners = new Set<Listener>();
  const call = (listener: Listener, ...told: Parameters<Listener>): void => {
    try {
      listener(...told);
    } catch (error) {
      log.error({ error }, "a listener of the catalog failed");
    }
  };
  return {
    add: (listener) => {
      const own: Listener = (...told) => listener(...told);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    tell: (touched, revision) => {
      const changed = touched === "all" ? [{ group: touched, managed: true }] : touched;
      for (const { group, managed } of changed) {
        for (const listener of [...listeners]) call(listener, group, revision, managed);
      }
    },
  };
}
