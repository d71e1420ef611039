// Which component a route shows. All of them come with the page: one that is fetched later may not come, or not fit the
// page any more, when the server has been updated meanwhile.

import type { ComponentType, VNode } from "preact";
import { route } from "../view.js";
import type { Route } from "../view-url.js";
import { Container } from "./container.js";
import { Containers } from "./containers.js";
import { Discovery } from "./discovery.js";
import { Events } from "./events.js";
import { Group } from "./group.js";
import { Groups } from "./groups.js";
import { Hosts } from "./hosts.js";
import { Logs } from "./logs.js";
import { Overview } from "./overview.js";
import { Rollout } from "./rollout.js";
import { Rollouts } from "./rollouts.js";
import { UnknownPath } from "./unknown.js";

const SCREENS: Readonly<Record<Route, ComponentType>> = {
  overview: Overview,
  groups: Groups,
  group: Group,
  rollout: Rollout,
  containers: Containers,
  container: Container,
  hosts: Hosts,
  rollouts: Rollouts,
  logs: Logs,
  discovery: Discovery,
  events: Events,
  unknown: UnknownPath,
};

export function Screen(): VNode {
  const name = route.value;
  const Shown = SCREENS[name];
  return <Shown key={name} />;
}
