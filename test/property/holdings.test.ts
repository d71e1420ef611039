// The index of what is held on hosts, followed change by change, says what a sum made from nothing says.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { createFold } from "../../src/catalog/fold.js";
import { reservationsIn } from "../../src/catalog/reservations.js";
import type { Intent, ObservedContainer } from "../../src/model/container.js";
import { heldByOthers, type Others } from "../../src/model/others.js";
import type { EngineListing, Stranger } from "../../src/model/ports.js";
import { groupId, groupRef } from "../../src/model/reference.js";
import type { Reservation } from "../../src/model/reservations.js";
import type { EntryAt } from "../../src/model/store.js";
import { Holdings } from "../../src/scheduler/holdings.js";
import { placeOf } from "../../src/scheduler/host-holdings.js";
import { othersOn } from "../../src/scheduler/others.js";
import { aGroup, anIntent, aRunning } from "../support/builders.js";

const HOSTS = ["h1", "h2"];
const PORTS = [80, 20_000, 20_001];
const GROUPS = [
  aGroup({ ref: groupRef("api", []), uid: "u1" }),
  aGroup({ ref: groupRef("web", ["dev"]), uid: "u2" }),
  aGroup({ ref: groupRef("web", ["prod"]), uid: "u3" }),
];

const ports = fc
  .array(fc.constantFrom(...PORTS), { maxLength: 2 })
  .map((some) => Object.fromEntries(some.map((port, i) => [`p${i}`, port])));

