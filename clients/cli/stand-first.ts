// What is said when a command of the server's own side is not the first on the line.

import { shellWord } from "./change.js";
import { type Failure, usage } from "./failure.js";

/** @param word "start" of `server start`. */
export function hasToStandFirst(argv: readonly string[], word: string): Failure {
  const at = [argv.indexOf("server"), argv.indexOf(word)];
  const others = argv.filter((_, index) => !at.includes(index)).map(shellWord);
  const command = ["theseus server", word, ...others].join(" ");
  return usage(`server ${word} has to stand first on the line`, [], [command]);
}
