// Runs the proofs: `run.ts --size=small|full [--only=NAME]`. One JSON line each on stdout, details on stderr. Exit 1
// when a promise is broken, or when a control finds nothing: then the check is blind.

import { parseArgs } from "node:util";
import { viewerHostile } from "../viewer/hostile/hostile.js";
import { viewerLook } from "../viewer/look/look.js";
import { viewerStates } from "../viewer/states/states.js";
import { endBrowser } from "../viewer/support/browser.js";
import { viewerUpdate } from "../viewer/update/update.js";
import { badFiles } from "./bad-files/bad-files.js";
import { badVersions } from "./bad-versions/bad-versions.js";
import { byHand } from "./by-hand.js";
import { crash } from "./crash.js";
import { crashLoop } from "./crash-loop/crash-loop.js";
import { cutOff } from "./cut-off/cut-off.js";
import { drain } from "./drain/drain.js";
import { durable } from "./durable/durable.js";
import { engineFaults } from "./engine-faults/engine-faults.js";
import { engineModel } from "./engine-model/engine-model.js";
import { errors } from "./errors/errors.js";
import { failover } from "./failover/failover.js";
import { flapping } from "./flapping/flapping.js";
import { follow } from "./follow/follow.js";
import { fuzz } from "./fuzz/fuzz.js";
import { gap } from "./gap/gap.js";
import { inside } from "./inside.js";
import { mirror } from "./mirror.js";
import { model } from "./model/model.js";
import { oldState } from "./old-state.js";
import { outage } from "./outage.js";
import { partedProof } from "./parted/parted.js";
import type { Proof, Report, Size } from "./proof.js";
import { quiet } from "./quiet.js";
import { registrations } from "./registrations/registrations.js";
import { removal } from "./removal/removal.js";
import { resent } from "./resent/resent.js";
import { restored } from "./restored/restored.js";
import { rollingLogs } from "./rolling-logs/rolling-logs.js";
import { scaleUpProof } from "./scale-up/scale-up.js";
import { sim } from "./sim/sim.js";
import { slowWatcher } from "./slow-watcher/slow-watcher.js";
import { strikeAll } from "./stage.js";
import { stallProof } from "./stall/stall.js";
import { storeAway } from "./store-away/store-away.js";
import { storeKeys } from "./store-keys.js";
import { storeTrouble } from "./store-trouble/store-trouble.js";
import { superseded } from "./superseded/superseded.js";
import { twoCallers } from "./two-callers/two-callers.js";
import { unreplaced } from "./unreplaced.js";
import { untouched } from "./untouched.js";
import { wallClock } from "./wall-clock/wall-clock.js";
import { zeroDrop } from "./zero-drop/zero-drop.js";
import { zombie } from "./zombie/zombie.js";

const PROOFS: readonly Proof[] = [
  crash,
  storeKeys,
  unreplaced,
  untouched,
  inside,
  outage,
  badFiles,
  errors,
  quiet,
  mirror,
  restored,
  model,
  durable,
  gap,
  follow,
  slowWatcher,
  fuzz,
  storeTrouble,
  registrations,
  scaleUpProof,
  drain,
  twoCallers,
  zeroDrop,
  badVersions,
  superseded,
  rollingLogs,
  engineModel,
  sim,
  failover,
  zombie,
  stallProof,
  partedProof,
  storeAway,
  engineFaults,
  cutOff,
  flapping,
  crashLoop,
  wallClock,
  resent,
  removal,
  byHand,
  oldState,
  viewerLook,
  viewerHostile,
  viewerStates,
  viewerUpdate,
];

/** What breaks servers, the store or the engine, on real parts. */
const FAULTS: readonly Proof[] = [
  crash,
  failover,
  zombie,
  stallProof,
  partedProof,
  storeAway,
  registrations,
  engineFaults,
  cutOff,
  flapping,
  crashLoop,
  wallClock,
  resent,
  removal,
  byHand,
  outage,
  untouched,
  badVersions,
  superseded,
  twoCallers,
  oldState,
];

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.once(
    signal,
    () =>
      void strikeAll()
        .then(endBrowser)
        .finally(() => process.exit(code)),
  );
}

/** A check that could not even be run is a violation too. */
async function attempt(run: () => Promise<Report>): Promise<Report> {
  try {
    return await run();
  } catch (error) {
    return { cases: 0, violations: [`it could not be run: ${error instanceof Error ? error.stack : String(error)}`] };
  }
}

async function prove(proof: Proof, size: Size): Promise<boolean> {
  const begun = performance.now();
  const { cases, violations } = await attempt(() => proof.check(size));
  for (const violation of violations) console.error(`${proof.name}: ${violation}`);
  const control = await proof.control(size).catch((error: unknown) => {
    console.error(`${proof.name}, control: ${String(error)}`);
    return { cases: 0, violations: [] };
  });
  const fails = control.violations.length > 0;
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  const line = { proof: proof.name, size: cases, violations: violations.length, control: fails ? "fails" : "passes" };
  console.log(JSON.stringify({ ...line, seconds }));
  return violations.length === 0 && cases > 0 && fails;
}

const { values } = parseArgs({ options: { size: { type: "string" }, only: { type: "string" } } });
const size: Size = values.size === "full" ? "full" : "small";
const isAsked = (proof: Proof): boolean =>
  values.only === undefined || proof.name === values.only || (values.only === "faults" && FAULTS.includes(proof));
const chosen = PROOFS.filter(isAsked);
if (chosen.length === 0) {
  console.error(`there is no proof ${values.only}; there are ${PROOFS.map(({ name }) => name).join(" ")}`);
  process.exit(2);
}
// The small size is for every change, so it may take no time: most of a proof is waiting, for leases and for containers.
const lanes = size === "small" ? 2 : 1;
const waiting = [...chosen];
let ok = true;
async function lane(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) ok = (await prove(next, size)) && ok;
}
await Promise.all(Array.from({ length: lanes }, lane));
await strikeAll();
await endBrowser();
process.exit(ok ? 0 : 1);
