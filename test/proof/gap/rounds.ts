// What happens in one run: rounds of cuts while the store is written, a fault of etcd in some of them, and after each a
// comparison of every follower with the store.

import { until } from "../../support/until.js";
import type { CutKind } from "./cutting-proxy.js";
import type { Backup, Scene, Watched } from "./scene.js";

export type Round = {
  readonly isCut?: boolean;
  /** Begins with a backup, for a later restore. */
  readonly backUp?: boolean;
  /** With nobody writing. */
  readonly before?: "large" | "compaction to head" | "restore" | "restore, written on";
  /** While the store is written and connections are cut. */
  readonly during?: "compaction" | "restart" | "pause" | "long pause";
};

export type Plan = { readonly rounds: readonly Round[]; readonly changesPerRound: number };

export type Faults = { restarts: number; pauses: number; restores: number };

const LEASE_SECONDS = 2;
/** Longer than the lease. */
const PAUSE_MS = 2200;
/** Longer than the channel waits for an answer to its ping: connections break, and watches fall silent. */
const LONG_PAUSE_MS = 10_000;

/** Four cuts each: of who is up to date, twice while it catches up, or from its first listing on. */
const CUTS: readonly CutKind[][] = [
  ["event", "catch-up", "catch-up", "event"],
  ["snapshot", "snapshot", "catch-up", "event"],
  ["event", "event", "catch-up", "catch-up"],
  ["snapshot", "snapshot", "event", "catch-up"],
];

export class Rounds {
  readonly faults: Faults = { restarts: 0, pauses: 0, restores: 0 };
  readonly #scene: Scene;
  readonly #plan: Plan;
  #backup: Backup | undefined;

  constructor(scene: Scene, plan: Plan) {
    this.#scene = scene;
    this.#plan = plan;
  }

  /** @param isEnough asked after each round: nothing more is needed. */
  async run(isEnough: () => boolean = () => false): Promise<void> {
    await this.#scene.compare();
    for (const [number, round] of this.#plan.rounds.entries()) {
      await this.#play(number, round);
      if (isEnough()) return;
    }
  }

  async #play(number: number, round: Round): Promise<void> {
    const scene = this.#scene;
    if (round.backUp) this.#backup = await scene.backUp();
    await this.#before(round);
    let isCutting = true;
    const cut = Promise.all(scene.watched.map((one, at) => (round.isCut ? cutOne(one, number + at) : undefined)));
    const cutting = cut.finally(() => {
      isCutting = false;
    });
    await Promise.all([scene.writer.write(this.#plan.changesPerRound, () => !isCutting), this.#during(round), cutting]);
    const epochs = await scene.compare();
    // Only where history was cut off for somebody who was away may the others be told.
    if (epochs > 0 && round.before !== "compaction to head") {
      scene.violations.push(`round ${number}: ${epochs} epochs were appended, and history had not changed`);
    }
  }

  async #before({ before }: Round): Promise<void> {
    switch (before) {
      case "large":
        return await this.#away(() => this.#scene.writer.writeLarge(6));
      case "compaction to head":
        return await this.#away(() => this.#compactToHead());
      case "restore":
        await this.#restore();
        await this.#scene.compare();
        return;
      case "restore, written on":
        await this.#away(() => this.#restoreAndWriteOn());
        await this.#scene.compare();
        return;
      case undefined:
        return;
    }
  }

  async #during({ during }: Round): Promise<void> {
    if (during === undefined) return;
    const { writer, etcd, settledAt } = this.#scene;
    const from = writer.changes;
    const half = () => writer.changes >= from + this.#plan.changesPerRound / 2;
    await until("half of the round", half, { withinMs: 60_000 });
    switch (during) {
      case "compaction":
        // Everybody was there, and no watch has to show a delete of exactly this revision: etcd 3.4.23 forgets it.
        return await this.#scene.compact(settledAt - 1);
      case "restart":
        await etcd.kill9();
        await etcd.start();
        this.faults.restarts++;
        return;
      case "pause":
        return await this.#pause(PAUSE_MS);
      case "long pause":
        return await this.#pause(LONG_PAUSE_MS);
    }
  }

  /** While nobody can see it. */
  async #away(work: () => Promise<void>): Promise<void> {
    this.#scene.shutAll();
    await work();
    this.#scene.openAll();
  }

  async #compactToHead(): Promise<void> {
    const scene = this.#scene;
    await scene.writer.write(30);
    await scene.recorded();
    await scene.compact(scene.writer.head);
  }

  /** Every lease runs out at once, and etcd goes on as if nothing had been. */
  async #pause(length: number): Promise<void> {
    const { etcd, writer } = this.#scene;
    await writer.writeLeased(LEASE_SECONDS);
    await etcd.pause();
    const since = performance.now();
    await until("the pause to be over", () => performance.now() - since > length);
    etcd.resume();
    const leased = () => writer.leasedKeys().catch(() => 1);
    await until("the leased keys to go", async () => (await leased()) === 0);
    this.faults.pauses++;
  }

  async #restore(): Promise<void> {
    if (this.#backup === undefined) throw new Error("there is no backup");
    await this.#scene.restore(this.#backup);
    this.faults.restores++;
  }

  /** Its revisions are not below those that were seen before: they are others. */
  async #restoreAndWriteOn(): Promise<void> {
    const { writer } = this.#scene;
    const before = writer.head;
    await this.#restore();
    await writer.write(20, () => writer.head > before + 20);
  }
}

async function cutOne({ follower, proxy, verdict }: Watched, number: number): Promise<void> {
  const wanted = CUTS[number % CUTS.length] ?? [];
  if (wanted[0] !== "snapshot") return await proxy.cut(...wanted);
  await follower.stop();
  verdict.restart();
  const cut = proxy.cut(...wanted);
  follower.start();
  await cut;
}
