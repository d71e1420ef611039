// What is said of a command in the table of all commands, and under which headings. Loads nothing.

import type { OptionRow } from "./command-options.js";
import type { CommandModule } from "./context.js";

export const GROUPS = {
  look: "Look:",
  change: "Change:",
  roll: "Roll:",
  fleet: "Fleet:",
  setup: "Set up:",
} as const;

export interface CommandRow {
  /** "apply", "set image". */
  readonly path: string;
  readonly args: string;
  readonly group: keyof typeof GROUPS;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly more?: string;
  readonly options: readonly OptionRow[];
  readonly load: () => Promise<CommandModule>;
}

/** Words that only group commands. */
export const PARENTS: Readonly<Record<string, string>> = {
  set: "Change one thing of a group.",
  rollout: "How changes come into effect: follow, stop, take back, compare.",
  namespace: "Create, look at and remove namespaces.",
  server: "Start a server, ask how one is, keep its store.",
};
