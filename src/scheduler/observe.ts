// Looks at one group: engines first, then the store, so that a container without an intent is known to have none.
// Decides nothing.

import type { ObservedContainer } from "../model/container.js";
import { TheseusError } from "../model/errors.js";
import type { HostRecord, HostView } from "../model/host.js";
import { hostView } from "../model/host-view.js";
import { type Instant, type Milliseconds, SECOND } from "../model/instant.js";
import type { PlanInput } from "../model/plan.js";
import type { EngineListing } from "../model/ports.js";
import { type GroupRef, groupId } from "../model/reference.js";
import { NO_ROLLOUTS } from "../model/rollout.js";
import { NO_SLOTS } from "../model/slots.js";
import type { ConfigTexts, GroupSnapshot } from "../model/store.js";
import { TOO_LATE, within } from "./alarm.js";
import { CheckRecord } from "./check-record.js";
import { DrainMemory } from "./drain-memory.js";
import type { Engine } from "./engine.js";
import type { Fleet } from "./fleet.js";
import type { Holdings } from "./holdings.js";
import { placeOf } from "./host-holdings.js";
import type { HostKeeper } from "./hosts.js";
import type { Images } from "./images.js";
import { listed } from "./listed.js";
import type { Office } from "./office.js";
import { type HeldPlaces, othersOn } from "./others.js";
import type { Prober } from "./prober.js";
import type { RecoveryDesk } from "./recovery-desk.js";
import { recoveryFacts } from "./recovery-facts.js";
import { Restarts } from "./restarts.js";
import type { Taken } from "./shared-reading.js";

export type Observation = {
  readonly input: PlanInput;
  readonly snapshot: GroupSnapshot;
  /** Per host, as HostBook.doubts(), from when its reservations were read. */
  readonly doubts: ReadonlyMap<string, number>;
  /** Before this, by the monotonic clock, nothing that was seen of the engines is older. */
  readonly seenSince: Milliseconds;
};

export type ObserverDeps = {
  readonly office: Office;
  readonly hosts: readonly { readonly engine: Engine; readonly keeper: HostKeeper }[];
  readonly fleet: Fleet;
  readonly images: Images;
  readonly prober: Prober;
  readonly desk: Pick<RecoveryDesk, "words" | "named">;
  readonly configs: ConfigTexts;
};

/** Nobody waits longer for one engine; a busy engine may well need seconds. */
const LIST_DEADLINE = 10 * SECOND;

/** What one group's view of a host is made from. */
type Surroundings = {
  readonly seen: readonly Seen[];
  readonly holdings: Holdings;
  readonly group: HeldPlaces["group"];
  readonly now: Instant;
};

type Seen = { readonly host: string; readonly listing: EngineListing; readonly begun: Milliseconds };

export class Observer {
  readonly #deps: ObserverDeps;
  /** Groups whose config is missing although they have containers, and since when this term knows. */
  readonly #damaged = new Map<string, Instant>();
  readonly #restarts = new Restarts();
  readonly #checks = new CheckRecord();
  readonly #drains: DrainMemory;
  /** Listings after which nothing is kept of containers that are not in them. */
  #gone: ReadonlySet<EngineListing> = new Set();

  constructor(deps: ObserverDeps) {
    this.#deps = deps;
    this.#drains = new DrainMemory(deps.office);
  }

