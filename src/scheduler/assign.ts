// Writes the intents that the planner chose, with the generations and ports they use up, in one transaction per host.
// Must not choose anything.

import type { ActionOf } from "../model/action.js";
import type { Intent } from "../model/container.js";
import { TheseusError } from "../model/errors.js";
import type { HostRecord } from "../model/host.js";
import type { PlanInput } from "../model/plan.js";
import type { SlotsRecord } from "../model/slots.js";
import type { ActionContext } from "./execute-context.js";
import { portsGiven, restingPort } from "./host-ports.js";
import { raised } from "./slot-records.js";

/** The store writes so many in one transaction. */
const MOST_AT_ONCE = 100;

/**
 * To be called right after the plan was made: from then on other plans count these intents. CONFLICT when something on a
 * host may have been given away that the plan does not know, or one of its ports was freed.
 */
export function assign({ intents }: ActionOf<"assign">, context: ActionContext): Promise<void> {
  const settled = context.ledger.promise(intents, context.input.desired?.record.config);
  return write(intents, context).finally(settled);
}

async function write(intents: readonly Intent[], { ledger, input, doubts }: ActionContext): Promise<void> {
  for (const host of new Set(intents.map((intent) => intent.host))) {
    const all = intents.filter((intent) => intent.host === host);
    for (const some of portionsOf(all)) {
      const change = (record: HostRecord): HostRecord => given(record, some, input);
      const edit = {
        putIntents: some,
        slots: (slots: SlotsRecord) => raised(slots, some),
        host: { name: host, change },
      };
      await ledger.assign(edit, doubts.get(host) ?? 0);
    }
  }
}

/** The plan may know that a port is free and not yet that it rests. */
function given(record: HostRecord, intents: readonly Intent[], { desired, now }: PlanInput): HostRecord {
  const config = desired?.record.config;
  const resting = restingPort(record, intents, config, now);
  if (resting === undefined) return portsGiven(record, intents, config);
  throw new TheseusError("CONFLICT", { what: `port ${resting} of host ${record.name} was freed only a moment ago` });
}

function portionsOf(intents: readonly Intent[]): Intent[][] {
  const count = Math.ceil(intents.length / MOST_AT_ONCE);
  return Array.from({ length: count }, (_, i) => intents.slice(i * MOST_AT_ONCE, (i + 1) * MOST_AT_ONCE));
}
