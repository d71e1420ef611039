// Transactions: every kind of compare, both branches, nested ones.

import fc from "fast-check";
import { type Compare, type RequestOp, TxnRequest } from "../../../src/embedded/gen/etcd.js";
import { type FlatPlan, flatOp, flatPlan } from "./kv-steps.js";
import { anyLease, leaseOf, range, revisionOf, revisionPick, value } from "./picks.js";
import type { Step } from "./step.js";
import { survivable, withoutDuplicates } from "./survivable.js";
import type { World } from "./world.js";

const comparePlan = fc.record({
  range,
  result: fc.constantFrom(0, 1, 2, 3),
  target: fc.constantFrom(
    "version" as const,
    "createRevision" as const,
    "modRevision" as const,
    "value" as const,
    "lease" as const,
  ),
  version: fc.bigInt({ min: 0n, max: 3n }),
  revision: revisionPick,
  value,
  lease: anyLease,
  /** The union may say something else than the target, or nothing. */
  isProper: fc.oneof({ weight: 12, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});
type ComparePlan = typeof comparePlan extends fc.Arbitrary<infer P> ? P : never;

const TARGETS = ["version", "createRevision", "modRevision", "value", "lease"] as const;

function compareOf(plan: ComparePlan, world: World): Compare {
  return {
    ...plan.range,
    result: plan.result,
    target: TARGETS.indexOf(plan.target),
    targetUnion: plan.isProper ? unionOf(plan, world) : undefined,
  };
}

function unionOf(plan: ComparePlan, world: World): Compare["targetUnion"] {
  switch (plan.target) {
    case "version":
      return { $case: "version", value: plan.version };
    case "createRevision":
    case "modRevision":
      return { $case: plan.target, value: revisionOf(plan.revision, world) };
    case "value":
      return { $case: "value", value: plan.value };
    case "lease":
      return { $case: "lease", value: leaseOf(plan.lease, world) };
  }
}

type TxnPlan = {
  readonly compare: readonly ComparePlan[];
  readonly success: readonly OpPlan[];
  readonly failure: readonly OpPlan[];
};
type OpPlan = FlatPlan | { readonly op: "txn"; readonly txn: TxnPlan };

const { txnPlan } = fc.letrec<{ txnPlan: TxnPlan; opPlan: OpPlan }>((tie) => ({
  txnPlan: fc.record({
    compare: fc.array(comparePlan, { maxLength: 2 }),
    success: fc.array(tie("opPlan"), { maxLength: 5 }),
    failure: fc.array(tie("opPlan"), { maxLength: 5 }),
  }),
  opPlan: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { weight: 6, arbitrary: flatPlan },
    { weight: 1, arbitrary: fc.record({ op: fc.constant("txn" as const), txn: tie("txnPlan") }) },
  ),
}));

function opOf(plan: OpPlan, world: World): RequestOp {
  if (plan.op !== "txn") return flatOp(plan, world);
  return { request: { $case: "requestTxn", value: txnRequest(plan.txn, world) } };
}

function txnRequest(plan: TxnPlan, world: World): TxnRequest {
  return TxnRequest.fromPartial({
    compare: plan.compare.map((compare) => compareOf(compare, world)),
    success: plan.success.map((op) => opOf(op, world)),
    failure: plan.failure.map((op) => opOf(op, world)),
  });
}

const isNested = ({ success, failure }: TxnPlan): boolean => [...success, ...failure].some(({ op }) => op === "txn");

const stepPlan = fc.record({
  txn: txnPlan,
  mayRepeatKeys: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

export const txn: fc.Arbitrary<Step> = stepPlan.map((plan) => ({
  kind: isNested(plan.txn) ? "nested txn" : "txn",
  plan,
  run: async (stage) => {
    const planned = txnRequest(plan.txn, stage.world);
    const request = survivable(plan.mayRepeatKeys ? planned : withoutDuplicates(planned));
    const response = await stage.call("txn", request);
    if (response === undefined) return;
    stage.world.change((world) => world.txn(request, response));
    stage.check(response.header?.revision);
  },
}));
