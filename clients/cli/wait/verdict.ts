// When waiting is over although the group is not steady: which reasons end it, and after how long. Pure.

import type { Attention, Group } from "../../gen/theseus/v1/group.js";
import { reasonCode } from "../output/words.js";

interface Rule {
  /** Milliseconds for which it has to stand. */
  readonly patience: number;
  /** So many different failures of one slot end it sooner. */
  readonly failures?: number;
  /** One that was there before the change says nothing about it. */
  readonly onlyFresh?: boolean;
  /** Where there are rollouts, it is the rollout that fails of it, after so many tries. */
  readonly leftToRollout?: boolean;
}

const CRASH: Rule = { patience: 2_000, failures: 2, onlyFresh: true, leftToRollout: true };
/** How long one from before the change has to stand until it is believed. */
const STALE_PATIENCE = 3_000;

/** In the order in which they are told when there are several. */
const RULES: Readonly<Record<string, Rule>> = {
  IMAGE_NOT_FOUND: { patience: 0 },
  IMAGE_DENIED: { patience: 0 },
  IMAGE_PLATFORM: { patience: 0 },
  REGISTRY_UNREACHABLE: { patience: 0 },
  COMMAND_NOT_FOUND: { patience: 0, onlyFresh: true, leftToRollout: true },
  NETWORK_NOT_FOUND: { patience: 1_000, onlyFresh: true, leftToRollout: true },
  CONTAINER_REFUSED: CRASH,
  CONTAINER_EXITED: CRASH,
  NO_HOST_FITS: { patience: 1_000 },
  PORT_TAKEN: { patience: 1_000 },
  STORE_DAMAGED: { patience: 3_000 },
  ENGINE_CHANGED: { patience: 3_000 },
  // The server has waited already before it says so.
  HOST_UNREACHABLE: { patience: 1_000 },
};

interface Seen {
  readonly first: number;
  readonly fresh: boolean;
  readonly texts: Set<string>;
}

/** Watches one group after one change. */
export class Verdicts {
  readonly #seen = new Map<string, Seen>();
  #looks = 0;

  /** The reasons that end the waiting now, the weightiest first; empty while there is hope. */
  judge(group: Group, now: number, knowsRollouts = false): readonly Attention[] {
    this.#looks += 1;
    const attention = group.status?.attention ?? [];
    const present = new Set(attention.map(subject));
    for (const key of this.#seen.keys()) if (!present.has(key)) this.#seen.delete(key);
    const ended = attention.filter((one) => this.#isFinal(one, group, now) && !(knowsRollouts && isLeft(one)));
    const codes = Object.keys(RULES);
    return ended.sort((a, b) => codes.indexOf(reasonCode(a.reason)) - codes.indexOf(reasonCode(b.reason)));
  }

  #isFinal(attention: Attention, group: Group, now: number): boolean {
    const rule = RULES[reasonCode(attention.reason)];
    const seen = this.#look(attention, group, now);
    if (rule === undefined) return false;
    if (!seen.fresh && rule.onlyFresh) return false;
    if (rule.failures !== undefined && seen.texts.size >= rule.failures) return true;
    const patience = seen.fresh ? rule.patience : Math.max(rule.patience, STALE_PATIENCE);
    return now - seen.first >= patience;
  }

  #look(attention: Attention, group: Group, now: number): Seen {
    const key = subject(attention);
    const before = this.#seen.get(key);
    // What appears between two looks of ours is new, whatever the servers' clocks say.
    const appeared = this.#looks > 1 && (before === undefined || !before.texts.has(attention.text));
    const fresh = appeared || isNewer(attention.sinceTime, group.lastChange?.time);
    const known = before?.fresh === fresh || before?.fresh ? before : { first: now, fresh, texts: new Set<string>() };
    known.texts.add(attention.text);
    this.#seen.set(key, known);
    return known;
  }
}

function isLeft({ reason }: Attention): boolean {
  return RULES[reasonCode(reason)]?.leftToRollout ?? false;
}

function isNewer(since: Date | undefined, change: Date | undefined): boolean {
  return since === undefined || change === undefined || since.getTime() >= change.getTime();
}

function subject({ reason, slot, host }: Attention): string {
  return `${reasonCode(reason)} ${slot} ${host}`;
}
