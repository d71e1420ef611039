// The update policy of a config in numbers, with its defaults, as it holds for one rollout. Pure.

import { DEFAULTS } from "../model/defaults.js";
import type { GroupConfig } from "../model/group.js";
import type { Order, RolloutPolicy } from "../model/rollout.js";
import { hasSlotVolume, place, refusalsText } from "./place.js";
import { fixedPort } from "./ports.js";
import { reservesOf, roomsFor, withIntent } from "./room.js";
import type { Member, Scene } from "./scene.js";

/** What of a scene decides: who holds a place now. */
export type Holders = Pick<Scene, "hosts" | "wanted"> & { readonly members: readonly Pick<Member, "intent">[] };

/** @param outdated the slots that are to be replaced. */
export function policyOf(scene: Holders, config: GroupConfig, outdated: readonly number[]): RolloutPolicy {
  const { update } = config;
  const { canary } = { ...DEFAULTS.update, ...update };
  const maxParallel = countOf(update?.maxParallel ?? DEFAULTS.update.maxParallel, scene.wanted);
  const next = outdated.slice(0, maxParallel);
  return {
    maxParallel,
    order: orderOf(scene, config, next),
    wait: update?.wait ?? DEFAULTS.update.wait,
    minHealthyTime: update?.minHealthyTime ?? DEFAULTS.update.minHealthyTime,
    healthyDeadline: update?.healthyDeadline ?? DEFAULTS.update.healthyDeadline,
    progressDeadline: update?.progressDeadline ?? DEFAULTS.update.progressDeadline,
    onFailure: update?.onFailure ?? DEFAULTS.update.onFailure,
    steps: canary > 0 ? [String(canary), "pause", ...(update?.steps ?? [])] : (update?.steps ?? []),
  };
}

/** "3", or "25%" of those wanted: rounded down, at least 1. */
export function countOf(text: string, wanted: number): number {
  const number = Number.parseInt(text, 10);
  return Math.max(1, text.endsWith("%") ? Math.floor((wanted * number) / 100) : number);
}

/** Why two containers of one slot cannot run side by side; undefined where nothing of the config forbids it. */
export function whyNotBeside(config: GroupConfig): string | undefined {
  const port = (config.ports ?? []).find((one) => fixedPort(config, one) !== undefined);
  if (port !== undefined) return `fixed port ${fixedPort(config, port)} (${port.name})`;
  if (hasSlotVolume(config)) return "the volume of a slot is for one container at a time";
  if (config.lost?.atMostOnce ?? DEFAULTS.lost.atMostOnce) return "lost.at_most_once allows one container a slot";
  return undefined;
}

/** auto: start-first where every slot of the first batch fits beside its old container. */
function orderOf(scene: Holders, config: GroupConfig, slots: readonly number[]): Order {
  const asked = config.update?.order ?? DEFAULTS.update.order;
  if (asked !== "auto") return asked;
  return whyNotStartFirst(scene, config, slots) === undefined ? "start-first" : "stop-first";
}

/** Why not every one of these slots can have a second container beside its present one; undefined: all of them can. */
export function whyNotStartFirst(scene: Holders, config: GroupConfig, slots: readonly number[]): string | undefined {
  return whyNotBeside(config) ?? whyNoRoom(scene, config, slots);
}

function whyNoRoom(scene: Holders, config: GroupConfig, slots: readonly number[]): string | undefined {
  const held = scene.members.map(({ intent }) => intent);
  let rooms = roomsFor(scene.hosts, held, config);
  for (const slot of slots) {
    const [old] = held.filter((intent) => intent.slot === slot);
    const found = place(config, rooms, undefined);
    if ("refusals" in found) return `no host has room beside the old one: ${refusalsText(found.refusals)}`;
    if (old === undefined) return `slot ${slot} has no old container`;
    const made = { host: found.host.name, hostPorts: found.hostPorts, reserves: reservesOf(config) };
    rooms = withIntent(rooms, { ...old, ...made }, config);
  }
  return undefined;
}
