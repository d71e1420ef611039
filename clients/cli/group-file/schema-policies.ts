// The keys of how containers are stopped, given up and replaced.

import { block, choice, duration, either, list, TEN_MINUTES, text, whole, yesNo } from "./leaves.js";

/** A number or a share of containers, a wait for a person, or a wait. */
const STEP = /^(?:[1-9]\d{0,3}|(?:100|[1-9]\d?)%|pause|\d{1,6}[smh])$/;

export const stop = block(
  {
    signal: text(
      "a signal like SIGTERM",
      { description: "Sent first; else the image's, else SIGTERM." },
      /^SIG[A-Z0-9+-]{1,12}$/,
    ).optional(),
    grace: duration({ description: "Between the signal and SIGKILL.", default: "10s" }).optional(),
    drain_wait: duration({
      description: "After discovery has dropped it, before the signal.",
      default: "0s",
    }).optional(),
    ack_deadline: duration(
      {
        description: "For watchers to acknowledge that it leaves, at most 10m; then it is stopped all the same.",
        default: "10s",
      },
      0,
      TEN_MINUTES,
    ).optional(),
  },
  { description: "How a container is stopped." },
);

export const lost = block(
  {
    after: duration({
      description: "Silence of its host until a container counts as lost. Only the default is effective yet.",
      default: "30s",
    }).optional(),
    on_return: choice(["keep_new", "keep_old"], {
      description: "Which container stays when the host returns. Only the default is effective yet.",
      default: "keep_new",
    }).optional(),
    at_most_once: yesNo({ description: "Never start a second container for a slot.", default: false }).optional(),
  },
  { description: "What happens when a host goes silent." },
);

export const update = block(
  {
    max_parallel: either(
      whole(1, 1000, { description: "How many at once." }),
      text('a percentage in quotes, like "25%"', { description: "Of the instances." }, /^(?:100|[1-9]\d?)%$/),
      'a whole number from 1 to 1000, or a percentage like "25%"',
      { description: "How many are replaced at once.", default: 1 },
    ).optional(),
    order: choice(["auto", "start-first", "stop-first"], {
      description: "Which container of a slot goes first; auto is start-first where both fit side by side.",
      default: "auto",
    }).optional(),
    wait: duration({ description: "Between batches; the window empties before it.", default: "0s" }).optional(),
    min_healthy_time: duration({ description: "Ready for so long is stable.", default: "10s" }).optional(),
    healthy_deadline: duration(
      { description: "Until a new container has to be stable; else the rollout fails.", default: "5m" },
      1000,
    ).optional(),
    progress_deadline: duration(
      { description: "Until the next slot has to be done; else the rollout fails.", default: "10m" },
      1000,
    ).optional(),
    on_failure: choice(["rollback", "pause", "continue"], {
      description: "What a failed rollout does: go back to the last stable config, stand still, or go on.",
      default: "rollback",
    }).optional(),
    canary: whole(0, 1000, {
      description: "How many go first and wait for `theseus rollout promote`.",
      default: 0,
    }).optional(),
    steps: list(
      either(
        whole(1, 1000, { description: "So many containers." }),
        text('a percentage like "25%", pause, or a time like 5m', { description: "A share, pause, or a time." }, STEP),
        'a number, a percentage like "25%", pause, or a time like 5m',
        { description: "One step." },
      ),
      "a list of steps",
      { description: "How far it goes at a time: numbers or percentages of containers, pause, times." },
    ).optional(),
  },
  { description: "How a change replaces containers." },
);
