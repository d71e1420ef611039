// What a filter has left, for those who do not see the rows: said once the typing has settled, not with every change of them.

import { effect } from "@preact/signals";
import { sayPolitely } from "../live/notices.js";
import { containerCounts, groupsHere, shownGroups } from "./lists.js";
import { filterProblem, filterText, namespace } from "./state.js";

const SETTLED = 700;

/** @returns how to stop. */
export function sayFilter(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let before: string | undefined;
  const stop = effect(() => {
    const asked = `${namespace.value}\n${filterText.value}`;
    clearTimeout(timer);
    if (before !== undefined && before !== asked) timer = setTimeout(() => sayPolitely(left()), SETTLED);
    before = asked;
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function left(): string {
  const problem = filterProblem.peek();
  if (problem !== undefined) return `the filter cannot be read: ${problem.problem}`;
  const { shown, here } = containerCounts.peek();
  return `${shownGroups.peek().length} of ${groupsHere.peek().length} groups, ${shown} of ${here} containers`;
}
