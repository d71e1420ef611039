// What a wait is for, and what it came to.

import type { Group } from "../../gen/theseus/v1/group.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Rollout } from "../../gen/theseus/v1/rollout.js";
import type { Context } from "../context.js";
import type { Server } from "../server.js";
import type { Progress } from "./progress.js";

export interface Waiting {
  readonly context: Context;
  readonly server: Server;
}

/** Told on the way. */
export interface Watched extends Waiting {
  readonly progress: Progress;
}

export interface Goal {
  readonly ref: GroupRef;
  /** The store's revision of the change; 0: nothing was written. */
  readonly revision: bigint;
  /** The config revision whose rollout has to be done; undefined when the group has to go. */
  readonly configRevision: bigint | undefined;
  /** It is to be taken back: that is what was asked for. */
  readonly aborted?: boolean;
}

export interface Reached {
  /** Undefined when the group is gone. */
  readonly group: Group | undefined;
  /** Undefined where the server knows of no rollouts. */
  readonly rollout: Rollout | undefined;
  /** Milliseconds. */
  readonly took: number;
}
