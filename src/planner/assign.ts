// Every wanted slot without a container gets the next generation on some host: all of one pass in one action.

import type { Intent } from "../model/container.js";
import { containerName } from "../model/container-name.js";
import type { GroupConfig } from "../model/group.js";
import type { HostView } from "../model/host.js";
import type { Instant } from "../model/instant.js";
import type { Group, HostRefusal } from "../model/plan.js";
import type { SlotRecord } from "../model/slots.js";
import { LONGEST_DELAY } from "./backoff.js";
import { hasSlotVolume, place, refusalsText } from "./place.js";
import { type Room, reservesOf, roomsFor, withIntent } from "./room.js";
import type { Scene } from "./scene.js";
import { doing, NOTHING, type Step, together, waitingUntil } from "./step.js";
import { slotsHeldByStrays } from "./strays.js";

/** One transaction of the store takes 128 operations; the rest follows in the next pass. */
const MOST_AT_ONCE = 100;

/**
 * Nothing until the image is pinned. Slots in back-off are left out until their time has come.
 * @param beside slots that get a successor while their old container is there.
 */
export function assignStep(scene: Scene, beside: readonly number[] = []): Step {
  const { desired, slots, now } = scene.input;
  if (desired === undefined || scene.fingerprint === undefined) return NOTHING;
  const empty = [...emptySlots(scene), ...beside];
  const resting = empty.filter((slot) => isResting(slots.slots[slot], desired.record.change.time, now));
  const due = empty.filter((slot) => !resting.includes(slot)).slice(0, MOST_AT_ONCE);
  const { intents, refusals } = assignAll(scene, desired, due);
  return together(
    waitingUntil(...resting.map((slot) => slots.slots[slot]?.notBefore)),
    ...refusals,
    intents.length === 0 ? NOTHING : doing({ kind: "assign", intents, reason: whyAssigned(intents, beside) }),
  );
}

/** In back-off, unless a person has changed the config since the failure: that may be the cure. */
function isResting(slot: SlotRecord | undefined, changedAt: Instant, now: Instant): boolean {
  if (slot?.notBefore === undefined || slot.notBefore <= now) return false;
  // No back-off is that long: a clock wrote it that was ahead of ours.
  if (slot.notBefore > now + LONGEST_DELAY) return false;
  // Another server's clock wrote the time of the change: one that lies ahead of ours tells nothing.
  const failedBefore = slot.attention !== undefined && slot.attention.since < changedAt && changedAt <= now;
  return !failedBefore;
}

/** A slot that fits nowhere, for plans and as attention; PORT_TAKEN only where nothing else is in the way. */
export function refused(slot: number, hosts: readonly HostRefusal[]): Step {
  const onlyPorts = hosts.length > 0 && hosts.every(({ reason }) => reason === "PORT_TAKEN");
  const reason = onlyPorts ? "PORT_TAKEN" : "NO_HOST_FITS";
  return { ...NOTHING, refusals: [{ slot, hosts }], notices: [{ reason, slot, text: refusalText(slot, hosts) }] };
}

/** Where the slot's own volumes are; undefined when it has none, or has never had a container. */
export function volumeHostOf(scene: Scene, config: GroupConfig, slot: number): string | undefined {
  return hasSlotVolume(config) ? scene.input.slots.slots[slot]?.host : undefined;
}

/** A slot whose old container is on its way out is not empty before that is released. */
export function emptySlots(scene: Scene): readonly number[] {
  const held = new Set([...scene.members.map(({ intent }) => intent.slot), ...slotsHeldByStrays(scene)]);
  return Array.from({ length: scene.wanted }, (_, i) => i + 1).filter((slot) => !held.has(slot));
}

/** One after the other, so that each sees what those before it took. */
function assignAll(
  scene: Scene,
  group: Group,
  slots: readonly number[],
): { readonly intents: readonly Intent[]; readonly refusals: readonly Step[] } {
  const { config } = group.record;
  const intents: Intent[] = [];
  const refusals: Step[] = [];
  if (slots.length === 0) return { intents, refusals };
  const held = scene.members.map(({ intent }) => intent);
  let rooms: readonly Room[] = roomsFor(scene.hosts, held, config);
  for (const slot of slots) {
    const found = place(config, rooms, volumeHostOf(scene, config, slot));
    if ("refusals" in found) {
      refusals.push(refused(slot, found.refusals));
      continue;
    }
    const intent = newIntent(scene, group, slot, found);
    rooms = withIntent(rooms, intent, config);
    intents.push(intent);
  }
  return { intents, refusals };
}

function newIntent(
  scene: Scene,
  group: Group,
  slot: number,
  { host, hostPorts }: Pick<Intent, "hostPorts"> & { host: HostView },
): Intent {
  return {
    ...nextName(scene, group, slot, host),
    slot,
    configRevision: group.record.configRevision,
    fingerprint: scene.fingerprint ?? "",
    host: host.name,
    hostPorts,
    phase: "creating",
    reserves: reservesOf(group.record.config),
  };
}

/** The first generation above everything seen of the slot whose name nobody holds on that host. */
function nextName(scene: Scene, group: Group, slot: number, host: HostView): Pick<Intent, "name" | "generation"> {
  const { clusterId, observed, intents, slots } = scene.input;
  const owner = { clusterId, group: group.ref, groupUid: group.uid };
  const seen = [
    slots.slots[slot]?.generation ?? 0,
    ...intents.filter((intent) => intent.slot === slot).map((intent) => intent.generation),
    ...observed
      .filter((one) => one.owner.slot === slot && one.owner.groupUid === group.uid)
      .map((one) => one.owner.generation),
  ];
  const own = new Set(observed.filter((one) => one.host === host.name).map(({ name }) => name));
  for (let generation = Math.max(...seen) + 1; ; generation++) {
    const name = containerName(owner, slot, generation);
    if (!own.has(name) && !host.takenNames.has(name)) return { name, generation };
  }
}

function whyAssigned(intents: readonly Intent[], beside: readonly number[]): string {
  const [first] = intents;
  if (intents.length === 1 && first !== undefined && beside.includes(first.slot)) {
    return `slot ${first.slot} gets a container of the present config beside its old one`;
  }
  const slots = intents.map(({ slot }) => slot);
  const shown = slots.length > 10 ? `${slots.slice(0, 10).join(", ")} and ${slots.length - 10} more` : slots.join(", ");
  return slots.length === 1 ? `slot ${shown} has no container` : `slots ${shown} have no container`;
}

function refusalText(slot: number, hosts: readonly HostRefusal[]): string {
  return `no host takes slot ${slot}: ${refusalsText(hosts)}`;
}
