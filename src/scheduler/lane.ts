// A lane lets a fixed number of works through at the same time, in the order they came. Must not know the works.

export type Lane = <T>(work: () => Promise<T>) => Promise<T>;

/** Each work starts as soon as fewer than `width` of the earlier ones are still running. */
export function createLane(width: number): Lane {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= width) await new Promise<void>((go) => waiting.push(go));
    else running++;
    try {
      return await work();
    } finally {
      // The place is handed on, not freed, so that a newcomer cannot slip in between.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
