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
const isWord = (word: string) => (value: unknown) =>
  typeof value !== "string" || value === word || !ON_FAILURE.includes(value);
/** Other words are the schema's to refuse. */
const ON_FAILURE = ["rollback", "pause", "continue"];

const RULES: readonly Rule[] = [
  { path: ["secrets"], harmless: () => false, expected: "no secrets" },
  { path: ["update", "order"], harmless: isNot("start-first"), expected: "auto or stop-first" },
  { path: ["update", "canary"], harmless: (value) => typeof value !== "number" || value === 0, expected: "0" },
  { path: ["update", "steps"], harmless: (value) => !Array.isArray(value) || value.length === 0, expected: "[]" },
  { path: ["update", "wait"], harmless: isDuration(0), expected: "0s" },
  { path: ["update", "on_failure"], harmless: isWord("rollback"), expected: "rollback" },
  { path: ["update", "healthy_deadline"], harmless: isDuration(300_000), expected: "5m" },
  { path: ["update", "progress_deadline"], harmless: isDuration(600_000), expected: "10m" },
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
