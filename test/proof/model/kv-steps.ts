// Commands on keys: put, range, delete, compaction.

import fc from "fast-check";
import {
  CompactionRequest,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  type RequestOp,
} from "../../../src/embedded/gen/etcd.js";
import {
  anyLease,
  key,
  type LeasePick,
  leaseOf,
  type RevisionPick,
  range,
  revisionOf,
  revisionPick,
  value,
} from "./picks.js";
import type { Stage, Step } from "./step.js";
import type { Range, World } from "./world.js";

const rarely = fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

export type PutPlan = {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly lease: LeasePick;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
  /** Whether what is ignored is left away, as it has to be. */
  readonly isProper: boolean;
};
export const putPlan: fc.Arbitrary<PutPlan> = fc.record({
  key,
  value,
  lease: anyLease,
  prevKv: fc.boolean(),
  ignoreValue: rarely,
  ignoreLease: rarely,
  isProper: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});

export function putRequest(plan: PutPlan, world: World): PutRequest {
  const { ignoreValue, ignoreLease, isProper } = plan;
  return PutRequest.fromPartial({
    key: plan.key,
    value: ignoreValue && isProper ? Buffer.alloc(0) : plan.value,
    lease: ignoreLease && isProper ? 0n : leaseOf(plan.lease, world),
    prevKv: plan.prevKv,
    ignoreValue,
    ignoreLease,
  });
}

export const put: fc.Arbitrary<Step> = putPlan.map((plan) => ({
  kind: "put",
  plan,
  run: async (stage) => {
    const request = putRequest(plan, stage.world);
    const response = await stage.call("put", request);
    if (response === undefined) return;
    stage.world.change((world) => world.put(request.key, request.ignoreLease ? "kept" : request.lease));
    stage.check(response.header?.revision);
  },
}));

const bound = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: revisionPick.filter(({ at }) => at === "past") },
);
const rangePlan = fc.record({
  range,
  revision: revisionPick,
  limit: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 4n })),
  sortOrder: fc.constantFrom(0, 0, 1, 2),
  sortTarget: fc.constantFrom(0, 0, 1, 2, 3, 4),
  serializable: rarely,
  keysOnly: rarely,
  countOnly: rarely,
  bounds: fc.tuple(bound, bound, bound, bound),
});
export type RangePlan = typeof rangePlan extends fc.Arbitrary<infer P> ? P : never;

export function rangeRequest({ range: keys, revision, bounds, ...plain }: RangePlan, world: World): RangeRequest {
  const at = (pick: RevisionPick | undefined) => (pick === undefined ? 0n : revisionOf(pick, world));
  return RangeRequest.fromPartial({
    ...plain,
    ...keys,
    revision: revisionOf(revision, world),
    minModRevision: at(bounds[0]),
    maxModRevision: at(bounds[1]),
    minCreateRevision: at(bounds[2]),
    maxCreateRevision: at(bounds[3]),
  });
}

export const rangeStep: fc.Arbitrary<Step> = rangePlan.map((plan) => ({
  kind: plan.revision.at === "past" ? "range at an old revision" : "range",
  plan,
  run: async (stage) => {
    await stage.call("range", rangeRequest(plan, stage.world));
  },
}));

const deletePlan = fc.record({ range, prevKv: fc.boolean() });

export const deleteRange: fc.Arbitrary<Step> = deletePlan.map((plan) => ({
  kind: plan.range.rangeEnd.length === 0 ? "delete" : "deleteRange",
  plan,
  run: async (stage) => await deleteKeys(stage, plan.range, plan.prevKv),
}));

export async function deleteKeys(stage: Stage, keys: Range, prevKv: boolean): Promise<void> {
  const response = await stage.call("deleteRange", DeleteRangeRequest.fromPartial({ ...keys, prevKv }));
  if (response === undefined) return;
  stage.world.change((world) => world.delete(keys));
  stage.check(response.header?.revision);
}

/** One operation of a transaction that is not a transaction itself. */
export type FlatPlan =
  | { readonly op: "put"; readonly put: PutPlan }
  | { readonly op: "range"; readonly range: RangePlan }
  | { readonly op: "delete"; readonly delete: { readonly range: Range; readonly prevKv: boolean } };
export const flatPlan: fc.Arbitrary<FlatPlan> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant("put" as const), put: putPlan }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("range" as const), range: rangePlan }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("delete" as const), delete: deletePlan }) },
);

export function flatOp(plan: FlatPlan, world: World): RequestOp {
  switch (plan.op) {
    case "put":
      return { request: { $case: "requestPut", value: putRequest(plan.put, world) } };
    case "range":
      return { request: { $case: "requestRange", value: rangeRequest(plan.range, world) } };
    case "delete": {
      const { range: keys, prevKv } = plan.delete;
      const value = DeleteRangeRequest.fromPartial({ ...keys, prevKv });
      return { request: { $case: "requestDeleteRange", value } };
    }
  }
}

/** Not before every watch has seen what there is to see: one that is behind would be ended, or lose a previous value. */
export const compact: fc.Arbitrary<Step> = fc
  .record({ revision: revisionPick, physical: fc.boolean() })
  .map((plan) => ({
    kind: "compact",
    plan,
    run: async (stage) => {
      await stage.catchUp();
      const picked = revisionOf(plan.revision, stage.world);
      const revision = picked === 0n ? stage.world.revision : picked;
      const request = CompactionRequest.fromPartial({ revision, physical: plan.physical });
      if ((await stage.call("compact", request)) !== undefined) stage.world.compacted = revision;
    },
  }));
