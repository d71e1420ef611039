// The commands about rollouts, as rows of the table of all commands. Loads nothing.

import { DETACH, EXPECTED, MESSAGE, WRITE } from "./command-options.js";
import type { CommandRow } from "./command-row.js";

const STEERING = [MESSAGE, EXPECTED];

export const ROLLOUT_COMMANDS: readonly CommandRow[] = [
  {
    path: "rollout status",
    args: "<group>",
    group: "roll",
    summary: "How a change comes into effect, followed to its end; the exit code says how it ended.",
    examples: [
      "theseus rollout status web/prod",
      "theseus rollout status web/prod --no-wait -o json",
      "theseus rollout status web/prod --rev 42 --timeout 5m",
    ],
    more: "Exit 0 done, 7 failed, 8 rolled back or aborted, 9 goes on, 13 replaced by a newer change.",
    options: [
      { flags: "--no-wait", text: "as it is now, once" },
      { flags: "--rev <rev>", text: "of this revision [the newest that was asked for]" },
    ],
    load: () => import("./commands/rollout-status.js"),
  },
  {
    path: "rollout pause",
    args: "<group>",
    group: "roll",
    summary: "Let the rollout stand still, with its deadlines, until it is resumed.",
    examples: ["theseus rollout pause web/prod -m 'error rate'"],
    options: STEERING,
    load: async () => (await import("./commands/rollout-steer.js")).pause,
  },
  {
    path: "rollout resume",
    args: "<group>",
    group: "roll",
    summary: "Let a paused rollout go on.",
    examples: ["theseus rollout resume web/prod", "theseus rollout resume web/prod && theseus rollout status web/prod"],
    options: STEERING,
    load: async () => (await import("./commands/rollout-steer.js")).resume,
  },
  {
    path: "rollout promote",
    args: "<group>",
    group: "roll",
    summary: "Go on past the canaries, or past a step of the update policy that waits for a person.",
    examples: ["theseus rollout promote web/prod -m 'canary is fine'"],
    options: STEERING,
    load: async () => (await import("./commands/rollout-steer.js")).promote,
  },
  {
    path: "rollout undo",
    args: "<group>",
    group: "roll",
    summary: "Go back to an older revision: a new one is made from it. The number of instances stays.",
    examples: ["theseus rollout undo web/prod", "theseus rollout undo web/prod@41 -m 'error rate' --yes"],
    more: "Without @REV to the last stable one before the present.",
    options: [EXPECTED, ...WRITE],
    load: () => import("./commands/rollout-undo.js"),
  },
  {
    path: "rollout abort",
    args: "<group>",
    group: "roll",
    summary: "Stop the rollout that goes on, and take it back now.",
    examples: ["theseus rollout abort web/prod", "theseus rollout abort web/prod -m 'wrong image' --yes"],
    options: [EXPECTED, MESSAGE, DETACH],
    load: () => import("./commands/rollout-abort.js"),
  },
  {
    path: "rollout restart",
    args: "<group>",
    group: "roll",
    summary: "Make every container anew with the same config, under the group's update policy.",
    examples: ["theseus rollout restart web/prod", "theseus rollout restart web/prod --wait 30s -m 'new certificates'"],
    options: [{ flags: "--wait <time>", text: "between two containers, this time" }, EXPECTED, ...WRITE],
    load: () => import("./commands/rollout-restart.js"),
  },
  {
    path: "rollout history",
    args: "<group>",
    group: "roll",
    summary: "The revisions of a group: who, when, what, what became of them, and why.",
    examples: ["theseus rollout history web/prod", "theseus rollout history web/prod@41 -o yaml"],
    options: [],
    load: () => import("./commands/rollout-history.js"),
  },
  {
    path: "rollout diff",
    args: "<from> <to>",
    group: "roll",
    summary: "What differs between two revisions of a group.",
    examples: ["theseus rollout diff web/prod@41 web/prod@42", "theseus rollout diff web/prod@41 web/prod"],
    more: "Without @REV the newest one is meant.",
    options: [],
    load: () => import("./commands/rollout-diff.js"),
  },
];
