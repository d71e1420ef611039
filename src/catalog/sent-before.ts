// What a watcher was sent by the watches before its present one, as far as that may be asked for again.

import type { Sent } from "../model/discovery.js";

/** Watches that broke one after another without an answer in between. */
const MOST = 8;

/** The newest first. What is too old to stand alone is waited for if any of it has to be. */
export function sentBefore(sent: readonly Sent[]): readonly Sent[] {
  if (sent.length <= MOST) return sent;
  return [...sent.slice(0, MOST - 1), new Together(sent.slice(MOST - 1))];
}

/** What was sent in a stretch of history that is over: its revisions say nothing of the one that has begun. */
export function beforeGap(sent: Sent): Sent {
  const delivered = sent.delivered();
  return {
    start: () => -1n,
    sent: () => sent.sent(),
    delivered: () => (sent.delivered() === delivered ? -1n : sent.delivered()),
    told: (container) => sent.told(container),
  };
}

/** Several as one. Of very many watches those that were sent the least are left out: the others were sent it too. */
class Together implements Sent {
  readonly #parts: readonly Sent[];
  readonly #start: bigint;

  constructor(sent: readonly Sent[]) {
    const parts = sent.flatMap((one) => (one instanceof Together ? one.#parts : [one]));
    this.#parts = parts.sort((a, b) => byRevision(a.sent(), b.sent())).slice(-MOST);
    this.#start = least(sent.map((one) => one.start()));
  }

  start(): bigint {
    return this.#start;
  }

  sent(): bigint {
    return inOrder(this.#parts.map((one) => one.sent())).at(-1) ?? -1n;
  }

  delivered(): bigint {
    return least(this.#parts.map((one) => one.delivered()));
  }

  told(container: Parameters<Sent["told"]>[0]): bigint | undefined {
    return inOrder(this.#parts.flatMap((one) => one.told(container) ?? [])).at(-1);
  }
}

const inOrder = (revisions: readonly bigint[]): bigint[] => [...revisions].sort(byRevision);
const least = (revisions: readonly bigint[]): bigint => inOrder(revisions)[0] ?? -1n;

function byRevision(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
