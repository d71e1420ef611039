// How each kind of action is done. Complete by type: an action without an executor does not compile. Decides nothing.

import type { Action, ActionKind, ActionOf } from "../model/action.js";
import { upTo, withRollout } from "../model/rollout.js";
import { assign } from "./assign.js";
import { drain, release, remove, setRestartPolicy, stop } from "./end-container.js";
import { failedEvents, groupGone, rolloutEvents } from "./events.js";
import { type ActionContext, type ExecutorDeps, engineOf } from "./execute-context.js";
import { launch } from "./launch.js";
import { pinImage } from "./pin-image.js";
import { adopt, raiseSlots, stopStray } from "./recover.js";
import { rollBack } from "./roll-back.js";
import { forgiven } from "./slot-records.js";
import { tryOut } from "./try-out.js";

/** Each ends when its effect is there, or fails with a TheseusError: CONFLICT look again, HOST_UNREACHABLE unknown. */
export type Executors = {
  readonly [K in ActionKind]: (action: ActionOf<K>, context: ActionContext) => Promise<void>;
};

export function createExecutors(deps: ExecutorDeps): Executors {
  return {
    pinImage: (action, context) => pinImage(deps, action, context),
    assign: (action, context) => assign(action, context),
    launch: (action, context) => launch(deps, action, context),
    publish: ({ name, info, reason: text }, { ledger }) => {
      const events = failedEvents(ledger.snapshot, [name, info], { text, at: deps.office.clock.now() });
      return ledger.commit({ putInfos: [[name, info]], events });
    },
    drain: (action, context) => drain(deps, action, context),
    stop: (action, context) => stop(deps, action, context),
    remove: (action, context) => remove(deps, action, context),
    release: (action, context) => release(deps, action, context),
    setRestartPolicy: (action) => setRestartPolicy(deps, action),
    forgiveSlot: ({ slot }, { ledger }) => ledger.commit({ slots: (record) => forgiven(record, slot) }),
    noteAttention: ({ attention }, { ledger }) => ledger.commit({ slots: (record) => ({ ...record, attention }) }),
    removeStray: ({ host, containerId }) => {
      const engine = engineOf(deps, host);
      return engine.inLane("other", () => engine.remove(containerId));
    },
    removeGroup: (action, context) => removeGroup(deps, action, context),
    noteRollouts: ({ rollouts }, { ledger }) =>
      ledger.commit({
        // Of a history that was lost: what comes later would be taken for one of these.
        rollouts: (record) => rollouts.reduce(withRollout, upTo(record, ledger.snapshot.record?.value.configRevision)),
        events: rolloutEvents(ledger.snapshot, rollouts, deps.office.clock.now()),
      }),
    tryOut: (action, context) => tryOut(deps, action, context),
    rollBack: (action, context) => rollBack(deps, action, context),
    adopt: (action, context) => adopt(action, context),
    raiseSlots: (action, context) => raiseSlots(action, context),
    stopStray: (action) => stopStray(deps, action),
  };
}

/** Runs the executor of the action's kind. */
export function execute(executors: Executors, action: Action, context: ActionContext): Promise<void> {
  // The compiler cannot tie a kind to its executor across a union; the type of Executors does.
  const executor = executors[action.kind] as (action: Action, context: ActionContext) => Promise<void>;
  return executor(action, context);
}

/** The volumes first: once the keys are gone nobody knows whose they were. */
async function removeGroup(
  deps: ExecutorDeps,
  { volumes }: ActionOf<"removeGroup">,
  { ledger }: ActionContext,
): Promise<void> {
  const { ref, uid, record } = ledger.snapshot;
  if (volumes && uid !== undefined) {
    const all = [...deps.engines.values()];
    await Promise.all(all.map((engine) => engine.ask((runtime, mandate) => runtime.removeVolumes(uid, mandate))));
  }
  const gone = groupGone(ref, record?.value.configRevision, deps.office.clock.now());
  await ledger.commit({ removeGroup: true, events: [gone] });
}
