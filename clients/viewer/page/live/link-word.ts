// How the page stands to the fleet, in the words of the truth bar and of the bar over the page. Pure.

import type { Truth } from "../../wire.js";
import { QUIET_FOR, UNNOTICED_FOR } from "./backoff.js";
import type { StreamState } from "./stream.js";

export interface LinkWord {
  /** "reading": nothing has come yet. */
  readonly word: "reading" | "live" | "reconnecting" | "disconnected" | "behind" | "store-away" | "server-away";
  /** Since when; by the gateway's clock for what the gateway says, by the browser's for the stream. */
  readonly since: number;
  readonly stale: boolean;
  /** Milliseconds until the next try; 0: it is being tried, or there is nothing to try. */
  readonly nextTryIn: number;
}

export interface LinkFacts {
  readonly stream: StreamState;
  readonly truth: Truth | null;
  readonly loaded: boolean;
  /** By the browser's clock. */
  readonly now: number;
}

export function linkWord(facts: LinkFacts): LinkWord {
  const { stream, truth, loaded, now } = facts;
  if (stream.lostAt > 0) return lostWord(facts, now - stream.lostAt);
  if (truth === null || truth.state === "reading") return { word: "reading", since: now, stale: false, nextTryIn: 0 };
  if (truth.state !== "ok") return { word: truth.state, since: truth.since, stale: true, nextTryIn: 0 };
  return { word: loaded ? "live" : "reading", since: truth.since, stale: false, nextTryIn: 0 };
}

function lostWord({ stream, truth, loaded, now }: LinkFacts, lostFor: number): LinkWord {
  const since = stream.lostAt;
  const nextTryIn = stream.nextTry === 0 ? 0 : Math.max(0, stream.nextTry - now);
  if (lostFor >= QUIET_FOR) return { word: "disconnected", since, stale: true, nextTryIn };
  if (truth === null || truth.state === "reading" || !loaded)
    return { word: "reading", since, stale: false, nextTryIn };
  // What was away before does not come back by a break of the line.
  if (truth.state !== "ok") return { word: truth.state, since: truth.since, stale: true, nextTryIn };
  return { word: lostFor < UNNOTICED_FOR ? "live" : "reconnecting", since, stale: false, nextTryIn };
}
