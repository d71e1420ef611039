// Keeps groups and their rollouts up to date: reads those that something touched, and those that move, again; in rounds,
// so that a thousand changes cost no more than a few reads.

import { hasReason } from "../../cli/failure.js";
import { listContainers, listGroups } from "../../cli/lists.js";
import type { Connection } from "../../connect.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Revision, Rollout } from "../../gen/theseus/v1/rollout.js";
import { pause } from "../../pause.js";
import type { GroupRow, RolloutRow } from "../wire.js";
import type { Fleet } from "./fleet.js";
import { goesOn, groupId, saysSomething } from "./rows.js";
import { SharedEnd } from "./shared-end.js";

const BETWEEN_ROUNDS = 150;
const MOST_IN_ROUND = 50;
/** Between two reads of a group whose rollout moves, and of another that is not as asked: what changes that touches it. */
const MOVING = 240;
const RESTING = 1_500;

/** One that is slow to be told does not hold up the others for longer. */
const PATIENCE = 3_000;

export interface GroupReading {
  readonly connection: Connection;
  readonly fleet: Fleet;
  /** Is given each rollout that was read, and makes the row of it. */
  readonly rolloutRow: (id: string, rollout: Rollout) => RolloutRow;
  /** The row of a rollout lacks something that stands in the group's revisions. */
  readonly lacksRevisions: (id: string, row: RolloutRow) => boolean;
  readonly readRevisions: (id: string, row: RolloutRow, revisions: readonly Revision[]) => void;
  /** The group is gone: what comes under its name is another one. */
  readonly forget: (id: string) => void;
  readonly failed: (error: unknown) => void;
  /** Milliseconds of a clock that only goes on. */
  readonly now: () => number;
}

interface Due {
  readonly ref: GroupRef;
  readonly at: number;
  /** What stands in a listing of it was just read: only its rollout is missing. */
  readonly isListed: boolean;
}

export class GroupReader {
  readonly #parts: GroupReading;
  readonly #touched = new Map<string, GroupRef>();
  /** Groups that are read again without being touched, and when. */
  readonly #due = new Map<string, Due>();
  /** The newest config revision whose rollout was read. */
  readonly #rolloutOf = new Map<string, number>();
  #wake: (() => void) | undefined;

  constructor(parts: GroupReading) {
    this.#parts = parts;
  }

  touch(ref: GroupRef): void {
    this.#touched.set(groupId(ref), ref);
    this.#wake?.();
  }

  /** Until the signal says so; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const end = new SharedEnd(signal);
    while (!signal.aborted) {
      const began = this.#parts.now();
      const round = this.#next();
      const results = await Promise.all(round.map((one) => end.during((own) => this.#read(one, own))));
      // Whoever does not answer is asked less often.
      const isWell = results.every(Boolean);
      // Nor does it take more than half of the time of a server that is busy.
      const rest = Math.max(isWell ? BETWEEN_ROUNDS : 6 * BETWEEN_ROUNDS, this.#parts.now() - began);
      await pause(rest, signal).catch(() => undefined);
      if (this.#touched.size === 0 && this.#due.size === 0) await this.#woken(signal);
    }
  }

  /** Every group, all pages of one revision. @throws TheseusClientError */
  async relist(signal: AbortSignal): Promise<void> {
    const { connection, fleet } = this.#parts;
    const server = { ...connection, call: { signal } };
    const { items: groups, revision } = await listGroups(server, { allNamespaces: true });
    fleet.readGroups(groups, revision);
    for (const { ref } of groups) if (ref !== undefined) this.#consider(ref);
    for (const id of [...this.#rolloutOf.keys(), ...this.#due.keys()])
      if (fleet.groups.get(id) === undefined) this.#forget(id);
  }

  /** A group of a listing is read by itself where the listing does not say it all. */
  #consider(ref: GroupRef): void {
    const id = groupId(ref);
    const row = this.#parts.fleet.groups.get(id);
    if (row === undefined || this.#due.has(id)) return;
    const isKnown = row.rev === 0 || this.#rolloutOf.get(id) === row.rev;
    if (row.state === "steady" && isKnown) return;
    const isListed = row.state === "steady" && !this.#parts.fleet.hasListed(id);
    // Those that are not well come first.
    this.#due.set(id, { ref, at: row.state === "steady" ? this.#parts.now() : 0, isListed });
    this.#wake?.();
  }

  /** What was touched, and then what is due, the longest first. */
  #next(): Due[] {
    const round: Due[] = [];
    for (const [id, ref] of this.#touched) {
      if (round.length >= MOST_IN_ROUND) return round;
      this.#touched.delete(id);
      this.#due.delete(id);
      round.push({ ref, at: 0, isListed: false });
    }
    const now = this.#parts.now();
    const due = [...this.#due].filter(([, { at }]) => at <= now).sort(([, a], [, b]) => a.at - b.at);
    for (const [id, one] of due.slice(0, MOST_IN_ROUND - round.length)) {
      this.#due.delete(id);
      round.push(one);
    }
    return round;
  }

  /** False: it could not be read, and will be again. Never rejects. */
  async #read({ ref, isListed }: Due, signal: AbortSignal): Promise<boolean> {
    const { fleet, failed } = this.#parts;
    const id = groupId(ref);
    try {
      if (!isListed) await this.#readGroup(ref, signal);
      const row = fleet.groups.get(id);
      if (row === undefined) return true;
      if (row.state !== "steady" || fleet.hasListed(id)) await this.#readContainers(ref, signal);
      const rollout = await this.#readRollout(row, ref, signal);
      this.#plan(id, ref, { ...row, rollout });
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      if (hasReason(error, "NO_SUCH_GROUP", "NO_SUCH_NAMESPACE")) return this.#gone(id);
      failed(error);
      this.#touched.set(id, ref);
      return false;
    }
  }

  #gone(id: string): boolean {
    this.#forget(id);
    this.#parts.fleet.groupGone(id);
    return true;
  }

