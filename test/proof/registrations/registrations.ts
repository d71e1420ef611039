// A store that stands still for longer than all heartbeats last, or is killed, withdraws nobody: whoever lives is found all the while,
// and exactly those whose processes died meanwhile are gone after the grace, also when the leader dies with them.

import { systemClock as clock } from "../../../src/system.js";
import { newestRevision, writesAfter } from "../../support/store-history.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { Guests, type Measure, type Registry } from "./guests.js";
import { type End, recordsIn, wrongEnd, wrongWrites } from "./verdict.js";
import { type Expected, isServed, ServerWatchman, StoreWatchman, servedBy, storeLook } from "./watchman.js";

/** A new leader has to be found, and on a busy machine nothing is punctual. */
const SLACK_MS = 30_000;
/** After so many times its TTL the record of one that is lost is removed. */
const TTLS_KEPT = 10;
/** So long after the store is back everybody who lives has a heartbeat again. */
const HEARD_WITHIN_MS = 5_000;
const FEWEST_LOOKS = { atServers: 40, whilePaused: 15, atTheStore: 5 };

type Variation = {
  readonly measure: Measure;
  /** By leases on the records themselves: the defence is off. */
  readonly isLeased?: boolean;
  /** The server that leads is killed while the store stands still. */
  readonly leaderDies?: boolean;
  /** The store is killed and started again instead of standing still. */
  readonly storeDies?: boolean;
  /** Until the records of those that died are removed too. */
  readonly toTheEnd?: boolean;
};

class Scene {
  readonly #stage: Stage;
  readonly #variation: Variation;
  readonly #guests: Guests;
  readonly #servers = new Map<string, RunningServer>();
  readonly #watchmen = new Map<string, ServerWatchman>();
  readonly #expected: Expected;
  #ofTheStore: StoreWatchman | undefined;
  #begun = 0;
  #unheard: readonly string[] = [];

  constructor(stage: Stage, variation: Variation) {
    this.#stage = stage;
    this.#variation = variation;
    this.#guests = new Guests(variation.measure);
    const { dying, living } = this.#guests;
    this.#expected = { dying, living, graceEnds: Number.POSITIVE_INFINITY };
  }

