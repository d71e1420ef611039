// What keeps groups of the fleet from being as asked, and what is kept of containers that failed.

import { evidenceCodec } from "../../../src/etcd/evidence-codec.js";
import { encode } from "../../../src/etcd/json-codec.js";
import { evidenceKey } from "../../../src/etcd/keys.js";
import type { Evidence } from "../../../src/model/evidence.js";
import { MINUTE } from "../../../src/model/instant.js";
import type { Op } from "../../../src/model/ports.js";
import type { Attention, SlotsRecord } from "../../../src/model/slots.js";
import { hostName, type SeededGroup, SILENT_HOST } from "./fleet.js";

export const CAUSE = "exited with code 1, 14 times";
/** The last line that a failed container wrote. */
export const LAST_LINE = "Error: connect ECONNREFUSED db.dev:5432";

const EVIDENT = ["failing", "rolling-back", "rolled-back", "rollback-failed"];

export function slotsOf(group: SeededGroup, now: number): SlotsRecord {
  const slots = Array.from({ length: group.size }, (_, index) => {
    const attention = attentionOf(group, index + 1, now);
    const failures = attention === undefined ? 0 : 14;
    const record = { generation: 3, host: hostName(group.firstHost + index + 1), failures };
    return [index + 1, attention === undefined ? record : { ...record, attention }] as const;
  });
  const silent: Attention = {
    ...{ reason: "HOST_UNREACHABLE", text: `${hostName(SILENT_HOST)} does not answer` },
    ...{ host: hostName(SILENT_HOST), since: now - 40_000 },
  };
  return { slots: Object.fromEntries(slots), attention: group.kind === "unknown" ? [silent] : [] };
}

function attentionOf({ kind, firstHost }: SeededGroup, slot: number, now: number): Attention | undefined {
  if (slot !== 1) return undefined;
  const at = { slot, host: hostName(firstHost + slot), since: now - 12 * MINUTE };
  if (kind === "failing" || kind === "rollback-failed")
    return { ...at, reason: "CONTAINER_EXITED", text: CAUSE, retryAt: now + 3 * MINUTE };
  if (kind === "degraded") return { ...at, reason: "CONTAINER_UNHEALTHY", text: "GET /healthz answered 503, 31 times" };
  return undefined;
}

export function evidenceOps(group: SeededGroup, now: number): readonly Op[] {
  if (!EVIDENT.includes(group.kind)) return [];
  const { ref, uid, firstHost } = group;
  // Of what is taken back it is the revision before.
  const rev = group.kind === "failing" ? group.rev : group.rev - 1;
  const container = `${ref.service}.1.2-k3f9x2`;
  const at = now - 12 * MINUTE;
  const texts = ["starting", "reading settings", "waiting for the database", LAST_LINE];
  const evidence: Evidence = {
    ...{ container, slot: 1, generation: 2, configRevision: rev, host: hostName(firstHost + 1), at },
    ...{ reason: "CONTAINER_EXITED", text: CAUSE, exitCode: 1, outOfMemory: false, health: ["answered 503"] },
    lines: texts.map((text, index) => ({
      ...{ at: BigInt(at - 4000 + 900 * index) * 1_000_000n, text },
      stream: text === LAST_LINE ? ("stderr" as const) : ("stdout" as const),
    })),
  };
  const key = evidenceKey(ref.namespace, uid, { configRevision: rev, slot: 1, container });
  return [{ op: "put", key, value: encode(evidenceCodec, evidence) }];
}
