// The store on etcd: everything that the rest of the house asks of it, built on one wire.

import type { Timeline } from "../model/event.js";
import type { RegistrationStore, StandingStore } from "../model/registration.js";
import type { CatalogFeed, ChangeStore, DrainStore, SchedulerStore, ServiceDirectory } from "../model/store.js";
import { EtcdCatalogFeed } from "./catalog-feed.js";
import { EtcdChangeStore } from "./change-store.js";
import { ContainerDirectory } from "./container-directory.js";
import { EtcdDrainAnswers } from "./drain-answers.js";
import type { Parts } from "./parts.js";
import { EtcdRegistrations } from "./registrations.js";
import { EtcdSchedulerStore } from "./scheduler-store.js";
import { EtcdServiceDirectory } from "./service-directory.js";
import { EtcdStandings } from "./standings.js";
import { EtcdTimeline } from "./timeline.js";

export type Store = ServiceDirectory &
  SchedulerStore &
  ChangeStore &
  CatalogFeed &
  RegistrationStore &
  StandingStore &
  DrainStore &
  Timeline;

/** One store for a server. It holds no connection of its own and needs no closing. */
export function createStore(wire: Parts["wire"], parts: Omit<Parts, "wire">): Store {
  const all: Parts = { wire, ...parts, log: parts.log.child({ part: "store" }) };
  const changes = new EtcdChangeStore(all);
  return {
    ...methods(changes),
    ...methods(new EtcdServiceDirectory(all, changes)),
    ...methods(new ContainerDirectory(wire)),
    ...methods(new EtcdCatalogFeed(all)),
    ...methods(new EtcdSchedulerStore(all)),
    ...methods(new EtcdRegistrations(all)),
    ...methods(new EtcdStandings(all)),
    ...methods(new EtcdDrainAnswers(all)),
    ...methods(new EtcdTimeline(all)),
  };
}

/** The methods of an object as functions that need no `this`. */
function methods<T extends object>(of: T): { [K in keyof T]: T[K] } {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(of)).filter((name) => name !== "constructor");
  return Object.fromEntries(names.map((name) => [name, method(of, name)])) as T;
}

function method(of: object, name: string): unknown {
  const found: unknown = Reflect.get(of, name);
  return typeof found === "function" ? found.bind(of) : found;
}
