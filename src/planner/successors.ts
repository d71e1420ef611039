// Where containers that are still to come would go, seen together: those of empty slots first, then successors one after
// the other. Values only; decides nothing.

import type { Intent } from "../model/container.js";
import type { GroupConfig } from "../model/group.js";
import type { HostRefusal } from "../model/plan.js";
import { emptySlots, volumeHostOf } from "./assign.js";
import { hasSlotVolume, type Place, place } from "./place.js";
import { type Held, type Room, reservesOf, roomsFor, withIntent, withoutIntent } from "./room.js";
import { isLeaving, type Member, type Scene } from "./scene.js";

type Nowhere = { readonly refusals: readonly HostRefusal[] };

export class Successors {
  /** Slots without a container that fit nowhere. */
  readonly stuck: ReadonlySet<number>;
  readonly #scene: Scene;
  readonly #config: GroupConfig;
  readonly #held: readonly Intent[];
  /** Made when it is first asked for: to know what others hold costs, and most passes need no place. */
  #known: readonly Room[] | undefined;

  private constructor(scene: Scene, config: GroupConfig, held: readonly Intent[], slots: readonly number[]) {
    this.#scene = scene;
    this.#config = config;
    this.#held = held;
    this.stuck = new Set(slots.filter((slot) => "refusals" in this.beside(slot)));
  }

  /** On the ground as it is: what leaves still has its place. */
  static now(scene: Scene, config: GroupConfig): Successors {
    const held = scene.members.map(({ intent }) => intent);
    return new Successors(scene, config, held, emptySlots(scene));
  }

  /** On the ground as it will be in a moment: what is being stopped is gone. */
  static soon(scene: Scene, config: GroupConfig): Successors {
    const held = scene.members.map(({ intent }) => intent).filter(({ phase }) => phase !== "stopping");
    return new Successors(scene, config, held, emptySlots(scene));
  }

  /** On the ground as it will be: what leaves is gone, and its slot has another one. */
  static afterwards(scene: Scene, config: GroupConfig): Successors {
    const held = scene.members.map(({ intent }) => intent).filter((intent) => !isLeaving(intent));
    const kept = new Set(held.map(({ slot }) => slot));
    const left = scene.members.map(({ intent }) => intent.slot).filter((slot) => slot <= scene.wanted);
    const slots = new Set([...emptySlots(scene), ...left.filter((slot) => !kept.has(slot))]);
    return new Successors(scene, config, held, [...slots]);
  }

  /** Takes a place for one more container of the slot, or says why there is none. */
  beside(slot: number): Place | Nowhere {
    const found = place(this.#config, this.#rooms, volumeHostOf(this.#scene, this.#config, slot));
    if (!("refusals" in found)) this.#known = withIntent(this.#rooms, this.#taken(slot, found), this.#config);
    return found;
  }

  /** The same once this one has given its place back; where it has no successor it keeps it. */
  insteadOf({ intent }: Member): Place | Nowhere {
    const { slot, host } = intent;
    const rooms = withoutIntent(this.#rooms, intent, this.#config);
    const volumeHost = hasSlotVolume(this.#config)
      ? (volumeHostOf(this.#scene, this.#config, slot) ?? host)
      : undefined;
    const found = place(this.#config, rooms, volumeHost);
    if (!("refusals" in found)) this.#known = withIntent(rooms, this.#taken(slot, found), this.#config);
    return found;
  }

  /** The first slot without a place that would have one if this container were gone. */
  unstuckBy({ intent }: Member): number | undefined {
    const rooms = withoutIntent(this.#rooms, intent, this.#config);
    const fits = (slot: number): boolean =>
      !("refusals" in place(this.#config, rooms, volumeHostOf(this.#scene, this.#config, slot)));
    return [...this.stuck].find(fits);
  }

  get #rooms(): readonly Room[] {
    this.#known ??= roomsFor(this.#scene.hosts, this.#held, this.#config);
    return this.#known;
  }

  #taken(slot: number, { host, hostPorts }: Place): Held {
    return { slot, host: host.name, hostPorts, reserves: reservesOf(this.#config) };
  }
}
