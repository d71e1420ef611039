// The screens. A list that is gone to keeps the filter and the namespace.

import { link, route, view } from "../view.js";
import { href, keptQuery, type Route } from "../view-url.js";

export const SCREEN_TITLES: Readonly<Record<Route, string>> = {
  overview: "Overview",
  groups: "Groups",
  group: "Group",
  rollout: "Rollout",
  rollouts: "Rollouts",
  containers: "Containers",
  container: "Container",
  hosts: "Hosts",
  logs: "Logs",
  discovery: "Discovery",
  events: "Events",
  unknown: "no such page",
};

type Known = Exclude<Route, "unknown">;

/** With the second key of "g o". */
export const SCREENS: readonly (readonly [route: Known, key: string])[] = [
  ["overview", "o"],
  ["groups", "g"],
  ["containers", "c"],
  ["hosts", "h"],
  ["rollouts", "r"],
  ["logs", "l"],
  ["discovery", "d"],
  ["events", "e"],
];

/** The list that a screen was opened from. */
export const PARENTS: Partial<Record<Route, Known>> = { group: "groups", rollout: "rollouts", container: "containers" };

/** Where a screen is: with the filter, and the namespace of what is seen. */
export const screenHref = (to: Known): string => href(to, keptQuery(view.value.query));

export function Navigation() {
  const here = PARENTS[route.value] ?? route.value;
  return (
    <nav aria-label="screens" class="screens">
      {SCREENS.map(([name]) => (
        <a key={name} {...link(screenHref(name))} aria-current={here === name ? "page" : undefined}>
          {SCREEN_TITLES[name]}
        </a>
      ))}
    </nav>
  );
}
