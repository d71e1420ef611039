// The commands that tell what containers use, as they stand in the table of all commands. Loads nothing.

import type { OptionRow } from "./command-options.js";
import type { CommandRow } from "./command-row.js";

const STATS_HOST: OptionRow = { flags: "--host <name>", text: "only of containers on this host" };
const STATS: readonly OptionRow[] = [
  { flags: "-w, --watch", text: "a sample every two seconds, until Ctrl-C; containers that are made later join" },
  STATS_HOST,
];
const TOP: readonly OptionRow[] = [STATS_HOST];

const STATS_NAMES = `Names are services, groups or containers (web/prod:3); without any, everything in the namespace.
Memory is without what the page cache could give back. RESTARTS are those by the engine itself.`;

export const STATS_COMMANDS: readonly CommandRow[] = [
  {
    path: "stats",
    args: "[names...]",
    group: "look",
    summary: "What containers use: processor, memory, network; group by group.",
    examples: [
      "theseus stats web/prod",
      "theseus stats web/prod:3 -w",
      "theseus stats web -l prod --sort -mem",
      "theseus stats -o json",
    ],
    more: STATS_NAMES,
    options: STATS,
    load: () => import("./commands/stats.js"),
  },
  {
    path: "top",
    args: "[names...]",
    group: "look",
    summary: "The same as stats -w, what uses most processor first.",
    examples: ["theseus top", "theseus top web -l prod", "theseus top --sort -mem"],
    more: STATS_NAMES,
    options: TOP,
    load: () => import("./commands/top.js"),
  },
];
