// TheseusService: how rollouts stand, and what has become of a group's config revisions.

import type {
  GetRolloutRequest,
  GetRolloutResponse,
  ListRevisionsRequest,
  ListRevisionsResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import type { CallContext } from "./call.js";
import { fromRevision } from "./convert-rollout.js";
import { withLastLines } from "./evidence.js";
import { keptOf, readRollouts, tellInList, tellRollout, withHistory, withHistoryFor } from "./rollout-reader.js";
import { noSuchRevision } from "./rollout-texts.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { revisionOf } from "./told-rollout.js";
import { readConfigRevision, readGroupRef } from "./validate.js";
import { at, Violations } from "./violations.js";

export async function getRollout(
  deps: TheseusDeps,
  request: GetRolloutRequest,
  { signal }: CallContext,
): Promise<GetRolloutResponse> {
  const violations = new Violations();
  const { report } = violations;
  const ref = readGroupRef(request.group, at(report, "group"));
  const asked = readConfigRevision(request.configRevision, "config_revision", report);
  violations.check();
  const present = await readRollouts(deps, ref);
  const { record, revision } = present;
  const to = asked === 0 ? record.configRevision : asked;
  const stored = await withHistoryFor(deps, present, to);
  const rollout = await tellRollout(deps, stored, to, signal);
  if (rollout === undefined) throw noSuchRevision(ref, to, keptOf(stored));
  return { rollout: await withLastLines(deps, { namespace: ref.namespace, uid: present.uid }, rollout), revision };
}

export async function listRevisions(deps: TheseusDeps, request: ListRevisionsRequest): Promise<ListRevisionsResponse> {
  const violations = new Violations();
  const ref = readGroupRef(request.group, at(violations.report, "group"));
  violations.check();
  const stored = await withHistory(deps, await readRollouts(deps, ref));
  const revisions = keptOf(stored).flatMap((to) => {
    const record = revisionOf(stored, to);
    return record === undefined ? [] : [fromRevision(record, tellInList(deps, stored, to))];
  });
  return { revisions, revision: stored.revision };
}
