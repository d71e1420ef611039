// Probes running containers from outside, each at its own pace, and keeps a verdict for each. A probe never outlives
// its container or the term. Must not know what a verdict leads to.

import type { ProbeFault, Verdict } from "../model/container.js";
import type { Pace, Probed } from "../model/defaults.js";
import type { Instant, Milliseconds } from "../model/instant.js";
import type { Clock, Logger, Probe, Rng } from "../model/ports.js";
import { type GroupRef, groupId } from "../model/reference.js";
import { NO_TALLY, type Tally, tallied } from "./hysteresis.js";
import { LastAnswers } from "./last-answers.js";
import { faultIn, withFault } from "./probe-fault.js";

/** What is probed of one container. */
export type ProbeTarget = {
  readonly containerId: string;
  readonly name: string;
  readonly group: GroupRef;
  /** Undefined right after its start, when no listing has told it yet. */
  readonly startedAt: Instant | undefined;
  readonly address: string;
  readonly probes: readonly { readonly probed: Probed; readonly port: number }[];
  readonly pace: Pace;
  /** It is told as ready: no hurry, it is probed at its ordinary interval, and that it passes is no news. */
  readonly wasReady: boolean;
};

export type ProberDeps = {
  readonly probe: Probe;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly changed: (group: GroupRef) => void;
};

type Probing = {
  target: ProbeTarget;
  readonly begun: Milliseconds;
  readonly stop: AbortController;
  tally: Tally;
  fault: ProbeFault | undefined;
  everPassed: boolean;
  /** The first of the passes that made its verdict what it is, if that is passing. */
  passesBegan: Milliseconds | undefined;
};

/** The first attempts come faster than start_interval, at this part of it, doubling. */
const FIRST_STEP = 1 / 8;

export class Prober {
  readonly #deps: ProberDeps;
  readonly #term: AbortSignal;
  readonly #probings = new Map<string, Probing>();
  /** Ids of the containers that are probed, by group: a pass looks only at its own. */
  readonly #groups = new Map<string, Set<string>>();
  readonly #answers = new LastAnswers();

