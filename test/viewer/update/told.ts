// What `theseus rollout status` tells of a rollout, and what the page shows of it, side by side by the moment.

import type { Page } from "playwright-core";
import { RolloutState } from "../../../clients/gen/theseus/v1/rollout.js";
import { type Connection, connect } from "../../../clients/index.js";

export type Told = { readonly at: number; readonly new: number; readonly old: number };
export type Shown = Told & {
  /** "1:starting:health 2:waiting:" */
  readonly lanes: string;
};

const EVERY_MS = 100;
const READ = `(() => {
  const plot = document.querySelector("[data-capacity]");
  const lanes = [...document.querySelectorAll("[data-lane]")];
  const lane = ({ dataset }) => dataset.lane + ":" + dataset.state + ":" + dataset.step;
  return { new: Number(plot?.dataset.new || -1), old: Number(plot?.dataset.old || -1), lanes: lanes.map(lane).join(" "), at: Date.now() };
})()`;

const GOES_ON = [RolloutState.RUNNING, RolloutState.PAUSED, RolloutState.ROLLING_BACK];

type Group = { readonly namespace: string; readonly service: string; readonly labels: readonly string[] };

export class Follower {
  readonly told: Told[] = [];
  readonly shown: Shown[] = [];
  readonly #page: Page;
  readonly #client: Connection;
  readonly #ref: Group;
  readonly #rev: bigint;
  #stopped = false;
  readonly #loops: Promise<unknown>;

  /** @param rev of the rollout that the page shows. */
  constructor(page: Page, server: string, { ref, rev }: { ref: Group; rev: number }) {
    this.#page = page;
    this.#client = connect(server, { retryFor: 0 });
    this.#ref = ref;
    this.#rev = BigInt(rev);
    this.#loops = Promise.all([this.#loop(() => this.#ask()), this.#loop(() => this.#look())]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loops;
    this.#client.close();
  }

  async #loop(work: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      const begun = performance.now();
      await work().catch(() => undefined);
      await new Promise((done) => setTimeout(done, Math.max(0, EVERY_MS - (performance.now() - begun))));
    }
  }

  async #ask(): Promise<void> {
    const { rollout } = await this.#client.theseus.getRollout({
      group: { ...this.#ref, labels: [...this.#ref.labels] },
      configRevision: this.#rev,
    });
    // Of one that is over the figures are those of its end.
    if (rollout === undefined || !GOES_ON.includes(rollout.state)) return;
    this.told.push({ at: Date.now(), new: rollout.readyNew, old: rollout.readyOld });
  }

  async #look(): Promise<void> {
    this.shown.push(await this.#page.evaluate<Shown>(READ));
  }
}

/** @returns the moments at which the page showed what the server had told for the last time longer ago than that. */
export function behind(told: readonly Told[], shown: readonly Shown[], withinMs: number): readonly string[] {
  const [first, last] = [told[0]?.at ?? 0, told.at(-1)?.at ?? 0];
  const faults: string[] = [];
  for (const one of shown) {
    if (one.at < first + withinMs || one.at > last) continue;
    // The page may also know it first.
    const near = told.filter(({ at }) => at >= one.at - withinMs && at <= one.at + withinMs);
    if (near.length === 0 || near.some((other) => other.new === one.new && other.old === one.old)) continue;
    const was = told.findLast(({ at }) => at <= one.at);
    const time = new Date(one.at).toISOString().slice(11, 23);
    faults.push(`${time}: the page shows ${one.new} new, ${one.old} old; told are ${was?.new} and ${was?.old}`);
  }
  return faults;
}
