// What happens in one run: rounds of cuts on both sides of the servers while the store is written, before some of them a
// restore, in some of them a killed server; after each a comparison of every watcher with the store.

import { until } from "../../support/until.js";
import type { CutKind } from "../gap/cutting-proxy.js";
import type { Backup, Scene, Seat } from "./scene.js";

/** Who is away while the store is put back, and written on: half of the watchers, a server from its store, or nobody. */
export type Absence = "watchers" | "a server" | "nobody";

export type Round = {
  /** Begins with a backup, for a later restore. */
  readonly backUp?: boolean;
  readonly restore?: Absence;
  readonly kill?: boolean;
};

export type Plan = {
  readonly rounds: readonly Round[];
  readonly changesPerRound: number;
  /** Of each watcher's connections, and of each server's to etcd: three at most. */
  readonly cutsPerRound: { readonly package: number; readonly wire: number; readonly store: number };
};

export type Faults = { restores: number; "restores with clients away": number; kills: number };

const CUT_WITHIN_MS = 60_000;
/** Whoever was not cut has nothing to catch up with. */
const STORE_CUTS: readonly CutKind[] = ["event", "catch-up", "event"];

export class Rounds {
  readonly faults: Faults = { restores: 0, "restores with clients away": 0, kills: 0 };
  readonly #scene: Scene;
  readonly #plan: Plan;
  #backup: Backup | undefined;

  constructor(scene: Scene, plan: Plan) {
    this.#scene = scene;
    this.#plan = plan;
  }

  /** @param isEnough asked after each round: nothing more is needed. */
  async run(isEnough: () => boolean = () => false): Promise<void> {
    await this.#scene.compare("only where it ends");
    for (const [number, round] of this.#plan.rounds.entries()) {
      await this.#play(number, round);
      if (isEnough()) return;
    }
  }

  async #play(number: number, { backUp, restore, kill }: Round): Promise<void> {
    const scene = this.#scene;
    if (backUp) this.#backup = await scene.backUp();
    if (restore !== undefined) await this.#restore(restore, number);
    const { cutsPerRound, changesPerRound } = this.#plan;
    const stores = scene.servers.map(({ proxy }) => proxy.cut(...STORE_CUTS.slice(0, cutsPerRound.store)));
    const clients = scene.seats.map((seat) => cut(seat, cutsPerRound[seat.kind]));
    const work = Promise.all([...stores, ...clients, kill ? this.#kill(number) : undefined]);
    let isBusy = true;
    const busy = work.finally(() => {
      isBusy = false;
    });
    await Promise.all([scene.writer.write(changesPerRound, () => !isBusy), busy]);
    await scene.compare("on the way too");
  }

  /** Nobody who is away can see it; the others see it happen. Written on, its revisions pass those seen before. */
  async #restore(absence: Absence, number: number): Promise<void> {
    const scene = this.#scene;
    const { writer, servers, seats } = scene;
    if (this.#backup === undefined) throw new Error("there is no backup");
    const away =
      absence === "watchers" ? seats.filter((_, at) => (at + number) % 2 === 0).flatMap(({ links }) => links) : [];
    const proxy = absence === "a server" ? servers[number % servers.length]?.proxy : undefined;
    for (const link of away) link.shut();
    proxy?.shut();
    const before = writer.head;
    await scene.restore(this.#backup);
    const goal = number % 2 === 0 ? before + 20 : 0;
    await writer.write(20, () => writer.head > goal);
    for (const link of away) link.open();
    proxy?.open();
    this.faults.restores++;
    if (away.length > 0) this.faults["restores with clients away"]++;
    await scene.compare("only where it ends");
  }

  async #kill(number: number): Promise<void> {
    const { servers } = this.#scene;
    const server = servers[(number + 1) % servers.length];
    await server?.kill();
    await server?.begin();
    this.faults.kills++;
  }
}

async function cut({ shears, name }: Seat, times: number): Promise<void> {
  shears.wanted += times;
  await until(`${times} cuts of ${name}`, () => shears.wanted === 0, { withinMs: CUT_WITHIN_MS });
}
