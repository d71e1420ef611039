// The words of a pass: what one group looks like once intents and containers are put side by side. Types only.

import type { ContainerInfo, Intent, ObservedContainer } from "../model/container.js";
import type { GroupConfig, Pin } from "../model/group.js";
import type { HostView } from "../model/host.js";
import type { PlanInput } from "../model/plan.js";
import type { LiveState } from "./readiness.js";

/** How an intent and the engine compare. */
export type Standing =
  /** Its host does not answer: nothing is known, nothing is done. */
  | "silent"
  /** Not created, or created and never started. */
  | "unborn"
  /** Running, paused, or being restarted by the engine. */
  | "live"
  /** Ended and still on the engine. */
  | "ended"
  /** The engine is just removing it. */
  | "vanishing"
  /** Was created once, and the engine has it no more. */
  | "gone";

/** One intent with what belongs to it. */
export type Member = {
  readonly intent: Intent;
  readonly container: ObservedContainer | undefined;
  /** What is told of it now. */
  readonly info: ContainerInfo | undefined;
  /** Undefined while its host does not answer. */
  readonly host: HostView | undefined;
  readonly standing: Standing;
  /** Of a live one, by the present config. */
  readonly live: LiveState | undefined;
  /** Made of something else than the present config asks for; false while the image is not pinned. */
  readonly outdated: boolean;
};

export type Scene = {
  readonly input: PlanInput;
  readonly uid: string | undefined;
  readonly config: GroupConfig | undefined;
  /** Only of the image that is asked for now. */
  readonly pin: Pin | undefined;
  readonly fingerprint: string | undefined;
  /** 0 while the group is being removed. */
  readonly wanted: number;
  readonly removing: boolean;
  /** All hosts, by name. */
  readonly hosts: readonly HostView[];
  /** By slot, then generation, then name. */
  readonly members: readonly Member[];
  /** Containers without an intent, in the same order. */
  readonly strays: readonly ObservedContainer[];
};

/** Told as ready, and ready by what is seen now. */
export function servesNow({ intent, info, live }: Member): boolean {
  return intent.phase === "running" && info?.state === "ready" && live?.state === "ready";
}

export function isLeaving(intent: Intent): boolean {
  return intent.phase === "draining" || intent.phase === "stopping";
}

/** Who a slot keeps of those that are to stay, oldest first: the newest of the present config, else one that serves. */
export function keeperOf(staying: readonly Member[]): Member | undefined {
  return staying.findLast(({ outdated }) => !outdated) ?? staying.findLast(servesNow) ?? staying.at(-1);
}

/** Told as ready, and not so any more: that is told first. */
export function isMistold({ intent, info, live, standing }: Member): boolean {
  return standing === "live" && intent.phase === "running" && info?.state === "ready" && live?.state !== "ready";
}
