// Details of what is opened, kept up to date: read again when the rows that they belong to change. What was there stays
// until something newer comes.

import { useEffect, useRef, useState } from "preact/hooks";
import { fetchJson } from "../live/browser.js";
import { gatewayNow } from "../live/clock.js";
import type { Refused } from "../live/ports.js";
import { Paced } from "./paced.js";

export interface Detail<Value> {
  /** undefined: nothing has been read yet. */
  readonly value: Value | undefined;
  /** When `value` was read. */
  readonly at: number;
  /** Why it could not be read the last time; `value` is older than that. */
  readonly failed: Refused | undefined;
  again(): void;
}

interface Kept<Value> {
  readonly path: string;
  readonly value: Value | undefined;
  readonly at: number;
  readonly failed: Refused | undefined;
}

const PAUSE = 1_000;

/**
 * @param path of the gateway; "" reads nothing.
 * @param sign another value whenever what is read may have changed.
 * @param pause milliseconds between two readings, at least.
 */
export function useDetail<Value>(path: string, sign: unknown, pause = PAUSE): Detail<Value> {
  const nothing: Kept<Value> = { path, value: undefined, at: 0, failed: undefined };
  const [kept, setKept] = useState(nothing);
  const paced = useRef<Paced<Value> | undefined>(undefined);
  useEffect(() => {
    if (path === "") return;
    const put = (change: Partial<Kept<Value>>) =>
      setKept((before) => ({ ...(before.path === path ? before : nothing), ...change, path }));
    const one = new Paced<Value>(
      {
        now: () => performance.now(),
        after: (milliseconds, run) => {
          const timer = setTimeout(run, milliseconds);
          return () => clearTimeout(timer);
        },
        read: (abort) => fetchJson<Value>(path, abort),
        got: (value) => put({ value, at: gatewayNow(), failed: undefined }),
        failed: (failed) => put({ failed }),
      },
      pause,
    );
    paced.current = one;
    return () => one.close();
  }, [path, pause]);
  useEffect(() => paced.current?.ask(), [path, pause, sign]);
  const { value, at, failed } = kept.path === path ? kept : nothing;
  return { value, at, failed, again: () => paced.current?.ask() };
}
