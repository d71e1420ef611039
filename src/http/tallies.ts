// Calls counted, and their seconds put into buckets, as Prometheus reads them: a counter and a histogram. A call costs
// two look-ups and a few additions, since every lookup is one.

import type { Milliseconds } from "../model/instant.js";

/** In ascending order. */
const BUCKETS_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 1, 2.5, 5, 10, 60] as const;
const BOUNDS: readonly Milliseconds[] = BUCKETS_SECONDS.map((seconds) => seconds * 1000);

type Tally = {
  readonly outcomes: Map<string, number>;
  /** Calls for each bound that is the first not below them; the last is of those above all. */
  readonly within: number[];
  milliseconds: Milliseconds;
};

export class Tallies {
  readonly #byMethod = new Map<string, Tally>();

  /** @param subject names both families: theseus_{subject}_calls_total and theseus_{subject}_call_seconds. */
  constructor(
    private readonly subject: string,
    /** For a person: what the calls are. */
    private readonly meaning: string,
  ) {}

  count(method: string, outcome: string, milliseconds: Milliseconds): void {
    const tally = this.#byMethod.get(method) ?? this.#first(method);
    tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
    let bound = 0;
    while (milliseconds > (BOUNDS[bound] ?? Number.POSITIVE_INFINITY)) bound += 1;
    tally.within[bound] = (tally.within[bound] ?? 0) + 1;
    tally.milliseconds += milliseconds;
  }

  /** Both families in Prometheus's text form. */
  page(): string {
    const total = `theseus_${this.subject}_calls_total`;
    const seconds = `theseus_${this.subject}_call_seconds`;
    const tallies = [...this.#byMethod];
    return [
      `# HELP ${total} Number of ${this.meaning}`,
      `# TYPE ${total} counter`,
      ...tallies.flatMap(([method, { outcomes }]) =>
        [...outcomes].map(
          ([outcome, calls]) => `${total}{${label("method", method)},${label("outcome", outcome)}} ${calls}`,
        ),
      ),
      "",
      `# HELP ${seconds} Seconds taken by ${this.meaning}`,
      `# TYPE ${seconds} histogram`,
      ...tallies.flatMap(([method, tally]) => histogram(seconds, label("method", method), tally)),
      "",
    ].join("\n");
  }

  #first(method: string): Tally {
    const tally = { outcomes: new Map(), within: [...BOUNDS.map(() => 0), 0], milliseconds: 0 };
    this.#byMethod.set(method, tally);
    return tally;
  }
}

function histogram(name: string, method: string, { within, milliseconds }: Tally): string[] {
  let calls = 0;
  const buckets = within.map((more, bound) => {
    calls += more;
    return `${name}_bucket{${label("le", String(BUCKETS_SECONDS[bound] ?? "+Inf"))},${method}} ${calls}`;
  });
  return [...buckets, `${name}_sum{${method}} ${milliseconds / 1000}`, `${name}_count{${method}} ${calls}`];
}

function label(name: string, value: string): string {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `${name}="${escaped}"`;
}