  #forget(id: string): void {
    this.#due.delete(id);
    this.#rolloutOf.delete(id);
    this.#parts.forget(id);
  }

  async #readGroup(ref: GroupRef, signal: AbortSignal): Promise<void> {
    const { connection, fleet } = this.#parts;
    const { group } = await connection.discovery.getGroup({ group: ref }, { signal, deadline: PATIENCE });
    if (group !== undefined) fleet.readGroup(group);
  }

  async #readContainers(group: GroupRef, signal: AbortSignal): Promise<void> {
    const { connection, fleet } = this.#parts;
    const { items } = await listContainers({ ...connection, call: { signal, deadline: PATIENCE } }, { group });
    fleet.listedContainers(group, items);
  }

  /** Of a group that moves, or whose rollout is not known: the newest that a person asked for. */
  async #readRollout(row: GroupRow, ref: GroupRef, signal: AbortSignal): Promise<RolloutRow | null> {
    if (row.rev === 0) return null;
    const isKnown = this.#rolloutOf.get(row.id) === row.rev;
    const mayMove = row.state !== "steady" || (row.rollout !== null && goesOn(row.rollout));
    if (isKnown && !mayMove) return row.rollout;
    const told = await this.#askedRollout(row.id, ref, signal);
    this.#rolloutOf.set(row.id, row.rev);
    this.#parts.fleet.readRollout(row.id, told !== null && saysSomething(told) ? told : null);
    return told;
  }

  /** Of a way back the one that it takes back, as long as that is kept. */
  async #askedRollout(id: string, group: GroupRef, signal: AbortSignal): Promise<RolloutRow | null> {
    const newest = await this.#rollout(id, group, 0n, signal);
    if (newest === null || newest.rollbackOf === 0) return newest;
    try {
      return (await this.#rollout(id, group, BigInt(newest.rollbackOf), signal)) ?? newest;
    } catch (error) {
      if (hasReason(error, "NO_SUCH_REVISION")) return newest;
      throw error;
    }
  }

  async #rollout(id: string, group: GroupRef, configRevision: bigint, signal: AbortSignal): Promise<RolloutRow | null> {
    const { connection, rolloutRow, lacksRevisions, readRevisions } = this.#parts;
    const patience = { signal, deadline: PATIENCE };
    const { rollout } = await connection.theseus.getRollout({ group, configRevision }, patience);
    if (rollout === undefined) return null;
    const row = rolloutRow(id, rollout);
    if (!lacksRevisions(id, row)) return row;
    readRevisions(id, row, (await connection.theseus.listRevisions({ group }, patience)).revisions);
    return rolloutRow(id, rollout);
  }

  /** When it is read again though nothing touches it. */
  #plan(id: string, ref: GroupRef, { state, rollout }: GroupRow): void {
    const isOn = rollout !== null && goesOn(rollout);
    if (state === "steady" && !isOn && !this.#parts.fleet.hasListed(id)) return;
    const isMoving = isOn && rollout.state !== "paused";
    this.#due.set(id, { ref, at: this.#parts.now() + (isMoving ? MOVING : RESTING), isListed: false });
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wake = undefined;
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
      if (signal.aborted) wake();
    });
  }
}
