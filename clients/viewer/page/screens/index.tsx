// Which component a route shows. Lists come with the page, what is opened from them comes when it is first opened.

import type { ComponentType, VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ErrorBox, Loading } from "../parts/empty.js";
import { route } from "../view.js";
import type { Route } from "../view-url.js";
import { Containers } from "./containers.js";
import { Groups } from "./groups.js";
import { Hosts } from "./hosts.js";
import { Overview } from "./overview.js";
import { Rollouts } from "./rollouts.js";
import { UnknownPath } from "./unknown.js";

const PRESENT: Partial<Record<Route, ComponentType>> = {
  overview: Overview,
  groups: Groups,
  containers: Containers,
  hosts: Hosts,
  rollouts: Rollouts,
  unknown: UnknownPath,
};

const LATER: Partial<Record<Route, () => Promise<ComponentType>>> = {
  group: async () => (await import("./group.js")).Group,
  rollout: async () => (await import("./rollout.js")).Rollout,
  container: async () => (await import("./container.js")).Container,
  logs: async () => (await import("./logs.js")).Logs,
  discovery: async () => (await import("./discovery.js")).Discovery,
  events: async () => (await import("./events.js")).Events,
};

const loaded: Partial<Record<Route, ComponentType>> = {};

export function Screen(): VNode {
  const name = route.value;
  const Shown = PRESENT[name] ?? loaded[name];
  return Shown === undefined ? <LaterScreen key={name} name={name} /> : <Shown key={name} />;
}

function LaterScreen({ name }: { name: Route }) {
  const [error, setError] = useState<unknown>();
  const [, setTries] = useState(0);
  const load = () => {
    setError(undefined);
    LATER[name]?.().then((component) => {
      loaded[name] = component;
      setTries((tries) => tries + 1);
    }, setError);
  };
  useEffect(load, [name]);
  const Shown = loaded[name];
  if (Shown !== undefined) return <Shown />;
  return error === undefined ? <Loading what={`reading ${name}…`} /> : <ErrorBox error={error} retry={load} />;
}
