// A watch of Discovery for one command: opened from the global flags, ended by Ctrl-C.

import { connect, partsOf } from "../connect.js";
import { Follower, type WatchOptions } from "../follower.js";
import type { Target as WatchedTarget } from "../watch-target.js";
import type { Context } from "./context.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { hasReason, usage } from "./failure.js";
import { Outage, type Outages } from "./outage.js";

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
  const outage = new Outage(context.io.stderr, { ...(lost && { lost }), ...(back && { back }) });
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
