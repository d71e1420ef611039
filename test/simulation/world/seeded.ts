// Chance that is the same each time: numbers from a seed, and streams of their own for whatever asks, so that one thing
// more or less changes nothing elsewhere.

import type { Rng } from "../../../src/model/ports.js";

export class Seeded implements Rng {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    const next = hashes(name);
    [this.#a, this.#b, this.#c, this.#d] = [next(), next(), next(), next()];
    for (let i = 0; i < 12; i++) this.#next();
  }

  /** Chance for a part of the whole, by its name. */
  of(part: string): Seeded {
    return new Seeded(`${this.#name}/${part}`);
  }

  hex(bytes: number): string {
    let text = "";
    while (text.length < 2 * bytes) text += this.#next().toString(16).padStart(8, "0");
    return text.slice(0, 2 * bytes);
  }

  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  /** True in so many of one. */
  chance(part: number): boolean {
    return this.fraction() < part;
  }

  between(least: number, most: number): number {
    return least + this.fraction() * (most - least);
  }

  /** A whole number, both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1));
  }

  /** Undefined only of an empty list. */
  pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.fraction() * from.length)];
  }

  /** sfc32. */
  #next(): number {
    const t = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + t) | 0;
    return t >>> 0;
  }
}

/** Numbers out of a text. */
function hashes(text: string): () => number {
  let hash = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 3432918353);
    hash = (hash << 13) | (hash >>> 19);
  }
  return () => {
    hash = Math.imul(hash ^ (hash >>> 16), 2246822507);
    hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
    hash ^= hash >>> 16;
    return hash >>> 0;
  };
}
