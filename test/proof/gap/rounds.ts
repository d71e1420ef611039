// What happens in one run: rounds of cuts while the store is written, a fault of etcd in some of them, and after each a
// comparison of every follower with the store.

import { until } from "../../support/until.js";
import type { CutKind } from "./cutting-proxy.js";
import type { Scene, Watched } from "./scene.js";

export type Fault =
  | "none"
  | "compaction"
  | "compaction to head"
  | "restart"
  | "pause"
  | "long pause"
  | "large"
  | "back up"
  | "restore"
  | "restore, written on";

export type Plan = {
  /** One for each round. */
  readonly rounds: readonly Fault[];
  readonly changesPerRound: number;
};

/** Longer than the lease of 2 s that is granted before. */
const PAUSE_MS = 2200;
/** Longer than the channel waits for an answer to its ping: connections break, and watches fall silent. */
const LONG_PAUSE_MS = 10_000;
/** Where history changes, or is gone for who was away, others have to be told. */
const MAY_APPEND: readonly Fault[] = ["restore", "restore, written on", "compaction to head"];

export type Faults = { restarts: number; pauses: number; restores: number };

export class Rounds {
  readonly faults: Faults = { restarts: 0, pauses: 0, restores: 0 };
  readonly #scene: Scene;
  readonly #plan: Plan;
  #backup: Awaited<ReturnType<Scene["backUp"]>> | undefined;

  constructor(scene: Scene, plan: Plan) {
    this.#scene = scene;
    this.#plan = plan;
  }

  /** @param isEnough asked after each round: nothing more is needed. */
  async run(isEnough: () => boolean = () => false): Promise<void> {
    await this.#scene.compare();
    for (const [number, fault] of this.#plan.rounds.entries()) {
      await this.#round(number, fault);
      if (isEnough()) return;
    }
  }

  async #round(number: number, fault: Fault): Promise<void> {
    const scene = this.#scene;
    const t0 = performance.now(); await this.#before(fault); console.error(fault, "before", Math.round(performance.now() - t0));
    let cutting = true;
    const cut = Promise.all(scene.watched.map((one, at) => this.#cut(one, number + at))).finally(() => {
      cutting = false;
    });
    cut.catch(() => undefined);
    const during = this.#during(fault);
    await Promise.all([scene.writer.write(this.#plan.changesPerRound, () => !cutting), during, cut]);
    console.error("round", Math.round(performance.now() - t0)); const epochs = await scene.compare(); console.error("compared", Math.round(performance.now() - t0));
    if (epochs > 0 && !MAY_APPEND.includes(fault)) {
      scene.violations.push(`round ${number} (${fault}): ${epochs} epochs appended, and history had not changed`);
    }
  }

  /** Four cuts each: of those who are up to date, twice while they catch up, or from the first listing on. */
  async #cut({ follower, proxy, verdict }: Watched, number: number): Promise<void> {
    const kinds: readonly CutKind[][] = [
      ["event", "catch-up", "catch-up", "event"],
      ["snapshot", "snapshot", "catch-up", "event"],
      ["event", "event", "catch-up", "catch-up"],
      ["snapshot", "snapshot", "event", "catch-up"],
    ];
    const wanted = kinds[number % kinds.length] ?? [];
    if (wanted[0] !== "snapshot") return await proxy.cut(...wanted);
    await follower.stop();
    verdict.restart();
    const cut = proxy.cut(...wanted);
    follower.start();
    await cut;
  }

  /** With nobody writing. */
  async #before(fault: Fault): Promise<void> {
    const scene = this.#scene;
    switch (fault) {
      case "compaction to head":
        return await this.#compactToHead();
      case "large":
        return await this.#writeLarge();
      case "back up":
        this.#backup = await scene.backUp();
        return;
      case "restore":
        await this.#restore();
        await scene.compare();
        return;
      case "restore, written on":
        return await this.#restoreAndWriteOn();
      default:
        return;
    }
  }

  /** While the store is written and connections are cut. */
  async #during(fault: Fault): Promise<void> {
    const { writer, etcd, settledAt } = this.#scene;
    const from = writer.changes;
    const half = () => writer.changes >= from + this.#plan.changesPerRound / 2;
    if (fault === "none" || fault === "large") return;
    await until("half of the round", half, { withinMs: 60_000 });
    switch (fault) {
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
      default:
        return;
    }
  }

  /** Whoever was away has nothing to go on from. */
  async #compactToHead(): Promise<void> {
    const scene = this.#scene;
    scene.shutAll();
    await scene.writer.write(30);
    await scene.recorded();
    await scene.compact(scene.writer.head);
    scene.openAll();
  }

  async #writeLarge(): Promise<void> {
    const scene = this.#scene;
    scene.shutAll();
    await scene.writer.writeLarge(4);
    scene.openAll();
  }

  /** Every lease runs out at once, and etcd goes on as if nothing had been. */
  async #pause(length: number): Promise<void> {
    const { etcd, writer } = this.#scene;
    await writer.writeLeased(2);
    await etcd.pause();
    const since = performance.now();
    await until("the pause to be over", () => performance.now() - since > length);
    etcd.resume();
    await until("the leased keys to go", async () => (await writer.leasedKeys().catch(() => 1)) === 0);
    this.faults.pauses++;
  }

  async #restore(): Promise<void> {
    if (this.#backup === undefined) throw new Error("there is no backup");
    await this.#scene.restore(this.#backup);
    this.faults.restores++;
  }

  async #restoreAndWriteOn(): Promise<void> {
    const scene = this.#scene;
    const before = scene.writer.head;
    scene.shutAll();
    await this.#restore();
    await scene.writer.write(20, () => scene.writer.head > before + 20);
    scene.openAll();
    await scene.compare();
  }
}
