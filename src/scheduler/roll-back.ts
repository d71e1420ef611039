// Takes a failed rollout back: a new config revision with the content of an older one, and both rollouts' state, in one
// transaction. Must not decide whether.

import type { ActionOf } from "../model/action.js";
import type { ConfigRecord } from "../model/group.js";
import type { HistoryRecord } from "../model/history.js";
import { type Rollout, rolloutId, withRollout } from "../model/rollout.js";
import { rolloutEvents } from "./events.js";
import type { ActionContext, ExecutorDeps } from "./execute-context.js";

/** Where history does not have that revision any more, the rollout has failed and nothing else changes. */
export async function rollBack(
  { office }: Pick<ExecutorDeps, "office">,
  { rollout, to }: ActionOf<"rollBack">,
  { ledger }: ActionContext,
): Promise<void> {
  const { ref, uid, record } = ledger.snapshot;
  if (uid === undefined || record === undefined || record.value.configRevision !== rollout.to) return;
  const history = await office.store.readHistory(ref.namespace, uid);
  const now = office.clock.now();
  const former = history.find(({ configRevision }) => configRevision === to);
  if (former === undefined) {
    const failed = lost(rollout, to, now);
    const events = rolloutEvents(ledger.snapshot, [failed], now);
    await ledger.commit({ rollouts: (rollouts) => withRollout(rollouts, failed), events });
    return;
  }
  await ledger.commit({
    record: made(former, record.value, rollout, now),
    rollouts: (rollouts) => withRollout(rollouts, rollout),
    events: rolloutEvents(ledger.snapshot, [rollout], now),
  });
}

/** How many there are to be is not taken back; a restart is, if it came after that revision. */
function made(former: HistoryRecord, present: ConfigRecord, rollout: Rollout, time: number): ConfigRecord {
  const { instances: _, ...config } = former.config;
  const { instances } = present.config;
  const restart = (present.restart ?? 0) > former.configRevision ? undefined : present.restart;
  return {
    config: { ...config, ...(instances === undefined ? {} : { instances }) },
    configRevision: present.configRevision + 1,
    change: {
      actor: "theseus",
      command: `roll back ${rolloutId(rollout.to)} to rev ${former.configRevision}`,
      message: rollout.failure?.text ?? "",
      time,
    },
    ...(former.pin === undefined ? {} : { pin: former.pin }),
    ...(restart === undefined ? {} : { restart }),
  };
}

function lost(rollout: Rollout, to: number, ended: number): Rollout {
  const { backBy: _, failure, ...rest } = rollout;
  const text = `${failure?.text ?? "it failed"}; rev ${to}, which it was to go back to, is not kept any more`;
  return { ...rest, state: "failed", ended, failure: { reason: "INTERNAL", at: ended, ...failure, text } };
}
