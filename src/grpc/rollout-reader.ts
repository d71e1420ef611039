// What is stored of a group's rollouts, read so that it fits together, and told with what the catalog shows.

import type { Rollout } from "../../clients/gen/theseus/v1/rollout.js";
import type { ContainerEntry } from "../model/catalog.js";
import { fingerprint } from "../model/fingerprint.js";
import type { ConfigRecord } from "../model/group.js";
import { currentPin } from "../model/group-status.js";
import type { GroupRef } from "../model/reference.js";
import { isOver, NO_ROLLOUTS, type RolloutsRecord } from "../model/rollout.js";
import { NO_SLOTS } from "../model/slots.js";
import { fromRollout } from "./convert-rollout.js";
import { countMade, countReady, type Made, toldSlots } from "./rollout-slots.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { type RolloutFacts, revisionOf, type ToldRollout, toldRollout } from "./told-rollout.js";

export type StoredRollouts = RolloutFacts & {
  readonly ref: GroupRef;
  readonly uid: string;
  /** The store's, when the config was read. */
  readonly revision: bigint;
};

/** A config that stays behind its rollouts was put back by another hand: then it is told as it is. */
const TRIES = 5;

/** Without the history. The config is not older than the rollouts. NO_SUCH_GROUP, STORE_DAMAGED. */
export async function readRollouts(deps: TheseusDeps, ref: GroupRef): Promise<StoredRollouts> {
  const guess = deps.catalog.view().group(ref)?.uid;
  for (let tried = 1; ; tried++) {
    // Both at once, since who waits for a rollout asks again and again.
    const [found, guessed] = await Promise.all([
      deps.changes.readConfig(ref),
      guess === undefined ? undefined : readRecord(deps, ref, guess),
    ]);
    if (found === undefined) throw deps.missing(ref);
    const { uid, record, revision } = found;
    const rollouts = guessed !== undefined && uid === guess ? guessed : await readRecord(deps, ref, uid);
    const stored = { ref, uid, record, revision, rollouts, history: [] };
    if (tried === TRIES || rollouts.rollouts.every(({ to }) => to <= record.configRevision)) return stored;
  }
}

async function readRecord({ ports }: TheseusDeps, { namespace }: GroupRef, uid: string): Promise<RolloutsRecord> {
  return (await ports.feed.readRollouts(namespace, uid))?.value ?? NO_ROLLOUTS;
}

/** With the configs that are kept, newest first. */
export async function withHistory(deps: TheseusDeps, stored: StoredRollouts): Promise<StoredRollouts> {
  const history = await deps.ports.store.readHistory(stored.ref.namespace, stored.uid);
  // What was written since the config was read is left out.
  return { ...stored, history: history.filter((one) => one.configRevision <= stored.record.configRevision) };
}

/** With them where what is known of that revision stands nowhere else. */
export async function withHistoryFor(deps: TheseusDeps, stored: StoredRollouts, to: number): Promise<StoredRollouts> {
  const { configRevision, removing } = stored.record;
  return to === configRevision && removing === undefined ? stored : withHistory(deps, stored);
}

/** Newest first. A group older than history has its present one. */
export function keptOf({ record, history }: StoredRollouts): number[] {
  const kept = history.map(({ configRevision }) => configRevision);
  return kept.includes(record.configRevision) ? kept : [record.configRevision, ...kept];
}

/** A single rollout with its slots, as long as it goes on. Undefined: nothing is kept of it. */
export async function tellRollout(
  deps: TheseusDeps,
  stored: StoredRollouts,
  to: number,
  signal: AbortSignal,
): Promise<Rollout | undefined> {
  const { ref, uid, record } = stored;
  const now = deps.clock.now();
  const told = toldRollout(stored, to, now);
  if (told === undefined) return undefined;
  const isPresent = to === record.configRevision;
  // Who waits for the end is told the end: not fewer ready ones than the leader has counted.
  if (isPresent && isOver(told)) await deps.catalog.confirm(ref, signal);
  const entry = deps.catalog.view().group(ref);
  const made = madeOf(stored, told, entry?.containers ?? []);
  const ready = countReady(made);
  if (!isPresent) return fromRollout({ ref, told, ready, slots: [] });
  const slots = (await deps.slots.read(ref.namespace, uid, entry?.modRevision)) ?? NO_SLOTS;
  const each = toldSlots(told, { ...made, slots, now });
  const counts = { made: countMade(made), slots: each };
  return fromRollout({ ref, told, ready, counts, slots: isOver(told) ? [] : each });
}

/** As one of several. Undefined: nothing is kept of it. */
export function tellInList(deps: TheseusDeps, stored: StoredRollouts, to: number): Rollout | undefined {
  const { ref } = stored;
  const told = toldRollout(stored, to, deps.clock.now());
  if (told === undefined) return undefined;
  const containers = deps.catalog.view().group(ref)?.containers ?? [];
  return fromRollout({ ref, told, ready: countReady(madeOf(stored, told, containers)), slots: [] });
}

/** Without a config of that revision nothing is known to be made from it. */
function madeOf(stored: StoredRollouts, { to }: ToldRollout, containers: readonly ContainerEntry[]): Made {
  const record: ConfigRecord | undefined = revisionOf(stored, to);
  const pin = currentPin(record);
  const known = record !== undefined && pin !== undefined ? fingerprint(record.config, pin) : undefined;
  return { record: record ?? stored.record, fingerprint: known, containers };
}
