// Worlds whose store is older than their containers: a group settles, is changed and settles again, and then the store is
// what it was before.

import fc from "fast-check";
import type { ObservedContainer } from "../../src/model/container.js";
import { fingerprint } from "../../src/model/fingerprint.js";
import type { ConfigRecord, GroupConfig } from "../../src/model/group.js";
import type { RecoveryFacts } from "../../src/model/plan.js";
import type { GivenWord, Making, Word } from "../../src/model/recovery.js";
import { NO_SLOTS } from "../../src/model/slots.js";
import { aGroup, aHostRecord, aPin, CLUSTER, changed, NOW } from "./builders.js";
import { settle, type World } from "./perfect-world.js";

export type RestoredWorld = {
  readonly world: World;
  /** Ids of the containers that the store cannot know. */
  readonly younger: readonly string[];
};

const ports = [{ name: "http", container: 8080 }];

const change: fc.Arbitrary<Partial<GroupConfig>> = fc.record(
  {
    image: fc.constantFrom("web:1", "web:2"),
    instances: fc.integer({ min: 1, max: 5 }),
    weight: fc.integer({ min: 1, max: 100 }),
    env: fc.constant({ MORE: "yes" }),
  },
  { requiredKeys: [] },
);

const drawn = fc.record({
  before: fc.integer({ min: 0, max: 4 }),
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  hosts: fc.integer({ min: 1, max: 2 }),
  isNew: fc.boolean(),
});

/** Everything that runs was steady before the store went back; only worlds in which that can be seen. */
export const restoredWorld: fc.Arbitrary<RestoredWorld> = drawn
  .map(({ before, changes, hosts, isNew }) => {
    const first = settle(emptyWorld(before, hosts)).world;
    const configs = [first.group?.record.config];
    let last = first;
    for (const one of changes) {
      if (last.group === undefined) break;
      const group = changed(last.group, { ...one });
      configs.push(group.record.config);
      last = settle({ ...last, group }).world;
    }
    const known = new Set(first.containers.map(({ id }) => id));
    const store = isNew ? nothingStored(first) : first;
    const younger = last.containers.filter(({ id }) => isNew || !known.has(id)).map(({ id }) => id);
    const hostsNow = store.hosts;
    const makings = new Map(last.containers.map((one) => [one.id, makingOf(last, one, configs)]));
    const recovery = { makings, words: new Map(), formerUids: new Set<string>(), named: new Set<string>() };
    return { world: { ...store, hosts: hostsNow, containers: last.containers, now: last.now, recovery }, younger };
  })
  .filter(({ younger }) => younger.length > 0);

/** The same with a word on these containers. */
export function withWordOn({ world }: RestoredWorld, word: Word, ids: readonly string[]): World {
  const change = { actor: "ann@desk", command: "theseus recover", message: "", time: world.now };
  const given: GivenWord = { word, ids, change };
  const none: RecoveryFacts = { makings: new Map(), words: new Map(), formerUids: new Set(), named: new Set() };
  const before = world.recovery ?? none;
  return { ...world, recovery: { ...before, words: new Map(ids.map((id) => [id, given])) } };
}

function emptyWorld(instances: number, hosts: number): World {
  return {
    group: aGroup({ instances, ports }),
    uid: "u1",
    clusterId: CLUSTER,
    intents: [],
    infos: new Map(),
    containers: [],
    slots: NO_SLOTS,
    hosts: Array.from({ length: hosts }, (_, i) => aHostRecord({ name: `h${i}` })),
    now: NOW,
  };
}

function nothingStored(world: World): World {
  return { ...world, group: undefined, uid: undefined, intents: [], infos: new Map(), slots: NO_SLOTS };
}

/** It carries the config that it was made from, which is the first one that makes it. */
function makingOf(
  { intents }: World,
  { owner }: ObservedContainer,
  configs: readonly (ConfigRecord["config"] | undefined)[],
): Making {
  const config = configs.findLast(
    (one) => one !== undefined && fingerprint(one, aPin(one.image)) === owner.fingerprint,
  );
  const intent = intents.find(({ slot, generation }) => slot === owner.slot && generation === owner.generation);
  return { image: aPin(config?.image ?? "").pinned, hostPorts: intent?.hostPorts ?? {}, config };
}