  constructor(deps: ProberDeps, end: AbortSignal) {
    this.#deps = deps;
    this.#term = end;
    end.addEventListener("abort", () => this.#stopAll(), { once: true });
  }

  /** "untried" until enough attempts agree on the container as started at that time. */
  verdictOf(containerId: string, startedAt: Instant | undefined): Verdict {
    const probing = this.#probings.get(containerId);
    return probing !== undefined && sameStart(probing.target, startedAt) ? probing.tally.verdict : "untried";
  }

  /** How long its attempts have passed, as started at that time; undefined: its verdict is another one. */
  passingFor(containerId: string, startedAt: Instant | undefined): Milliseconds | undefined {
    const began = this.#probings.get(containerId)?.passesBegan;
    const isPassing = this.verdictOf(containerId, startedAt) === "passing";
    return isPassing && began !== undefined ? this.#deps.clock.monotonic() - began : undefined;
  }

  /** What its last attempt saw, as started at that time; undefined: it passed, or nothing was tried yet. */
  faultOf(containerId: string, startedAt: Instant | undefined): ProbeFault | undefined {
    const probing = this.#probings.get(containerId);
    return probing !== undefined && sameStart(probing.target, startedAt) ? probing.fault : undefined;
  }

  /** The last answers of its probes, the newest last; also for a while after it ended. */
  answersOf(containerId: string): readonly string[] {
    return this.#answers.of(containerId);
  }

  /**
   * Probes the container from now on; the first attempt is made at once unless it was ready before. A new start or other
   * probes begin anew. Once the term is over it does nothing: a start or a pass may have been under way then.
   */
  watch(target: ProbeTarget): void {
    if (this.#term.aborted) return;
    const probing = this.#probings.get(target.containerId);
    if (probing === undefined) this.#begin(target, NO_TALLY);
    else if (!sameStart(probing.target, target.startedAt)) this.#again(probing, target, NO_TALLY);
    else this.#adapt(probing, target);
  }

  #adapt(probing: Probing, target: ProbeTarget): void {
    const known = { ...target, startedAt: target.startedAt ?? probing.target.startedAt };
    if (sameProbes(probing.target, known)) probing.target = known;
    // Other probes: the verdict stands until the new ones agree on another.
    else this.#again(probing, known, { ...NO_TALLY, verdict: probing.tally.verdict });
  }

  /** Stops probing every container of the group but these, unless its probing began after `seen`, when it could not yet be known. */
  keepOnly(group: GroupRef, ids: ReadonlySet<string>, seen: Milliseconds): void {
    for (const containerId of [...(this.#groups.get(groupId(group)) ?? [])]) {
      const begun = this.#probings.get(containerId)?.begun ?? seen;
      if (!ids.has(containerId) && begun < seen) this.#end(containerId);
    }
  }

  #again(probing: Probing, target: ProbeTarget, tally: Tally): void {
    probing.stop.abort();
    this.#begin(target, tally);
  }

  #begin(target: ProbeTarget, tally: Tally): void {
    const probing: Probing = {
      target,
      begun: this.#deps.clock.monotonic(),
      stop: new AbortController(),
      tally,
      fault: undefined,
      everPassed: target.wasReady || tally.verdict === "passing",
      passesBegan: undefined,
    };
    this.#probings.set(target.containerId, probing);
    const group = groupId(target.group);
    this.#groups.set(group, (this.#groups.get(group) ?? new Set()).add(target.containerId));
    this.#run(probing).catch((error) => {
      if (probing.stop.signal.aborted) return;
      this.#deps.log.error({ err: error, container: target.name }, "probing stopped");
      this.#end(target.containerId);
    });
  }

  async #run(probing: Probing): Promise<void> {
    const { clock, rng } = this.#deps;
    const { signal } = probing.stop;
    // After a takeover the first attempts are spread, so that they do not come all at once.
    if (probing.target.wasReady) await clock.sleep(rng.fraction() * probing.target.pace.interval, signal);
    for (let attempts = 0; !signal.aborted; attempts++) {
      const { passed, text, fault } = await this.#attempt(probing);
      if (signal.aborted) return;
      probing.fault = withFault(probing.fault, fault);
      this.#answers.note(probing.target.containerId, text);
      this.#note(probing, passed, stepOf(probing.target.pace, attempts) >= probing.target.pace.startInterval);
      await clock.sleep(pause(probing, attempts), signal);
    }
  }

  /** Passed when every probe has; each says what it saw. */
  async #attempt(probing: Probing): Promise<{ passed: boolean; text: string; fault: string | undefined }> {
    const { address, probes, pace } = probing.target;
    const { signal } = probing.stop;
    const results = await Promise.all(
      probes.map(async ({ probed, port }) => {
        return { ...(await this.#deps.probe.attempt(probed, address, port, pace.timeout, signal)), probed };
      }),
    );
    const texts = results.map(({ text, probed }) => (probes.length === 1 ? text : `${probed.port}: ${text}`));
    return { passed: results.every(({ passed }) => passed), text: texts.join(", "), fault: faultIn(results) };
  }

  #note(probing: Probing, passed: boolean, atPace: boolean): void {
    const { target } = probing;
    const inStartPeriod = this.#deps.clock.monotonic() - probing.begun < target.pace.startPeriod;
    const counts = probing.everPassed || (atPace && !inStartPeriod);
    const before = probing.tally.verdict;
    if (passed && before !== "passing" && probing.tally.passes === 0) {
      probing.passesBegan = this.#deps.clock.monotonic();
    }
    probing.tally = tallied(probing.tally, { passed, counts }, target.pace);
    const { verdict } = probing.tally;
    if (verdict === "passing") probing.everPassed = true;
    // After a takeover everything that was ready passes once: a pass for each of them would find nothing new.
    const isAsTold = before === "untried" && verdict === "passing" && target.wasReady;
    if (verdict !== before && !isAsTold) this.#deps.changed(target.group);
  }

  #end(containerId: string): void {
    const probing = this.#probings.get(containerId);
    this.#answers.end(containerId);
    if (probing === undefined) return;
    probing.stop.abort();
    this.#probings.delete(containerId);
    const id = groupId(probing.target.group);
    const group = this.#groups.get(id);
    group?.delete(containerId);
    if (group?.size === 0) this.#groups.delete(id);
  }

  #stopAll(): void {
    for (const id of [...this.#probings.keys()]) this.#end(id);
  }
}

/** Until it has once passed a container is asked often, and at first more often still; then at its interval. */
function pause({ everPassed, target }: Probing, attempts: number): Milliseconds {
  return everPassed ? target.pace.interval : stepOf(target.pace, attempts);
}

function stepOf({ startInterval }: Pace, attempts: number): Milliseconds {
  return Math.min(startInterval, startInterval * FIRST_STEP * 2 ** Math.min(attempts, 30));
}

function sameStart(target: ProbeTarget, startedAt: Instant | undefined): boolean {
  return target.startedAt === undefined || startedAt === undefined || target.startedAt === startedAt;
}

function sameProbes(a: ProbeTarget, b: ProbeTarget): boolean {
  const facts = ({ address, probes, pace }: ProbeTarget): string => JSON.stringify([address, probes, pace]);
  return facts(a) === facts(b);
}
