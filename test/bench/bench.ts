// What a bench is: two sides measured in turns in one run, and the ratio of their medians against a target. Ratios hold
// on a slow machine as on a fast one.

export type Figure = { readonly ratio: number; readonly detail: Readonly<Record<string, number | string>> };

export type Bench = {
  readonly name: string;
  /** What the figure counts where it is no ratio. */
  readonly unit?: string;
  /** The ratio that is not to be passed, or that is to be reached. */
  readonly limit: { readonly atMost: number } | { readonly atLeast: number };
  readonly measure: () => Promise<Figure>;
};

/** One measurement for several benches, each with a limit of its own: taken by the first that asks. */
export function once<T>(measure: () => Promise<T>): () => Promise<T> {
  let taken: Promise<T> | undefined;
  return () => {
    taken ??= measure();
    return taken;
  };
}

export type Side = () => Promise<number>;

/** What each side measures, in turns that begin with another side each round. */
export async function inTurns<Name extends string>(
  sides: Readonly<Record<Name, Side>>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length];
      if (name !== undefined) times[name].push(await sides[name]());
    }
  }
  return times;
}

export function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The median over the rounds of what one side took of the other: two turns of one round share what else the machine does. */
export const medianRatio = (ones: readonly number[], others: readonly number[]): number =>
  median(ones.map((one, round) => one / (others[round] ?? Number.NaN)));

/** Milliseconds that the work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

export const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
