// `theseus server restore` is run by the program itself, as `server start` is.

import type { Context } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { hasToStandFirst } from "../stand-first.js";

export function run({ argv }: Context): Promise<ExitCode> {
  return Promise.reject(hasToStandFirst(argv, "restore"));
}
