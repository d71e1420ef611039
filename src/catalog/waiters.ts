// Callers that wait until the mirror is as they need it.

type Waiter = { readonly isMet: () => boolean; readonly resolve: () => void };

export type Waiters = {
  /** Resolves once the condition holds; rejects with the signal's reason. Leaves no listener on the signal. */
  wait(isMet: () => boolean, signal: AbortSignal): Promise<void>;
  /** Looks at every condition again. */
  look(): void;
};

export function createWaiters(): Waiters {
  const waiting = new Set<Waiter>();
  return {
    wait: (isMet, signal) =>
      new Promise<void>((resolve, reject) => {
        if (isMet()) return resolve();
        if (signal.aborted) return reject(signal.reason);
        const giveUp = (): void => {
          waiting.delete(waiter);
          reject(signal.reason);
        };
        const waiter: Waiter = {
          isMet,
          resolve: () => {
            signal.removeEventListener("abort", giveUp);
            resolve();
          },
        };
        signal.addEventListener("abort", giveUp, { once: true });
        waiting.add(waiter);
      }),
    look: () => {
      for (const waiter of [...waiting]) {
        if (!waiter.isMet()) continue;
        waiting.delete(waiter);
        waiter.resolve();
      }
    },
  };
}
