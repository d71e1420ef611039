// Checks what one follower was told against the true history: nothing lost, nothing invented, never back.

import type { Follower, Seen } from "./seen.js";
import type { Revision, State, Stretch } from "./truth.js";

/** A follower that is wrong once is wrong often: the first few say enough. */
const MOST = 20;

/** One follower's run, from its first snapshot. */
export class Verdict {
  readonly violations: string[] = [];
  readonly #follower: Follower;
  #stretch: Stretch | undefined;
  #at = 0;
  #epoch = "";
  snapshots = 0;
  deltas = 0;

  constructor(follower: Follower) {
    this.#follower = follower;
  }

  /** The follower was started anew: what it saw before binds it no longer. */
  restart(): void {
    this.#stretch = undefined;
    this.#epoch = "";
  }

  /** Judges all it was told up to that revision; the newest stretch is recorded up to there. */
  check(newest: Stretch, upTo: number): void {
    const later = this.#follower.told.findIndex(({ revision }) => revision > upTo);
    const told = this.#follower.told.splice(0, later < 0 ? this.#follower.told.length : later);
    for (const item of told) this.#judge(item, newest);
    for (const complaint of this.#follower.complaints.splice(0)) this.#violated(complaint);
  }

  #judge(item: Seen, newest: Stretch): void {
    if (item.epoch === this.#epoch && item.revision < this.#at) {
      this.#violated(`went back from ${this.#at} to ${item.revision} within an epoch`);
    }
    switch (item.kind) {
      case "snapshot":
        this.snapshots++;
        this.#stretch = newest;
        this.#sameState(item.entries, newest.stateAt(item.revision), item.revision);
        break;
      case "delta":
        this.deltas++;
        this.#nothingLost(this.#at, item.revision - 1);
        this.#sameChanges(item);
        break;
      case "bookmark":
        this.#nothingLost(this.#at, item.revision);
        break;
    }
    this.#at = item.revision;
    this.#epoch = item.epoch;
  }

  #nothingLost(after: number, upTo: number): void {
    for (const revision of this.#stretch?.between(after, upTo) ?? []) {
      if (this.#shown(revision).size > 0) this.#violated(`lost revision ${revision.revision}`);
    }
  }

  #sameChanges({ revision, changes }: Extract<Seen, { kind: "delta" }>): void {
    const [truth] = this.#stretch?.between(revision - 1, revision) ?? [];
    if (truth === undefined) {
      this.#violated(`invented revision ${revision}`);
      return;
    }
    const shown = this.#shown(truth);
    const same = shown.size === changes.size && [...shown].every(([key, value]) => sameAt(changes, key, value));
    if (!same) this.#violated(`revision ${revision} was told with other changes than it has`);
  }

  #sameState(entries: ReadonlyMap<string, string>, truth: State, revision: number): void {
    const wrong = differences(this.#follower, truth, entries);
    if (wrong.length > 0)
      this.#violated(`the snapshot of revision ${revision} is wrong: ${wrong.slice(0, 3).join("; ")}`);
  }

  #shown({ changes }: Revision): Map<string, string | undefined> {
    const out = new Map<string, string | undefined>();
    for (const [key, value] of changes) {
      const shown = this.#follower.shown(key, value?.modRevision ?? 0, value?.value ?? "");
      if (shown !== undefined) out.set(key, value === undefined ? undefined : shown);
    }
    return out;
  }

  #violated(what: string): void {
    if (this.violations.length < MOST) this.violations.push(`${this.#follower.name} ${what}`);
  }
}

const sameAt = (changes: ReadonlyMap<string, string | undefined>, key: string, value: string | undefined): boolean =>
  changes.has(key) && changes.get(key) === value;

/** How a follower's state differs from the true one, in words. */
export function differences(follower: Follower, truth: State, entries = follower.state): string[] {
  const wrong: string[] = [];
  let matched = 0;
  for (const [key, { modRevision, value }] of truth) {
    const shown = follower.shown(key, modRevision, value);
    if (shown === undefined) continue;
    const had = entries.get(key);
    if (had !== undefined) matched++;
    if (had !== shown) wrong.push(`${key} is at ${modRevision}, told was ${had?.slice(0, 20) ?? "nothing"}`);
  }
  if (matched < entries.size) wrong.push(`${entries.size - matched} keys that are not there`);
  return wrong;
}
