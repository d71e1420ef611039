// `theseus server start` is run by the program itself, before this command line is loaded. It comes here only when other
// words stand before it.

import type { Context } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { hasToStandFirst } from "../stand-first.js";

export function run({ argv }: Context): Promise<ExitCode> {
  return Promise.reject(hasToStandFirst(argv, "start"));
}
