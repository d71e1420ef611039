// Waiting after a change: until its rollout is over, or the group is gone, or it cannot begin, or our own patience ends.
// The work goes on in the server whatever happens here.

import { type Group, GroupState } from "../../gen/theseus/v1/group.js";
import { RolloutState } from "../../gen/theseus/v1/rollout.js";
import { hasReason, toFailure } from "../failure.js";
import { isOver } from "../output/rollout.js";
import { openDrains } from "./drains.js";
import { Failures } from "./failures.js";
import type { Goal, Reached, Watched } from "./goal.js";
import { pause } from "./pause.js";
import { Reader, type Sight } from "./reader.js";
import { standingOf } from "./standing.js";
import { Verdicts } from "./verdict.js";

const PACE = 150;
const DEFAULT_TIMEOUT = 10 * 60_000;
/** A server that is being restarted is waited for. */
const LOST_PATIENCE = 20_000;
/** What takes no longer is not worth a line. */
const DRAIN_PATIENCE = 1_000;

/** @throws Failure with the code that says why it will not come about, STILL_RUNNING, SUPERSEDED or CANCELLED. */
export function waitFor(watched: Watched, goal: Goal): Promise<Reached> {
  return new Wait(watched, goal).run();
}

class Wait {
  readonly #watched: Watched;
  readonly #goal: Goal;
  readonly #reader: Reader;
  readonly #failures: Failures;
  readonly #started = Date.now();
  readonly #verdicts = new Verdicts();
  #lostSince: number | undefined;
  #lookedAtDrains = this.#started;
  #drains: readonly string[] = [];
  #last: Sight | undefined;
  #looksSuperseded = false;

  constructor(watched: Watched, goal: Goal) {
    this.#watched = watched;
    this.#goal = goal;
    this.#reader = new Reader(watched.server, goal);
    this.#failures = new Failures(watched.context, goal);
  }

  async run(): Promise<Reached> {
    const timeout = this.#watched.context.globals.timeout ?? DEFAULT_TIMEOUT;
    for (;;) {
      const reached = await this.#look();
      if (reached !== undefined) return reached;
      if (Date.now() - this.#started >= timeout) throw this.#failures.stillRunning(timeout, this.#last, this.#drains);
      await pause(PACE, this.#watched.context.io.interrupted).catch((error: unknown) => {
        throw this.#failures.interrupted(this.#last, error);
      });
    }
  }

  async #look(): Promise<Reached | undefined> {
    const seen = await this.#reader.look().catch((error: unknown) => {
      throw hasReason(error, "CANCELLED") ? this.#failures.interrupted(this.#last, error) : error;
    });
    if (seen === "gone") return this.#gone();
    if ("lost" in seen) return this.#lost(seen.lost);
    this.#lostSince = undefined;
    this.#last = seen;
    this.#show(seen);
    return this.#judge(seen);
  }

  async #judge(sight: Sight): Promise<Reached | undefined> {
    const standing = standingOf(sight, this.#goal, this.#reader.knowsRollouts);
    if (standing === "reached") return { ...sight, took: Date.now() - this.#started };
    if (standing === "ended") throw this.#failures.ended(sight);
    if (standing === "superseded" && this.#isSettled(sight)) throw this.#failures.superseded(sight);
    this.#looksSuperseded = standing === "superseded";
    const reasons = this.#verdicts.judge(sight.group, Date.now(), this.#reader.knowsRollouts);
    // On its way back, what the group could not have is no longer wanted.
    if (sight.rollout?.state === RolloutState.ROLLING_BACK) return undefined;
    if (reasons.length > 0) throw this.#failures.hopeless(sight, reasons);
    await this.#lookAtDrains(sight.group);
    return undefined;
  }

  /** The rollout was read before the group: it may have ended in between, and then says so at the next look. */
  #isSettled({ rollout }: Sight): boolean {
    return this.#looksSuperseded || rollout === undefined || isOver(rollout);
  }

  #show({ group, rollout, back }: Sight): void {
    const { name, target } = this.#failures;
    const { namespace } = this.#goal.ref;
    const view = { name, namespace: namespace || this.#watched.context.globals.namespace, target, waits: this.#drains };
    this.#watched.progress.show({ ...view, group, rollout, back }, Date.now());
  }

  async #lookAtDrains({ status }: Group): Promise<void> {
    const isLeaving = status?.state === GroupState.ROLLING || status?.state === GroupState.REMOVING;
    if (!isLeaving) this.#drains = [];
    if (!isLeaving || Date.now() - this.#lookedAtDrains < DRAIN_PATIENCE) return;
    this.#lookedAtDrains = Date.now();
    this.#drains = await openDrains(this.#watched.server, this.#goal.ref);
    if (this.#last !== undefined) this.#show(this.#last);
  }

  #lost(error: unknown): undefined {
    const now = Date.now();
    if (this.#lostSince === undefined) this.#watched.progress.lost(this.#failures.name, now);
    this.#lostSince ??= now;
    if (now - this.#lostSince > LOST_PATIENCE) throw this.#failures.accepted(toFailure(error));
  }

  #gone(): Reached {
    if (this.#goal.configRevision !== undefined) throw this.#failures.removed();
    return { group: undefined, rollout: undefined, took: Date.now() - this.#started };
  }
}