  /** HOST_UNREACHABLE when an engine did not answer and is not known to be silent: then nothing is certain. Fails as the store fails. */
  async observe(group: GroupRef): Promise<Observation> {
    const { office, hosts, fleet } = this.#deps;
    const seenFrom = office.clock.monotonic();
    const answers = await Promise.all(hosts.map((host) => this.#list(host)));
    const seen = answers.filter((answer) => answer !== undefined);
    const [snapshot, reserved] = await Promise.all([office.store.readGroup(group), fleet.read()]);
    const input = await this.#input(snapshot, seen, reserved.holdings);
    return {
      input,
      snapshot,
      doubts: reserved.doubts,
      seenSince: Math.min(seenFrom, ...seen.map(({ begun }) => begun)),
    };
  }

  /** Undefined: the host is silent. */
  async #list({ engine, keeper }: ObserverDeps["hosts"][number]): Promise<Seen | undefined> {
    if (keeper.problem !== undefined) return undefined;
    const taken = await this.#listing(engine, keeper);
    if (keeper.problem !== undefined) return undefined;
    if (taken === TOO_LATE) {
      keeper.doubt();
      throw new TheseusError("HOST_UNREACHABLE", { what: `no answer from Docker on ${engine.host}` });
    }
    if (!keeper.recognises(taken.value.engineId)) {
      keeper.doubt();
      throw new TheseusError("ENGINE_CHANGED", { what: `another engine answers on ${engine.host}` });
    }
    return { host: engine.host, listing: taken.value, begun: taken.begun };
  }

  async #listing(engine: Engine, keeper: HostKeeper): Promise<Taken<EngineListing> | typeof TOO_LATE> {
    try {
      return await within(this.#deps.office.clock, LIST_DEADLINE, engine.list(), keeper.silence);
    } catch (error) {
      keeper.doubt();
      throw error;
    }
  }

  async #input(snapshot: GroupSnapshot, seen: readonly Seen[], holdings: Holdings): Promise<PlanInput> {
    const { office, images, fleet } = this.#deps;
    const { ref, uid, record } = snapshot;
    const now = office.clock.now();
    const id = groupId(ref);
    const observed = seen.flatMap((one) => this.#ours(one, snapshot, now));
    if (seen.length === this.#deps.hosts.length) this.#forgetGone(seen);
    const desired = uid === undefined || record === undefined ? undefined : { ref, uid, record: record.value };
    const intents = [...snapshot.intents.values()].map(({ value }) => value);
    const group = { id, places: intents.map((intent) => placeOf(id, intent)) };
    return {
      desired,
      clusterId: office.clusterId,
      intents,
      observed,
      infos: new Map([...snapshot.infos].map(([name, { value }]) => [name, value])),
      slots: snapshot.slots?.value ?? NO_SLOTS,
      rollouts: snapshot.rollouts?.value ?? NO_ROLLOUTS,
      drains: this.#drains.states(snapshot, now),
      hosts: fleet.records().map((host) => this.#view(host, { seen, holdings, group, now })),
      imageHasHealthcheck: await images.hasHealthcheck(record?.value),
      uid,
      recovery: await recoveryFacts(this.#deps, snapshot, observed),
      damagedSince: this.#damagedSince(id, desired === undefined && observed.length > 0, now),
      leadsSince: office.began,
      now,
    };
  }

  /** Less those that we have removed since the listing was begun, whose intents may be gone already. */
  #ours({ host, listing }: Seen, { ref, infos }: GroupSnapshot, now: Instant): ObservedContainer[] {
    const { prober, hosts } = this.#deps;
    const engine = hosts.find((one) => one.engine.host === host)?.engine;
    const there = (listed(listing).groups.get(groupId(ref)) ?? []).filter((one) => engine?.isRemoved(one.id) !== true);
    return there.map((one) => {
      const verdict = prober.verdictOf(one.id, one.startedAt);
      const fault = prober.faultOf(one.id, one.startedAt);
      const passingFor = prober.passingFor(one.id, one.startedAt);
      const told = infos.get(one.name)?.value;
      const checked = this.#checks.noted({ ...one, verdict }, { now, passingFor, told });
      return {
        ...one,
        verdict,
        ...(fault === undefined ? {} : { fault }),
        ...(checked === undefined ? {} : { checked }),
        restartCount: this.#restarts.recent(one, now),
      };
    });
  }

  /** The passes of one moment share their listings: they are gone through once. */
  #forgetGone(seen: readonly Seen[]): void {
    if (seen.every(({ listing }) => this.#gone.has(listing))) return;
    this.#gone = new Set(seen.map(({ listing }) => listing));
    const there = new Set(seen.flatMap(({ listing }) => listing.ours.map(({ id }) => id)));
    this.#restarts.keepOnly(there);
    this.#checks.keepOnly(there);
  }

  #view(record: HostRecord, { seen, holdings, group, now }: Surroundings): HostView {
    const listing = seen.find(({ host }) => host === record.name)?.listing;
    const problem = listing === undefined ? this.#problem(record, now) : undefined;
    const { problem: _, ...rest } = record;
    const others = () => othersOn({ holdings: holdings.on(record.name), group, listing });
    return hostView(problem === undefined ? rest : { ...rest, problem }, { now, others });
  }

  /** Of a host whose engine was not listed in this very pass. */
  #problem(record: HostRecord, since: Instant): NonNullable<HostRecord["problem"]> {
    const keeper = this.#deps.hosts.find(({ keeper: one }) => one.host === record.name)?.keeper;
    if (keeper === undefined) {
      return { reason: "HOST_UNREACHABLE", text: "this server has no connection to its engine", since };
    }
    return keeper.problem ?? { reason: "HOST_UNREACHABLE", text: "its engine has not been listed yet", since };
  }

  #damagedSince(id: string, damaged: boolean, now: Instant): Instant | undefined {
    if (!damaged) {
      this.#damaged.delete(id);
      return undefined;
    }
    const since = this.#damaged.get(id) ?? now;
    this.#damaged.set(id, since);
    return since;
  }
}
