// The images of a simulated world, and how the programs in them behave.

import type { Milliseconds } from "../../../src/model/instant.js";
import type { ImageFacts } from "../../../src/model/ports.js";
import type { Seeded } from "./seeded.js";

export type Behaviour = {
  /** Until it listens; undefined: never. */
  readonly bootTakes: Milliseconds | undefined;
  /** It ends by itself so long after its start; undefined: it does not. */
  readonly exitsAfter: Milliseconds | undefined;
  readonly stopTakes: Milliseconds;
};

export const GOOD = ["shop:1", "shop:2", "shop:3"] as const;
/** One ends at once, one never listens. */
export const BAD = ["shop:exits", "shop:deaf"] as const;

export class Images {
  readonly #chance: Seeded;
  readonly #facts: ReadonlyMap<string, ImageFacts>;

  constructor(chance: Seeded) {
    this.#chance = chance;
    const pinned = (image: string): ImageFacts => ({ pinned: `${image}@sha256:1`, hasHealthcheck: false });
    this.#facts = new Map([...GOOD, ...BAD].map((image) => [image, pinned(image)]));
  }

  find(image: string): ImageFacts | undefined {
    return this.#facts.get(image) ?? [...this.#facts.values()].find(({ pinned }) => pinned === image);
  }

  has(image: string): boolean {
    return this.find(image) !== undefined;
  }

  /** Of one more container of it. */
  of(image: string): Behaviour {
    const stopTakes = this.#chance.between(5, 400);
    if (image.startsWith("shop:exits")) {
      return { bootTakes: undefined, exitsAfter: this.#chance.between(1, 200), stopTakes };
    }
    if (image.startsWith("shop:deaf")) return { bootTakes: undefined, exitsAfter: undefined, stopTakes };
    return { bootTakes: this.#chance.between(10, 800), exitsAfter: undefined, stopTakes };
  }
}
