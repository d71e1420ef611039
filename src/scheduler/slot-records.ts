// How the slots record changes: generations, failures, back-off, attention. Pure; must not know when it is written.

import type { Failure, UsedUp } from "../model/action.js";
import type { Intent } from "../model/container.js";
import { type Instant, MINUTE, type Milliseconds, SECOND } from "../model/instant.js";
import type { Attention, SlotRecord, SlotsRecord } from "../model/slots.js";
import { slotDelay } from "../planner/backoff.js";

/** The generations of these intents are used up, and each slot is where its newest container is. */
export function raised(record: SlotsRecord, intents: readonly Intent[]): SlotsRecord {
  return intents.reduce(
    (slots, { slot, generation, host }) => withSlot(slots, slot, (old) => ({ ...old, generation, host })),
    record,
  );
}

/** As raised, and never to a lower generation. */
export function usedUp(record: SlotsRecord, slots: readonly UsedUp[]): SlotsRecord {
  return slots.reduce(
    (now, { slot, generation, host }) =>
      withSlot(now, slot, (old) => (old.generation >= generation ? old : { ...old, generation, host })),
    record,
  );
}

/** The container of a slot ended: what it tells people, and how long the next one waits. The failure's own retryAt decides where it has one. */
export function failed(record: SlotsRecord, slot: number, failure: Failure, now: Instant): SlotsRecord {
  return withSlot(record, slot, (old) => {
    if (!failure.counts) return { ...old, attention: failure.attention };
    const failures = old.failures + 1;
    const notBefore = failure.attention.retryAt ?? now + slotDelay(failures);
    return {
      ...old,
      failures,
      notBefore,
      attention: { ...failure.attention, retryAt: notBefore },
    };
  });
}

/** The slot has been stable: its failures are forgotten. */
export function forgiven(record: SlotsRecord, slot: number): SlotsRecord {
  return withSlot(record, slot, ({ failures: _, notBefore: __, attention: ___, ...kept }) => ({
    ...kept,
    failures: 0,
  }));
}

const FIRST_IMAGE_DELAY = 5 * SECOND;
const LONGEST_IMAGE_DELAY = 5 * MINUTE;

/** The image cannot be had: tried again after 5 s, then about twice as long each time, at most 5 minutes. */
export function imageFailed(record: SlotsRecord, trouble: Omit<Attention, "since">, now: Instant): SlotsRecord {
  const earlier = record.attention.find(({ reason, text }) => reason === trouble.reason && text === trouble.text);
  const since = earlier?.since ?? now;
  return {
    ...record,
    attention: [...imageFound(record).attention, { ...trouble, since, retryAt: now + imageDelay(now - since) }],
  };
}

/** As long again as it has been failing: doubles without a counter of its own. */
function imageDelay(failingFor: Milliseconds): Milliseconds {
  return Math.min(FIRST_IMAGE_DELAY + Math.max(0, failingFor), LONGEST_IMAGE_DELAY);
}

/** The image was found. */
export function imageFound(record: SlotsRecord): SlotsRecord {
  return { ...record, attention: record.attention.filter((one) => !isImageTrouble(one)) };
}

/** Why an image cannot be had; about the whole group, since every slot runs the same one. */
export function isImageTrouble({ reason, slot }: Attention): boolean {
  if (slot !== undefined) return false;
  return (
    reason === "IMAGE_NOT_FOUND" ||
    reason === "IMAGE_DENIED" ||
    reason === "IMAGE_PLATFORM" ||
    reason === "REGISTRY_UNREACHABLE"
  );
}

const PORT_DELAY = 5 * SECOND;

/** A port that the slot is to have was not free when that was tried out: tried again after 5 s. */
export function portNotFree(record: SlotsRecord, trouble: Omit<Attention, "since">, now: Instant): SlotsRecord {
  const isSame = (one: Attention): boolean => one.reason === trouble.reason && one.text === trouble.text;
  const since = record.attention.find(isSame)?.since ?? now;
  const others = record.attention.filter(({ reason, slot }) => reason !== trouble.reason || slot !== trouble.slot);
  return { ...record, attention: [...others, { ...trouble, since, retryAt: now + PORT_DELAY }] };
}

function withSlot(record: SlotsRecord, slot: number, change: (old: SlotRecord) => SlotRecord): SlotsRecord {
  const old = record.slots[slot] ?? { generation: 0, failures: 0 };
  return { ...record, slots: { ...record.slots, [slot]: change(old) } };
}
