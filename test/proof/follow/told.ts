// What a watcher was told, in plain values that can be compared with the store.

import type { State } from "./questions.js";

/** Endpoint -> what is told of it now; undefined: it is gone. */
export type Changes = ReadonlyMap<string, string | undefined>;

export type Told = { readonly revision: number } & (
  | { readonly kind: "snapshot"; readonly entries: State }
  | { readonly kind: "delta"; readonly changes: Changes }
  | { readonly kind: "bookmark" }
);

/** One program that follows a question, whatever happens to its connections. */
export interface Watcher {
  /** Folded from everything it was told. */
  readonly state: State;
  /** Told and not looked at yet, oldest first. */
  readonly told: Told[];
  /** What it said of itself. */
  readonly complaints: string[];
  close(): Promise<void>;
}
