// Runs the benches: `run.ts [--only=NAME]`. One JSON line each on stdout. Exit 1 when a target is missed.

import { parseArgs } from "node:util";
import { strikeAll } from "../proof/stage.js";
import type { Bench } from "./bench.js";
import { create } from "./create.js";
import { embeddedPuts, embeddedRange } from "./embedded.js";
import { catalogLookup, catalogMemory, catalogStart } from "./large-catalog.js";
import { logs } from "./logs.js";
import { lookups, lookupsEncoded } from "./lookups/lookups.js";
import { plannerPass } from "./planner-pass.js";
import { help, serverStart } from "./processes.js";
import { registerLatency } from "./register-latency.js";
import { snapshot } from "./snapshot.js";
import { update } from "./update.js";
import { updateSwarm } from "./update-swarm.js";
import { VIEWER_BENCHES } from "./viewer.js";
import { watchLatency } from "./watch-latency.js";
import { watcherMemory, watchers } from "./watchers.js";

const BENCHES: readonly Bench[] = [
  create,
  help,
  serverStart,
  watchLatency,
  embeddedPuts,
  embeddedRange,
  snapshot,
  lookups,
  lookupsEncoded,
  watchers,
  watcherMemory,
  catalogStart,
  catalogMemory,
  catalogLookup,
  registerLatency,
  logs,
  update,
  updateSwarm,
  plannerPass,
  ...VIEWER_BENCHES,
];

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.once(signal, () => void strikeAll().finally(() => process.exit(code)));
}

async function measured({ name, unit = "ratio", limit, measure }: Bench): Promise<boolean> {
  const [target, bound] = "atMost" in limit ? [limit.atMost, "at most"] : [limit.atLeast, "at least"];
  try {
    const { ratio, detail } = await measure();
    const ok = bound === "at most" ? ratio <= target : ratio >= target;
    console.log(JSON.stringify({ bench: name, [unit]: Math.round(ratio * 100) / 100, bound, target, ok, detail }));
    return ok;
  } catch (error) {
    const detail = { error: error instanceof Error ? error.message : String(error) };
    console.log(JSON.stringify({ bench: name, [unit]: null, bound, target, ok: false, detail }));
    return false;
  }
}

const { values } = parseArgs({ options: { only: { type: "string" } } });
const chosen = BENCHES.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  console.error(`there is no bench ${values.only}; there are ${BENCHES.map(({ name }) => name).join(" ")}`);
  process.exit(2);
}
let ok = true;
for (const bench of chosen) ok = (await measured(bench)) && ok;
process.exit(ok ? 0 : 1);
