// What every store has to hold, whatever stands behind the wire.

import { boundsContract } from "./bounds.contract.js";
import { changesContract } from "./changes.contract.js";
import { directoryContract } from "./directory.contract.js";
import { drainsContract } from "./drains.contract.js";
import { electionContract } from "./election.contract.js";
import { evidenceContract } from "./evidence.contract.js";
import { feedContract } from "./feed.contract.js";
import type { WireFactory } from "./fixture.js";
import { historyContract } from "./history.contract.js";
import { recoveryContract } from "./recovery.contract.js";
import { registrationContract } from "./registration.contract.js";
import { rolloutsContract } from "./rollouts.contract.js";
import { schedulerContract } from "./scheduler.contract.js";
import { standingContract } from "./standing.contract.js";
import { timelineContract } from "./timeline.contract.js";

/** Describes the whole suite; the wires that it opens all lead to one empty store. */
export function storeContract(openWire: WireFactory): void {
  directoryContract(openWire);
  changesContract(openWire);
  schedulerContract(openWire);
  recoveryContract(openWire);
  historyContract(openWire);
  rolloutsContract(openWire);
  evidenceContract(openWire);
  boundsContract(openWire);
  feedContract(openWire);
  electionContract(openWire);
  registrationContract(openWire);
  standingContract(openWire);
  drainsContract(openWire);
  timelineContract(openWire);
}
