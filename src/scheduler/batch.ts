// Runs the actions of plans in the background: what is in flight is not begun again, what just failed rests a while, and
// whenever one ends the group is looked at again. Must not know how an action is done.

import type { Action } from "../model/action.js";
import { isReason } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import { type GroupRef, groupId } from "../model/reference.js";
import { actionHost, actionKeys, nameKey } from "./action-keys.js";
import type { Bounds } from "./back-off.js";
import { type Executors, execute } from "./execute.js";
import type { ActionContext } from "./execute-context.js";
import { followUps, lookAgainIn } from "./follow-up.js";
import { Holds } from "./holds.js";
import type { Office } from "./office.js";

export type BatchDeps = {
  readonly office: Office;
  readonly executors: Executors;
  /** An action of the group ended, and the group is to be looked at within that time. */
  readonly ended: (group: GroupRef, within: Milliseconds) => void;
  /** A call to the host's engine went unanswered. */
  readonly unanswered: (host: string) => void;
  /** A write failed: what others hold may have changed. */
  readonly outdated: () => void;
};

const CONFLICT: Bounds = { first: 10, most: 1 * SECOND };
const UNANSWERED: Bounds = { first: 500, most: 5 * SECOND };
/** None of the action's fault, and over at a stroke. */
const STORE_FULL: Bounds = { first: 4 * SECOND, most: 4 * SECOND };
const FAILED: Bounds = { first: 500, most: 60 * SECOND };

export class Batch {
  readonly #deps: BatchDeps;
  readonly #holds: Holds;
  readonly #inFlight = new Map<string, Set<string>>();
  /** Per group and key: the count of endings when the last action with that key ended. */
  readonly #ended = new Map<string, Map<string, number>>();
  #endings = 0;
  readonly #running = new Set<Promise<void>>();

  constructor(deps: BatchDeps) {
    this.#deps = deps;
    this.#holds = new Holds(deps.office.clock, deps.office.rng);
  }

  /** Taken before a pass looks: what ends after it may not have been seen. */
  mark(): number {
    return this.#endings;
  }

  /**
   * Begins what can be begun now and gives when the first of the rest may be tried; undefined: nothing is held up. What
   * had an action end since the mark is left to the next pass: this plan was made from how it stood before.
   */
  start(actions: readonly Action[], context: ActionContext, mark: number): Milliseconds | undefined {
    const { group } = context.ledger;
    const id = groupId(group);
    const held: Milliseconds[] = [];
    const recent = this.#endedSince(id, mark);
    context.ledger.gather(() => {
      for (const action of actions) {
        const keys = actionKeys(action);
        if (keys.some((key) => this.#inFlight.get(id)?.has(key) || recent.has(key))) continue;
        const left = Math.max(...holdKeys(group, action).map((key) => this.#holds.left(key)));
        if (left > 0) held.push(left);
        else this.#begin(action, keys, context);
      }
    });
    return held.length === 0 ? undefined : Math.min(...held);
  }

  /** Whether something is being done to that container, whose end will be looked at anyway. */
  isHandling(group: GroupRef, name: string): boolean {
    return this.#inFlight.get(groupId(group))?.has(nameKey(name)) ?? false;
  }

  /** Resolves when nothing is running. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #begin(action: Action, keys: readonly string[], context: ActionContext): void {
    const { group } = context.ledger;
    const id = groupId(group);
    const inFlight = this.#inFlight.get(id) ?? new Set<string>();
    this.#inFlight.set(id, inFlight);
    for (const key of keys) inFlight.add(key);
    const run = this.#run(action, context).then((wentWell) => {
      this.#noteEnd(id, keys);
      for (const key of keys) inFlight.delete(key);
      if (inFlight.size === 0) this.#inFlight.delete(id);
      this.#running.delete(run);
      if (this.#deps.office.end.aborted) return;
      if (wentWell) this.#follow(action, context);
      this.#deps.ended(group, wentWell ? lookAgainIn(action, context.input) : 0);
    });
    this.#running.add(run);
  }

  /** Begins what follows on it in any case, on what was written since the pass looked. */
  #follow(action: Action, context: ActionContext): void {
    const { ledger, input } = context;
    const { group } = ledger;
    for (const next of followUps(action, input)) {
      const keys = actionKeys(next);
      const isBusy = keys.some((key) => this.#inFlight.get(groupId(group))?.has(key));
      if (isBusy || holdKeys(group, next).some((key) => this.#holds.left(key) > 0)) continue;
      const intents = [...ledger.snapshot.intents.values()].map(({ value }) => value);
      this.#begin(next, keys, { ...context, input: { ...input, intents } });
    }
  }

  #noteEnd(id: string, keys: readonly string[]): void {
    const ended = this.#ended.get(id) ?? new Map<string, number>();
    this.#ended.set(id, ended);
    this.#endings++;
    for (const key of keys) ended.set(key, this.#endings);
  }

  /** Also forgets what ended before: passes over a group come one after the other. */
  #endedSince(id: string, mark: number): ReadonlySet<string> {
    const ended = this.#ended.get(id) ?? new Map<string, number>();
    for (const [key, ending] of ended) if (ending <= mark) ended.delete(key);
    if (ended.size === 0) this.#ended.delete(id);
    return new Set(ended.keys());
  }

  /** Whether it went well. Never rejects: a failed action only means that the next pass finds things as they are. */
  async #run(action: Action, context: ActionContext): Promise<boolean> {
    const { office, executors } = this.#deps;
    const { group } = context.ledger;
    office.log.debug({ group: groupId(group), action: action.kind, why: action.reason }, "action");
    try {
      await execute(executors, action, context);
      for (const key of holdKeys(group, action)) this.#holds.worked(key);
      return true;
    } catch (error) {
      if (!office.end.aborted) this.#failed(group, action, error);
      return false;
    }
  }

  #failed(group: GroupRef, action: Action, error: unknown): void {
    const { log } = this.#deps.office;
    const host = actionHost(action);
    const [own = ""] = holdKeys(group, action);
    const fields = { group: groupId(group), action: action.kind, err: error };
    this.#deps.outdated();
    if (isReason(error, "CONFLICT", "CANCELLED")) {
      this.#holds.failed(own, CONFLICT);
      log.debug(fields, "action overtaken");
    } else if (host !== undefined && isReason(error, "HOST_UNREACHABLE")) {
      this.#holds.failed(hostHold(host), UNANSWERED);
      this.#deps.unanswered(host);
      log.debug(fields, "outcome of an action unknown");
    } else if (this.#holds.failed(own, isReason(error, "STORE_FULL") ? STORE_FULL : FAILED) === 1) {
      log.error(fields, "action failed");
    }
  }
}

/** The action's own key first. */
function holdKeys(group: GroupRef, action: Action): string[] {
  const host = actionHost(action);
  const own = `${groupId(group)} ${action.kind} ${actionKeys(action).join(" ")}`;
  return host === undefined ? [own] : [own, hostHold(host)];
}

const hostHold = (host: string): string => `host ${host}`;
