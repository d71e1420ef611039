// TheseusService: what is kept of containers that failed.

import type { Evidence as ProtoEvidence, Rollout } from "../../clients/gen/theseus/v1/rollout.js";
import type { ListEvidenceRequest, ListEvidenceResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import type { Evidence } from "../model/evidence.js";
import type { GroupRef } from "../model/reference.js";
import type { GroupKey } from "../model/store.js";
import { fromGroupRef } from "./convert-container.js";
import { toDate } from "./convert-time.js";
import { protoReason } from "./status.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { readGroupRef } from "./validate.js";
import { at, checkRange, Violations } from "./violations.js";

const MOST_SLOTS = 1000;
/** Of a failed rollout so many lines are told at once; all are with the evidence. */
const LINES_TOLD = 20;

/** Newest first. NO_SUCH_GROUP. */
export async function listEvidence(deps: TheseusDeps, request: ListEvidenceRequest): Promise<ListEvidenceResponse> {
  const violations = new Violations();
  const { report } = violations;
  const ref = readGroupRef(request.group, at(report, "group"));
  const { slots } = request;
  if (slots.length > MOST_SLOTS) report("slots", `there are ${slots.length}, and ${MOST_SLOTS} is the most`);
  for (const [i, slot] of slots.slice(0, MOST_SLOTS).entries()) {
    checkRange(report, `slots[${i}]`, slot, [1, MOST_SLOTS]);
  }
  violations.check();
  const found = await deps.changes.readConfig(ref);
  if (found === undefined) return withoutConfig(deps, ref);
  const { evidence, revision } = await deps.ports.store.readEvidence({ namespace: ref.namespace, uid: found.uid });
  const wanted = evidence.filter(({ slot }) => slots.length === 0 || slots.includes(slot));
  return { evidence: wanted.map((one) => fromEvidence(ref, one)), revision };
}

/** Nothing of ours ran in it. @throws TheseusError NO_SUCH_GROUP. */
function withoutConfig(deps: TheseusDeps, ref: GroupRef): ListEvidenceResponse {
  const view = deps.catalog.view();
  if (view.group(ref) === undefined) throw deps.missing(ref);
  return { evidence: [], revision: view.revision };
}

/** With the last lines of the container that its failure names, as they may stand among other words. A store that does not answer is no reason to say nothing else. */
export async function withLastLines(deps: TheseusDeps, group: GroupKey, rollout: Rollout): Promise<Rollout> {
  const { failure } = rollout;
  if (failure === undefined || failure.container === "") return rollout;
  const found = await deps.ports.store.readEvidence(group, failure.container).catch(() => undefined);
  const lastLines = found?.evidence[0]?.lines.slice(-LINES_TOLD).map(({ text }) => plain(text)) ?? [];
  return { ...rollout, failure: { ...failure, lastLines } };
}

/** Without what moves a cursor or colours what follows. */
function plain(text: string): string {
  return text
    .replace(/\p{Cc}\[[\d;?]*[A-Za-z]/gu, "")
    .replace(/\t/g, "  ")
    .replace(/\p{Cc}/gu, "");
}

function fromEvidence(ref: GroupRef, evidence: Evidence): ProtoEvidence {
  const { container, slot, host, reason, text, unread, outOfMemory, health, lines } = evidence;
  return {
    group: fromGroupRef(ref),
    container,
    slot,
    generation: BigInt(evidence.generation),
    configRevision: BigInt(evidence.configRevision),
    host,
    time: toDate(evidence.at),
    reason: protoReason(reason),
    text: unread === undefined ? text : `${text}; its output could not be read: ${unread}`,
    exitCode: evidence.exitCode,
    outOfMemory,
    health: [...health],
    lines: lines.map((line) => ({ timeUnixNanos: line.at, stderr: line.stream === "stderr", text: line.text })),
  };
}
