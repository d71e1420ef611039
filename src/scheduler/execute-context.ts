// What executors work with: the term's things, and those of the pass that planned the action.

import { isReason, TheseusError } from "../model/errors.js";
import type { PlanInput } from "../model/plan.js";
import type { GroupRef } from "../model/reference.js";
import type { ConfigTexts, GroupSnapshot } from "../model/store.js";
import type { Engine } from "./engine.js";
import type { GroupEdit } from "./group-edit.js";
import type { GroupLedger } from "./group-ledger.js";
import type { Images } from "./images.js";
import type { Office } from "./office.js";
import type { Prober } from "./prober.js";

export type ExecutorDeps = {
  readonly office: Office;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly images: Images;
  readonly prober: Prober;
  readonly configs: ConfigTexts;
  /** Where containers reach the discovery of each server. */
  readonly discoveryServers: () => Promise<readonly string[]>;
  readonly openLedger: (snapshot: GroupSnapshot) => GroupLedger;
  /** What an action has written by now is something to build on before it ends. */
  readonly lookAgain: (group: GroupRef) => void;
};

export type ActionContext = {
  readonly ledger: GroupLedger;
  readonly input: PlanInput;
  /** Per host, from when the reservations were read that the plan was made from. */
  readonly doubts: ReadonlyMap<string, number>;
};

/** HOST_UNREACHABLE for a host that this server has no engine for. */
export function engineOf(deps: ExecutorDeps, host: string): Engine {
  const engine = deps.engines.get(host);
  if (engine !== undefined) return engine;
  throw new TheseusError("HOST_UNREACHABLE", { what: `this server has no connection to the engine of ${host}` });
}

const MOST_TRIES = 4;

/**
 * Writes down what was found out by an effect that is over, on fresh reads when others wrote meanwhile. Nothing is
 * written when `holds` says that it no longer matters.
 */
export async function record(
  deps: ExecutorDeps,
  { ledger }: ActionContext,
  edit: GroupEdit,
  holds: (snapshot: GroupSnapshot) => boolean,
): Promise<void> {
  const { store } = deps.office;
  let present = ledger.isAsRead ? ledger : deps.openLedger(await store.readGroup(ledger.group));
  for (let tries = 1; holds(present.snapshot); tries++) {
    try {
      return await present.commit(edit);
    } catch (error) {
      if (!isReason(error, "CONFLICT") || tries >= MOST_TRIES) throw error;
      present = deps.openLedger(await store.readGroup(ledger.group));
    }
  }
}