const drawnPlace = fc.record({
  group: fc.integer({ min: 0, max: GROUPS.length - 1 }),
  slot: fc.integer({ min: 1, max: 2 }),
  generation: fc.integer({ min: 1, max: 2 }),
  host: fc.constantFrom(...HOSTS),
  hostPorts: ports,
  /** Absent: what the group's config asks for. */
  reserves: fc.option(fc.record({ cpu: fc.constantFrom(0.1, 1), mem: fc.constantFrom(1, 512) }), { nil: undefined }),
});
type DrawnPlace = typeof drawnPlace extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  { weight: 4, arbitrary: drawnPlace.map((place) => ({ kind: "intent" as const, place })) },
  { weight: 2, arbitrary: drawnPlace.map((place) => ({ kind: "gone" as const, place })) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("config" as const),
      group: fc.integer({ min: 0, max: GROUPS.length - 1 }),
      cpu: fc.constantFrom(undefined, 0.01, 0.1, 0.3, 2),
      mem: fc.constantFrom(undefined, 1, 1024, 2 ** 40),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("listing" as const),
      ours: fc.array(fc.record({ place: drawnPlace, started: fc.boolean() }), { maxLength: 6 }),
      strangers: fc.array(fc.array(fc.constantFrom(...PORTS, 443), { maxLength: 3 }), { maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "everything anew" as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const groupOf = (at: number) => {
  const group = GROUPS[at];
  if (group === undefined) throw new Error(`there is no group ${at}`);
  return group;
};

function intentAt({ group, reserves, ...place }: DrawnPlace): Intent {
  const { reserves: _, ...intent } = anIntent(groupOf(group), place);
  return reserves === undefined ? intent : { ...intent, reserves };
}

/** What the store and the engines have at one moment, and the index that is to follow. */
class Model {
  readonly entries = new Map<string, EntryAt>();
  fold = createFold();
  readonly holdings = new Holdings();
  listings = new Map<string, EngineListing>();
  #revision = 0n;

  apply(next: Step): void {
    this.#revision += 1n;
    if (next.kind === "intent") this.#put(next.place);
    else if (next.kind === "gone") this.#remove(keyOf(next.place));
    else if (next.kind === "config") this.#configure(next);
    else if (next.kind === "listing") this.#list(next);
    else this.fold = createFold([...this.entries.values()].map((one) => structuredClone(one)));
    this.holdings.take(reservationsIn(this.fold.view(this.#revision)));
  }

  /** Read anew. */
  reservations(): readonly Reservation[] {
    return reservationsIn(createFold(this.entries.values()).view(0n)).flatMap(({ reservations }) => reservations);
  }

  #put(place: DrawnPlace): void {
    const intent = intentAt(place);
    const ref = { ...groupOf(place.group).ref, name: intent.name };
    this.#keep({ key: keyOf(place), entry: { kind: "intent", ref, intent }, modRevision: this.#revision });
  }

  #configure({ group, cpu, mem }: Extract<Step, { kind: "config" }>): void {
    const { ref, record } = groupOf(group);
    const limits = { ...(cpu === undefined ? {} : { cpu }), ...(mem === undefined ? {} : { mem }) };
    const entry = { kind: "config", ref, record: { ...record, config: { ...record.config, ...limits } } } as const;
    this.#keep({ key: `config ${group}`, entry, modRevision: this.#revision });
  }

  #keep(entry: EntryAt): void {
    this.entries.set(entry.key, entry);
    this.fold.put(entry);
  }

  #remove(key: string): void {
    this.entries.delete(key);
    this.fold.remove(key);
  }

  #list({ ours, strangers }: Extract<Step, { kind: "listing" }>): void {
    const containers = ours.map(({ place, started }, i): ObservedContainer => {
      const made = { image: "i", hostPorts: place.hostPorts };
      const one = aRunning(groupOf(place.group), intentAt(place), { id: `c${i}`, name: `c${i}`, made });
      return started ? one : { ...one, status: "created" };
    });
    const foreign = strangers.map((hostPorts, i): Stranger => ({ id: `s${i}`, name: `s${i}`, hostPorts }));
    this.listings = new Map(
      HOSTS.map((host) => [
        host,
        { engineId: host, ours: containers.filter((one) => one.host === host), strangers: foreign },
      ]),
    );
  }
}

/** One place has one name, so another host is a move. */
const keyOf = ({ group, slot, generation }: DrawnPlace): string => `${group} ${slot} ${generation}`;

/** The sum from nothing. */
function summedUp(model: Model, host: string, group: { id: string; places: readonly string[] }) {
  const all = model.reservations();
  const listing = model.listings.get(host);
  const places = all.filter(({ intent }) => intent.host === host).map((one) => placeOf(groupId(one.group), one.intent));
  const known = new Set([...places, ...group.places]);
  const strays = (listing?.ours ?? []).filter(
    ({ status, owner }) => status !== "created" && !known.has(placeOf(groupId(owner.group), owner)),
  );
  return heldByOthers(host, {
    reservations: all.filter((one) => groupId(one.group) !== group.id),
    strangers: [
      ...(listing?.strangers ?? []),
      ...strays.map(({ id, name, made }) => ({ id, name, hostPorts: Object.values(made?.hostPorts ?? {}) })),
    ],
    otherNames: (listing?.ours ?? []).filter(({ owner }) => groupId(owner.group) !== group.id).map(({ name }) => name),
  });
}

/** In words, of every host and as seen by every group. @param ahead what groups know of themselves beyond the index. */
function expectSame(model: Model, ahead: readonly Intent[]): void {
  const all = model.reservations();
  const listed = [...model.listings.values()].flatMap(({ ours, strangers }) => [...ours, ...strangers]);
  const names = [...listed.map(({ name }) => name), ...all.map(({ intent }) => intent.name)];
  const seen = HOSTS.flatMap((host) =>
    GROUPS.map(({ ref }) => {
      const id = groupId(ref);
      const own = all.filter((one) => groupId(one.group) === id).map(({ intent }) => intent);
      const group = { id, places: [...own, ...ahead].map((intent) => placeOf(id, intent)) };
      const indexed = othersOn({ holdings: model.holdings.on(host), group, listing: model.listings.get(host) });
      return { indexed: inWords(indexed, names), summed: inWords(summedUp(model, host, group), names) };
    }),
  );
  expect(seen.map(({ indexed }) => indexed)).toEqual(seen.map(({ summed }) => summed));
}

function inWords({ reservedCpu, reservedMem, takenPorts, takenNames }: Others, names: readonly string[]): string {
  const ports = [...PORTS, 443].map((port) => `${port} ${takenPorts.has(port)} ${takenPorts.get(port)}`);
  const taken = names.filter((name) => takenNames.has(name));
  return [reservedCpu, reservedMem, takenPorts.size, ...ports, ...taken].join("\n");
}

describe("what is held on hosts", () => {
  it("is after any changes, looked at after any of them, what adding it all up gives", () => {
    const looks = fc.tuple(step, fc.boolean());
    fc.assert(
      fc.property(
        fc.array(looks, { maxLength: 40, size: "max" }),
        fc.array(drawnPlace, { maxLength: 2 }),
        (steps, ahead) => {
          const model = new Model();
          for (const [next, isLookedAt] of steps) {
            model.apply(next);
            if (isLookedAt) expectSame(model, ahead.map(intentAt));
          }
          expectSame(model, []);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("touches nothing of a group in which nothing has changed", () => {
    const model = new Model();
    const place = { group: 0, slot: 1, generation: 1, host: "h1", hostPorts: { p0: 80 }, reserves: undefined };
    model.apply({ kind: "intent", place });
    const { version } = model.holdings.on("h1");
    model.apply({ kind: "intent", place: { ...place, group: 1, host: "h2" } });
    model.apply({ kind: "config", group: 1, cpu: 0.3, mem: undefined });
    model.apply({ kind: "config", group: 0, cpu: undefined, mem: undefined });
    expect(model.holdings.on("h1").version).toBe(version);
    model.apply({ kind: "config", group: 0, cpu: 2, mem: undefined });
    expect(model.holdings.on("h1").version).toBeGreaterThan(version);
  });
});
