// How a person's word on a restored store is carried out: intents taken up again, generations used up, strays stopped.
// Must not decide whose turn it is.

import type { ActionOf } from "../model/action.js";
import type { HostRecord } from "../model/host.js";
import type { SlotsRecord } from "../model/slots.js";
import { setRestartPolicy } from "./end-container.js";
import { type ActionContext, type ExecutorDeps, engineOf } from "./execute-context.js";
import { portsGiven } from "./host-ports.js";
import { usedUp } from "./slot-records.js";

/** One transaction. CONFLICT when something on the host may have been given away that the plan does not know. */
export async function adopt(
  { host, intents, infos, uid, record }: ActionOf<"adopt">,
  { ledger, input, doubts }: ActionContext,
): Promise<void> {
  const config = record?.config ?? input.desired?.record.config;
  const isAnother = uid !== undefined && input.uid !== undefined;
  const edit = {
    putIntents: intents,
    putInfos: infos,
    // What is known of the slots of another group says nothing of these.
    slots: (slots: SlotsRecord) => usedUp(isAnother ? { slots: {}, attention: slots.attention } : slots, intents),
    host: { name: host, change: (now: HostRecord) => portsGiven(now, intents, config) },
    ...(uid === undefined ? {} : { uid }),
    ...(record === undefined ? {} : { record }),
  };
  const settled = ledger.promise(intents, config);
  await ledger.assign(edit, doubts.get(host) ?? 0).finally(settled);
}

export function raiseSlots({ slots }: ActionOf<"raiseSlots">, { ledger }: ActionContext): Promise<void> {
  return ledger.commit({ slots: (record) => usedUp(record, slots) });
}

/** The engine must not start it again; the person's word in the store pays for the stop. */
export async function stopStray(
  deps: ExecutorDeps,
  { host, containerId, grace }: ActionOf<"stopStray">,
): Promise<void> {
  await setRestartPolicy(deps, { host, containerId, policy: "no" });
  const engine = engineOf(deps, host);
  await engine.inLane("stop", () => engine.effect((runtime, mandate) => runtime.stop(containerId, grace, mandate)));
}
