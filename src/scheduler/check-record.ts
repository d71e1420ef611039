// How the checks of containers went lately: since when they pass, and how often they had turned from passing to failing.
// Kept for the term. Must not know what follows from it.

import { type Checked, type ContainerInfo, type ObservedContainer, wasStartedSince } from "../model/container.js";
import { type Instant, MINUTE, type Milliseconds } from "../model/instant.js";

export type Look = {
  readonly now: Instant;
  /** How long the checks had passed already when they were taken as passing. */
  readonly passingFor?: Milliseconds | undefined;
  /** What is told of the container now. */
  readonly told?: ContainerInfo | undefined;
};

type Known = {
  /** Another start, or other checks: nothing is known of those. */
  readonly life: string;
  readonly passingSince: Instant | undefined;
  readonly failures: number;
};

/** What has passed for so long begins with a clean sheet. */
const FORGIVEN_AFTER = MINUTE;

export class CheckRecord {
  readonly #known = new Map<string, Known>();

  /** With what is seen of it now; undefined: its checks say nothing. */
  noted(container: ObservedContainer, look: Look): Checked | undefined {
    const passes = passing(container);
    if (passes === undefined) return undefined;
    const { id, startedAt, verdict } = container;
    const life = `${startedAt} ${verdict === "untried" ? "docker" : "probe"}`;
    const known = this.#known.get(id);
    const inherited = known === undefined && wasTakenOver(container, look.told) ? 1 : 0;
    const before = known?.life === life ? known : { life, passingSince: undefined, failures: inherited };
    const next = passes ? passed(before, look) : failed(before, look.now);
    this.#known.set(id, next);
    const { failures, passingSince } = next;
    return passingSince === undefined ? { failures } : { passingSince, failures };
  }

  /** Forgets containers that are not there any more. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
  }
}

/** Whoever led before had seen its checks fail since it was started, so that it comes back on probation. */
function wasTakenOver({ startedAt }: ObservedContainer, told: ContainerInfo | undefined): boolean {
  return told?.state === "unhealthy" && !wasStartedSince(startedAt, told);
}

/** Where it is probed from outside, that decides. */
function passing({ verdict, health }: ObservedContainer): boolean | undefined {
  if (verdict !== "untried") return verdict === "passing";
  return health === "healthy" || health === "unhealthy" ? health === "healthy" : undefined;
}

function passed(before: Known, { now, passingFor = 0 }: Look): Known {
  return { ...before, passingSince: before.passingSince ?? now - passingFor };
}

function failed(before: Known, now: Instant): Known {
  const { life, passingSince, failures } = before;
  if (passingSince === undefined) return before;
  const isForgiven = now - passingSince >= FORGIVEN_AFTER;
  return { life, passingSince: undefined, failures: isForgiven ? 1 : failures + 1 };
}
