// States told apart without colour: every two by their words, and by their marks wherever one needs a person and the other
// does not.

import type { StateLook } from "../inside/eyes.js";

/** As many dots of a mark have to differ. */
const FEWEST_DOTS = 12;

const QUIET = ["steady", "ready", "done", "stopped", "superseded", "aborted"];
const MOVING = ["starting", "rolling", "running", "rolling-back", "draining", "removing", "waiting", "paused"];

const kindOf = (state: string): string =>
  QUIET.includes(state) ? "quiet" : MOVING.includes(state) ? "moving" : "trouble";

export function alikeStates(looks: readonly StateLook[]): readonly string[] {
  const faults = looks.flatMap(({ state, glyph, said, dots }) => {
    if (!dots.includes("1")) return [`${state} has no mark that is seen in grey: "${glyph}"`];
    return said === "" ? [`${state} has no word`] : [];
  });
  for (const [index, one] of looks.entries()) {
    for (const other of looks.slice(index + 1)) {
      if (one.state === other.state) continue;
      if (one.said === other.said) faults.push(`${one.state} and ${other.state} are both said "${one.said}"`);
      if (kindOf(one.state) === kindOf(other.state)) continue;
      if (differing(one.dots, other.dots) >= FEWEST_DOTS) continue;
      faults.push(`${one.state} and ${other.state} have marks that look alike: ${one.glyph} ${other.glyph}`);
    }
  }
  return faults;
}

function differing(one: string, other: string): number {
  return [...one].filter((dot, at) => dot !== other[at]).length;
}
