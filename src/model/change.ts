// Changes of groups asked for by people and programs, as the store takes them.

import type { Change, GroupConfig, Pin } from "./group.js";
import type { Milliseconds } from "./instant.js";
import type { GroupRef } from "./reference.js";
import type { SteeringAct } from "./steering.js";

/** One group's part of a change. All parts of one change are written in one transaction, or none. */
export type GroupChange =
  | {
      readonly kind: "create";
      readonly ref: GroupRef;
      readonly config: GroupConfig;
      /** The image as it is to be run; absent: not known yet. */
      readonly pin?: Pin;
    }
  | /** The stored pin stays as carriedPin() says. */ {
      readonly kind: "replace";
      readonly ref: GroupRef;
      readonly config: GroupConfig;
      /** The config_revision that this was made from. The write fails with CONFLICT when it is another one. */
      readonly from: number;
      /** The image as it is to be run; absent: as carriedPin() says. */
      readonly pin?: Pin;
      /** The older config revision that it goes back to. */
      readonly madeFrom?: number;
    }
  | /** A new config revision with the same config, whose containers are made anew. */ {
      readonly kind: "restart";
      readonly ref: GroupRef;
      readonly from: number;
      /** Between two containers, this time; absent: as the config says. */
      readonly wait?: Milliseconds;
    }
  | /** No new config revision: what is asked of the rollout of the present one. */ {
      readonly kind: "steer";
      readonly ref: GroupRef;
      readonly from: number;
      readonly act: SteeringAct;
      /** Of a promotion: how many barriers are to be open then, however many ask for it at once. Absent: one more. */
      readonly promotions?: number;
    }
  | /** Nothing is written: it has to be at that config revision for the other parts to be. */ {
      readonly kind: "keep";
      readonly ref: GroupRef;
      readonly from: number;
    }
  | { readonly kind: "remove"; readonly ref: GroupRef; readonly from: number; readonly volumes: boolean };

/** One effect and one answer per request id, for 24 hours. */
export type RequestIdentity = {
  /** That the request is about, or the first of them: where its answer is kept. */
  readonly namespace: string;
  /** Empty: not protected. */
  readonly requestId: string;
  /** Hash over the request without its id: the same id with another request is an error. */
  readonly digest: string;
};

export type ChangeContext = RequestIdentity & { readonly change: Change };

export type ChangeResult = {
  readonly revision: bigint;
  /** True when this request had been answered before and nothing was written now. */
  readonly replayed: boolean;
  /** Those of which something was asked: not the kept ones. */
  readonly groups: readonly { readonly ref: GroupRef; readonly configRevision: number }[];
};
