// How long to wait before something that failed is tried again: doubling, with full jitter.

import type { Milliseconds } from "../model/instant.js";
import type { Rng } from "../model/ports.js";

export type Bounds = { readonly first: Milliseconds; readonly most: Milliseconds };

/** A random wait between half of the first step and first x 2^(failures-1), at most `most`. */
export function jittered(rng: Rng, failures: number, { first, most }: Bounds): Milliseconds {
  const ceiling = Math.min(most, first * 2 ** Math.min(failures - 1, 30));
  const floor = first / 2;
  return floor + rng.fraction() * (ceiling - floor);
}
