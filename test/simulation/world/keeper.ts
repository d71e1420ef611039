// Who keeps the cluster, and says what is to become of containers that a restored store does not know.

import { tokenOf, withWord } from "../../../src/model/recovery.js";
import type { Judge } from "./judge.js";
import type { Seeded } from "./seeded.js";
import type { Server } from "./server.js";
import type { World } from "./world.js";

/** Long enough to see that nothing is done before the word. */
const THINKS_FOR = 6000;
const LOOKS_EVERY = 2000;

export class Keeper {
  readonly #world: World;
  readonly #judge: Judge;
  readonly #chance: Seeded;
  readonly #prefers: "adopt" | "remove";
  #words = 0;

  constructor({ world, judge, chance }: { world: World; judge: Judge; chance: Seeded }) {
    this.#world = world;
    this.#judge = judge;
    this.#chance = chance;
    this.#prefers = chance.chance(0.6) ? "adopt" : "remove";
  }

  run(): void {
    this.#world.timeline.after(THINKS_FOR, () => this.#look());
  }

  #look(): void {
    this.#world.timeline.after(LOOKS_EVERY, () => this.#look());
    const server = this.#chance.pick(this.#world.alive);
    if (server === undefined) return;
    this.#judge.hasWord = true;
    server.process.deliver(() => void this.#say(server).catch(() => undefined));
  }

  /** What cannot be adopted is removed. */
  async #say({ store, process }: Server): Promise<void> {
    const record = (await store.readRecovery())?.value;
    if (record === undefined || record.items.length === 0) return;
    const word = record.items.some(({ takes }) => takes.includes(this.#prefers)) ? this.#prefers : "remove";
    const change = { actor: "keeper", command: `recover ${word}`, message: "", time: process.clock.now() };
    const requestId = `keeper-${++this.#words}`;
    const given = { word, token: tokenOf(record.items), change };
    const context = { namespace: "default", requestId, digest: requestId, change };
    await store.giveWord((present) => withWord(present, given), context);
  }
}
