// Everything Theseus can do to the world, as plain data. The planner makes them, scheduler/execute.ts runs them.

import type { ContainerInfo, Intent } from "./container.js";
import type { ConfigRecord, GroupConfig, PullPolicy } from "./group.js";
import type { Milliseconds } from "./instant.js";
import type { Rollout } from "./rollout.js";
import type { Attention } from "./slots.js";

type Because = { /** For a person. */ readonly reason: string };

export type Action = Because &
  (
    | /** Find the image on this host, pulling as the policy says, and store the pin. Comes before anything is stopped. */
    {
        readonly kind: "pinImage";
        readonly host: string;
        readonly image: string;
        readonly pull: PullPolicy;
      } /** Write intents (phase creating), each the next generation of its slot, in one transaction. */
    | {
        readonly kind: "assign";
        readonly intents: readonly Intent[];
      } /** Create if it is not there yet, confirm the intent (phase running), start. */
    | {
        readonly kind: "launch";
        readonly intent: Intent;
        readonly config: GroupConfig;
        readonly image: string;
        /** Present when it was created before and not started. */
        readonly containerId?: string;
      } /** Tell others: write the info key. */
    | {
        readonly kind: "publish";
        readonly name: string;
        readonly info: ContainerInfo;
      } /** Out of discovery: phase draining, info state draining, and the drain record in one transaction. */
    | {
        readonly kind: "drain";
        readonly intent: Intent;
        /** Absent: nobody was told of it, so nobody is asked. */
        readonly info?: ContainerInfo;
        readonly containerId?: string;
        readonly ackDeadline: Milliseconds;
      } /**
     * Commit phase stopping, then the container's own signal, grace, SIGKILL, and what a removal and a release do. Without
     * a container only the phase moves.
     */
    | {
        readonly kind: "stop";
        readonly intent: Intent;
        readonly containerId?: string;
        readonly grace: number;
      } /** Remove the ended container from the engine. */
    | {
        readonly kind: "remove";
        readonly intent: Intent;
        readonly containerId: string;
      } /** Nothing is left on the engine: delete the keys, free the ports. */
    | {
        readonly kind: "release";
        readonly intent: Intent /** Absent: no failure. */;
        readonly failure?: Failure;
      } /** Stable, or no longer: let the engine restart it by itself, or not. */
    | {
        readonly kind: "setRestartPolicy";
        readonly containerId: string;
        readonly host: string;
        readonly policy: "no" | "unless-stopped";
      } /** A slot has been stable: forget its failures. */
    | {
        readonly kind: "forgiveSlot";
        readonly slot: number;
      } /** Store what keeps the group from being as asked; written only when it differs. */
    | {
        readonly kind: "noteAttention";
        readonly attention: readonly Attention[];
      } /** An unstarted container of ours without an intent. */
    | {
        readonly kind: "removeStray";
        readonly containerId: string;
        readonly host: string;
      } /** Every container is proven gone: the last transaction of a removal. */
    | {
        readonly kind: "removeGroup";
        readonly volumes: boolean;
      } /** A person's word: intents and infos written anew for containers of one host, with the group's keys where they are missing. */
    | ({ readonly kind: "adopt" } & Adoption)
    | /** Store what has become of rollouts; each takes the place of the one of its revision. */ {
        readonly kind: "noteRollouts";
        readonly rollouts: readonly Rollout[];
      }
    | /** Find out whether a container like this can be created at all, and store that or why not; nothing is left of it. */ {
        readonly kind: "tryOut";
        readonly rollout: Rollout;
        readonly intent: Intent;
        readonly config: GroupConfig;
        readonly image: string;
      }
    | /** A new config revision made from an older one takes the place of the present one, whose rollout is this. */ {
        readonly kind: "rollBack";
        readonly rollout: Rollout;
        /** The config revision to go back to. */
        readonly to: number;
      }
    | /** These generations are used up: no container of ours may have one of these names again. */ {
        readonly kind: "raiseSlots";
        readonly slots: readonly UsedUp[];
      } /** A started container of ours that has no group in the store to write an intent in: by its own signal, grace, SIGKILL. */
    | {
        readonly kind: "stopStray";
        readonly containerId: string;
        readonly host: string;
        readonly grace: number;
      }
  );

export type UsedUp = Pick<Intent, "slot" | "generation" | "host">;

export type Adoption = {
  readonly host: string;
  readonly intents: readonly Intent[];
  readonly infos: readonly (readonly [name: string, info: ContainerInfo])[];
  /** Present: the group is written under this uid, in place of another one if there is any. */
  readonly uid?: string;
  /** Present: the group's config from now on, a new revision. */
  readonly record?: ConfigRecord;
};

/** Why a container ended, for back-off and for people. */
export type Failure = {
  readonly attention: Attention /** Counts against the slot's back-off. */;
  readonly counts: boolean;
};

export type ActionKind = Action["kind"];
export type ActionOf<K extends ActionKind> = Extract<Action, { kind: K }>;
