// Lines of the command line about one group, ready to be pasted. Pure.

import type { GroupKey } from "../../wire.js";

/** What a shell takes as it stands. */
const PLAIN = /^[A-Za-z0-9_./:,@=+%-]+$/;

/** @param words verb, options and references, in order; `namespace` is added where it is not the default one. */
export function commandLine(namespace: string, ...words: readonly string[]): string {
  const inNamespace = namespace === "" || namespace === "default" ? [] : ["-n", namespace];
  return ["theseus", ...words, ...inNamespace].map(quoted).join(" ");
}

/** "theseus describe web/dev -n shop" */
export function groupLine({ ns, ref }: GroupKey, ...verb: readonly string[]): string {
  return commandLine(ns, ...verb, ref);
}

/** "web/dev:3" */
export function slotRef({ ref }: GroupKey, slot: number): string {
  return slot > 0 ? `${ref}:${slot}` : ref;
}

/** Nothing that comes from elsewhere can be more than one word of a shell. */
function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
