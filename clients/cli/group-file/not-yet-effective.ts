// Keys that the format has and that do nothing yet: said plainly instead of taken silently.

import { parseDuration } from "../quantities.js";
import type { Complain, Path } from "./problems.js";

type Values = Readonly<Record<string, unknown>>;

interface Rule {
  readonly path: readonly string[];
  /** True for a value that would already hold without being written. */
  readonly harmless: (value: unknown) => boolean;
  readonly expected: string;
}

const isDuration = (milliseconds: number) => (value: unknown) =>
  typeof value !== "string" || (parseDuration(value) ?? milliseconds) === milliseconds;

const isNot = (word: unknown) => (value: unknown) => value !== word;

const RULES: readonly Rule[] = [
  { path: ["secrets"], harmless: () => false, expected: "no secrets" },
  { path: ["lost", "after"], harmless: isDuration(30_000), expected: "30s" },
  { path: ["lost", "on_return"], harmless: isNot("keep_old"), expected: "keep_new" },
];

export function notYetEffective(group: Values, path: Path, complain: Complain): void {
  for (const { path: keys, harmless, expected } of RULES) {
    const value = keys.reduce<unknown>((at, key) => inner(at, key), group);
    if (value !== undefined && !harmless(value)) complain([...path, ...keys], "is not yet effective", expected);
  }
}

function inner(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Values)[key] : undefined;
}
