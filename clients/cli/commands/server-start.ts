// `theseus server start` is run by the program itself, before this command line is loaded. It comes here only when other
// words stand before it.

import { shellWord } from "../change.js";
import type { Context } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { usage } from "../failure.js";

export function run({ argv }: Context): Promise<ExitCode> {
  const others = argv.filter((word) => word !== "server" && word !== "start").map(shellWord);
  const command = ["theseus server start", ...others].join(" ");
  return Promise.reject(usage("server start has to stand first on the line", [], [command]));
}
