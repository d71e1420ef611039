// Takes a failed rollout back: a new config revision with the content of an older one, and both rollouts' state, in one
// transaction. Must not decide whether.

import type { ActionOf } from "../model/action.js";
import type { ConfigRecord } from "../model/group.js";
import type { HistoryRecord } from "../model/history.js";
import { type Rollout, rolloutId, withRollout } from "../model/rollout.js";
import { isSame } from "../planner/compare.js";
import { rolloutEvents } from "./events.js";
import type { ActionContext, ExecutorDeps } from "./execute-context.js";

/**
 * Where history does not have that revision any more, or where it differs in the number of instances alone, the rollout
 * has come to its end and nothing else changes: a scale that fails keeps what serves.
 */
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
  const back = former === undefined ? undefined : made(former, record.value, rollout, now);
  if (former === undefined || back === undefined || isSameBut(back, record.value)) {
    const over = stayed(rollout, former === undefined ? notKept(to) : onlyScaled(to), now);
    const events = rolloutEvents(ledger.snapshot, [over], now);
    await ledger.commit({ rollouts: (rollouts) => withRollout(rollouts, over), events });
    return;
  }
  await ledger.commit({
    record: back,
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

/** But for its number and who made it. Of an image whose pin is not known by now the present one is kept. */
function isSameBut({ config, pin, restart }: ConfigRecord, present: ConfigRecord): boolean {
  const isPin = pin === undefined || isSame(pin, present.pin);
  return isPin && isSame({ config, restart }, { config: present.config, restart: present.restart });
}

const notKept = (to: number): string => `rev ${to}, which it was to go back to, is not kept any more`;
const onlyScaled = (to: number): string =>
  `rev ${to} differs only in the number of instances, so nothing is taken back and what serves stays`;

/** One that a person has asked to end is aborted, every other one has failed. */
function stayed(rollout: Rollout, why: string, ended: number): Rollout {
  const { backBy: _, failure, ...rest } = rollout;
  const text = `${failure?.text ?? "it failed"}; ${why}`;
  const state = failure?.reason === "CANCELLED" ? "aborted" : "failed";
  return { ...rest, state, ended, failure: { reason: "INTERNAL", at: ended, ...failure, text } };
}
