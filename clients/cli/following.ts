// A watch of Discovery for one command: opened from the global flags, ended by Ctrl-C, and what it says of outages:
// each once, on stderr.

import { connect, partsOf } from "../connect.js";
import { Follower, type WatchOptions } from "../follower.js";
import type { Target as WatchedTarget } from "../watch-target.js";
import type { Context } from "./context.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { hasReason, usage } from "./failure.js";
import { formatDuration } from "./quantities.js";

/** Bookmarks come every 15 s: an answer that is older than two of them is not kept up by anybody. */
const OLD = 32_000;

export interface Outages {
  /** No server answers; the text says why. */
  readonly lost?: (why: string) => void;
  readonly back?: () => void;
}

/**
 * Runs `use` until it fails or the person ends it.
 * @throws TheseusClientError when no server will ever answer.
 */
export async function following(
  context: Context,
  target: WatchedTarget,
  options: WatchOptions & Outages,
  use: (follower: Follower) => Promise<never>,
): Promise<ExitCode> {
  if (context.options["timeout"] !== undefined)
    throw usage("a watch goes on until it is ended: --timeout is not for it");
  const { interrupted } = context.io;
  const { lost, back, ...watch } = options;
  const connection = connect(context.globals.server);
  const outage = new Outage(context, { ...(lost && { lost }), ...(back && { back }) });
  const follower = new Follower(partsOf(connection), target, {
    ...watch,
    onBreak: ({ message }) => outage.broke(message),
    onMessage: () => outage.heard(follower.age() ?? 0),
  });
  const close = () => follower.close();
  interrupted.addEventListener("abort", close, { once: true });
  if (interrupted.aborted) close();
  try {
    return await use(follower);
  } catch (error) {
    if (interrupted.aborted && hasReason(error, "CANCELLED"))
      return interrupted.reason === EXIT.terminated ? EXIT.terminated : EXIT.interrupted;
    throw error;
  } finally {
    interrupted.removeEventListener("abort", close);
    close();
    connection.close();
  }
}

class Outage {
  readonly #context: Context;
  readonly #outages: Outages;
  #isLost = false;
  #isOld = false;

  constructor(context: Context, outages: Outages) {
    this.#context = context;
    this.#outages = outages;
  }

  broke(why: string): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#context.io.stderr.write(`connection lost, trying again: ${why}\n`);
    this.#outages.lost?.(why);
  }

  /** @param age of what is known, in milliseconds. */
  heard(age: number): void {
    if (this.#isLost) {
      this.#isLost = false;
      this.#context.io.stderr.write("connected again\n");
      this.#outages.back?.();
    }
    if (age > OLD && !this.#isOld)
      this.#context.io.stderr.write(`the store is away: what is known is ${formatDuration(age)} old\n`);
    if (age <= OLD && this.#isOld) this.#context.io.stderr.write("the store is back\n");
    this.#isOld = age > OLD;
  }
}
