// Callers that wait until the mirror has reached a revision.

type Waiter = { readonly revision: bigint; readonly resolve: () => void };

export type Waiters = {
  /** Rejects with the signal's reason; leaves no listener on the signal. */
  wait(revision: bigint, signal: AbortSignal): Promise<void>;
  reached(revision: bigint): void;
};

export function createWaiters(): Waiters {
  const waiting = new Set<Waiter>();
  return {
    wait: (revision, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const giveUp = (): void => {
          waiting.delete(waiter);
          reject(signal.reason);
        };
        const waiter: Waiter = {
          revision,
          resolve: () => {
            signal.removeEventListener("abort", giveUp);
            resolve();
          },
        };
        signal.addEventListener("abort", giveUp, { once: true });
        waiting.add(waiter);
      }),
    reached: (revision) => {
      for (const waiter of [...waiting]) {
        if (waiter.revision > revision) continue;
        waiting.delete(waiter);
        waiter.resolve();
      }
    },
  };
}
