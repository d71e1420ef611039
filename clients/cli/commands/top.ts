// `theseus top`: stats that are followed, what uses most processor first.

import type { Context } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { tellStats } from "./stats.js";

export function run(context: Context): Promise<ExitCode> {
  return tellStats(context, { follow: true, sort: "-cpu" });
}