  async play(): Promise<Report> {
    await this.#setUp();
    await this.#standStill();
    await this.#waitForTheEnd();
    for (const watchman of this.#watchmen.values()) await watchman.stop();
    await this.#ofTheStore?.stop();
    return await this.#report();
  }

  async end(): Promise<void> {
    this.#stage.etcd.resume();
    await this.#guests.end();
    for (const watchman of this.#watchmen.values()) await watchman.stop();
    await this.#ofTheStore?.stop();
  }

  async #setUp(): Promise<void> {
    const { etcd } = this.#stage;
    const first = await this.#stage.startServer();
    const leader = await until("a server to lead", () => this.#leader());
    this.#servers.set(leader, first);
    if (this.#variation.isLeased !== true) this.#servers.set("the other", await this.#stage.startServer());
    await this.#guests.start(this.#registry(), this.#variation.measure);
    this.#begun = await newestRevision(etcd);
    const { dying, living } = this.#expected;
    for (const { listeners } of this.#servers.values()) {
      const hasAll = async () => (await servedBy(listeners.grpc)).size === dying.length + living.length;
      await until("all to be found", hasAll);
      this.#watchmen.set(listeners.grpc, new ServerWatchman(listeners.grpc, this.#expected));
    }
    this.#ofTheStore = new StoreWatchman(etcd, this.#expected);
    await until("a look at the store", () => this.#ofTheStore?.last);
  }

  #registry(): Registry {
    if (this.#variation.isLeased === true) return { by: "lease", etcd: this.#stage.etcd.endpoint };
    return { by: "theseus", servers: [...this.#servers.values()].map(({ listeners }) => listeners.grpc) };
  }

  /** Its id. */
  async #leader(): Promise<string> {
    return (await this.#stage.etcd.ctl("get", "/theseus/leader", "--print-value-only")).trim();
  }

  async #standStill(): Promise<void> {
    const { etcd } = this.#stage;
    const leading = this.#servers.get(await this.#leader()) ?? this.#servers.get("the other");
    const { ttlMs } = this.#variation.measure;
    const { storeDies = false } = this.#variation;
    await (storeDies ? etcd.kill9() : etcd.pause());
    for (const watchman of this.#watchmen.values()) watchman.isPaused = true;
    const standing = clock.sleep(2 * ttlMs);
    if (this.#variation.leaderDies === true && leading !== undefined) await this.#kill(leading);
    await this.#guests.kill();
    await standing;
    for (const watchman of this.#watchmen.values()) watchman.isPaused = false;
    this.#expected.graceEnds = performance.now() + ttlMs;
    if (storeDies) await etcd.start();
    else etcd.resume();
    await clock.sleep(HEARD_WITHIN_MS);
    const heard = new Set(await this.#heard());
    this.#unheard = this.#expected.living.filter((name) => !heard.has(name));
  }

  async #kill(server: RunningServer): Promise<void> {
    await this.#watchmen.get(server.listeners.grpc)?.stop();
    await server.child.kill9();
    for (const [id, one] of this.#servers) if (one === server) this.#servers.delete(id);
  }

  /** Patience may end without it; then the end says what is missing. */
  async #waitForTheEnd(): Promise<void> {
    const { measure, toTheEnd } = this.#variation;
    const { dying, living, graceEnds } = this.#expected;
    const isOver = (): boolean => {
      const states = this.#ofTheStore?.last?.states;
      if (states === undefined || performance.now() < graceEnds) return false;
      const isGone = (name: string) => (toTheEnd === true ? !states.has(name) : !isServed(states.get(name)));
      return dying.every(isGone) && living.every((name) => states.get(name) === "ready");
    };
    const withinMs = (1 + (toTheEnd === true ? TTLS_KEPT : 0)) * measure.ttlMs + SLACK_MS;
    await until("the grace to be over", isOver, { withinMs }).catch(() => undefined);
  }

  async #report(): Promise<Report> {
    const { dying, living } = this.#expected;
    const { toTheEnd = false, leaderDies, storeDies } = this.#variation;
    const watchmen = [...this.#watchmen.values()];
    const ofTheStore = this.#ofTheStore;
    const writes = await writesAfter(this.#stage.etcd, this.#begun);
    // Each term counts the time until a record is removed anew; a machine that has no time for us changes leaders often.
    const terms = new Set(writes.map(({ key }) => key).filter((key) => key.startsWith("/theseus/epochs/"))).size;
    const looks = watchmen.reduce((sum, one) => sum + one.looks, 0);
    const whilePaused = watchmen.reduce((sum, one) => sum + one.whilePaused, 0);
    const violations = [
      ...watchmen.flatMap(({ wrong }) => [...wrong]),
      ...(ofTheStore?.wrong ?? []),
      // Heartbeats outlive a store that is killed: it counts their time anew.
      ...wrongWrites(writes, this.#expected, {
        revision: ofTheStore?.graceRevision ?? 0,
        inDoubt: storeDies !== true,
      }),
      ...wrongEnd(await this.#end(), this.#expected, toTheEnd),
      ...this.#unheard.map(
        (name) => `${name} lives and had no heartbeat ${HEARD_WITHIN_MS} ms after the store was back`,
      ),
      ...this.#guests.complaints(),
      ...tooFew({ atServers: looks, whilePaused, atTheStore: ofTheStore?.looks ?? 0 }),
    ];
    console.error(
      `registrations${leaderDies === true ? ", leader killed" : ""}${storeDies === true ? ", store killed" : ""}: ${dying.length + living.length} names, ` +
        `${dying.length} killed, ${looks} lookups (${whilePaused} while the store stood still), ` +
        `${ofTheStore?.looks} looks at the store, ${recordsIn(writes).length} writes of records, ${terms} terms, ` +
        `${violations.length} violations`,
    );
    return { cases: looks + (ofTheStore?.looks ?? 0), violations };
  }

  async #end(): Promise<End> {
    const { etcd } = this.#stage;
    const served = new Map<string, ReadonlySet<string>>();
    for (const { listeners } of this.#servers.values()) {
      served.set(listeners.grpc, await servedBy(listeners.grpc));
    }
    const heard = await this.#heard();
    const held = (await this.#listing("/theseus/holders/")).map(nameOf);
    return { store: await storeLook(etcd), heard, held, served };
  }

  /** Names that have a heartbeat under a lease. */
  async #heard(): Promise<string[]> {
    return (await this.#listing("/theseus/heartbeats/")).filter(({ lease = 0 }) => lease !== 0).map(nameOf);
  }

  async #listing(prefix: string): Promise<readonly RawKey[]> {
    type Listing = { readonly kvs?: readonly RawKey[] };
    return (JSON.parse(await this.#stage.etcd.ctl("get", prefix, "--prefix", "-w", "json")) as Listing).kvs ?? [];
  }
}

type RawKey = { readonly key: string; readonly lease?: number };

const nameOf = ({ key }: RawKey): string => Buffer.from(key, "base64").toString().split("/").at(-1) ?? "";

function tooFew(looks: typeof FEWEST_LOOKS): string[] {
  const kinds = Object.keys(FEWEST_LOOKS) as (keyof typeof FEWEST_LOOKS)[];
  return kinds
    .filter((kind) => looks[kind] < FEWEST_LOOKS[kind])
    .map((kind) => `only ${looks[kind]} looks ${kind}, not ${FEWEST_LOOKS[kind]}`);
}

async function play(variation: Variation): Promise<Report> {
  return await onStage(async (stage) => {
    const scene = new Scene(stage, variation);
    try {
      return await scene.play();
    } catch (error) {
      return { cases: 0, violations: [`it could not be played: ${error instanceof Error ? error.stack : error}`] };
    } finally {
      await scene.end();
    }
  });
}

const SMALL: Measure = { dying: 4, living: 26, processes: 2, ttlMs: 3000 };
const FULL: Measure = { dying: 20, living: 180, processes: 6, ttlMs: 10_000 };

async function check(size: Size): Promise<Report> {
  if (size === "small") return await play({ measure: SMALL, leaderDies: true });
  let cases = 0;
  const violations: string[] = [];
  const ways = [{}, { leaderDies: true, toTheEnd: true }, { storeDies: true }];
  for (const way of ways) {
    const report = await play({ measure: FULL, ...way });
    cases += report.cases;
    violations.push(...report.violations);
  }
  return { cases, violations };
}

/** Only what was seen of the programs that lived counts: these have neither heartbeats nor holders. */
async function control(): Promise<Report> {
  const { cases, violations } = await play({ measure: { ...SMALL, ttlMs: 2000 }, isLeased: true });
  return { cases, violations: violations.filter((text) => text.includes(" lives and was ")) };
}

export const registrations: Proof = { name: "registrations", check, control };
