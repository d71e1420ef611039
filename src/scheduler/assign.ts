// Writes the intents that the planner chose, with the generations and ports they use up, in one transaction per host.
// Must not choose anything.

import type { ActionOf } from "../model/action.js";
import type { Intent } from "../model/container.js";
import type { HostRecord } from "../model/host.js";
import type { SlotsRecord } from "../model/slots.js";
import type { ActionContext } from "./execute-context.js";
import { portsGiven } from "./host-ports.js";
import { raised } from "./slot-records.js";

/** The store writes so many in one transaction. */
const MOST_AT_ONCE = 100;

/** CONFLICT when anything on a host was given away since the plan's facts were read: the ports may be taken. */
export async function assign({ intents }: ActionOf<"assign">, context: ActionContext): Promise<void> {
  const { ledger, input, assignments } = context;
  const config = input.desired?.record.config;
  for (const host of new Set(intents.map((intent) => intent.host))) {
    const all = intents.filter((intent) => intent.host === host);
    let count = assignments.get(host) ?? 0;
    for (const some of portionsOf(all)) {
      const change = (record: HostRecord): HostRecord => portsGiven(record, some, config);
      const edit = {
        putIntents: some,
        slots: (slots: SlotsRecord) => raised(slots, some),
        host: { name: host, change },
      };
      await ledger.assign(edit, count);
      count++;
    }
  }
}

function portionsOf(intents: readonly Intent[]): Intent[][] {
  const count = Math.ceil(intents.length / MOST_AT_ONCE);
  return Array.from({ length: count }, (_, i) => intents.slice(i * MOST_AT_ONCE, (i + 1) * MOST_AT_ONCE));
}
