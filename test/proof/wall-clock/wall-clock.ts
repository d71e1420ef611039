// The clocks of servers are set forth and back, by an hour, by a day, five times a second: who leads goes on leading, nobody
// is evicted, and an update that is under way gets on as if nothing had happened.

import { setTimeout as pause } from "node:timers/promises";
import { type Registration, register } from "../../../clients/register.js";
import type { SeenEvent } from "../../support/observed-engine.js";
import { ObservedGroup } from "../../support/observed-group.js";
import { type LoggedWrite, StoreLog } from "../../support/store-log.js";
import { inFolder } from "../../support/temporary-folder.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { SetClock } from "./set-clock.js";

const HOUR = 3_600;
const DAY = 24 * HOUR;
const LEADER = "/theseus/leader";
const RESTING = "rest/dev";
const CHANGING = "web/dev";
const GUESTS = "guest/dev";
const INSTANCES = 2;
const REGISTRATIONS = 3;
const TTL_MS = 3_000;
const STROBE_MS = 200;
const HOLDS_MS = { small: 1_000, full: 3_000 } as const;
/** The control waits for so long. */
const PATIENCE_MS = 10_000;
const CONVERGES_WITHIN_MS = 30_000;

type Turn = {
  /** Whose clock is set. */
  readonly who: "the leader" | "the other" | "both";
  readonly seconds: number | "strobe";
};

type Clocked = { readonly server: RunningServer; readonly clock: SetClock };

class Scene {
  readonly #stage: Stage;
  readonly #leader: Clocked;
  readonly #other: Clocked;
  readonly #log: StoreLog;
  readonly #events: () => readonly SeenEvent[];
  readonly #changing: ObservedGroup;
  #version = 1;

  constructor(stage: Stage, [leader, other]: readonly [Clocked, Clocked], seen: Seen) {
    this.#stage = stage;
    this.#leader = leader;
    this.#other = other;
    this.#log = seen.log;
    this.#events = seen.events;
    this.#changing = new ObservedGroup(stage, CHANGING);
  }

  /** In the middle of an update, and back again at the end. */
  async play({ who, seconds }: Turn, holdsMs: number): Promise<string[]> {
    const { revision } = this.#log;
    const since = Date.now();
    this.#version += 1;
    await this.#stage.theseus(this.#leader.server, "update", CHANGING, "--env", `V=${this.#version}`, "--detach");
    const isBegun = ({ key }: LoggedWrite) => key.startsWith(`/services/${CHANGING}/containers/`);
    await this.#log.next("the update to begin", revision, isBegun);
    const clocks = { "the leader": [this.#leader], "the other": [this.#other], both: [this.#leader, this.#other] }[who];
    for (const { clock } of clocks) {
      if (seconds === "strobe") clock.strobe(HOUR, STROBE_MS);
      else clock.set(seconds);
    }
    const late = await this.#updated();
    await pause(holdsMs);
    for (const { clock } of clocks) clock.set(0);
    await pause(holdsMs / 2);
    const found = [...late, ...this.#wrong(since, revision)];
    return found.map((text) => `${who}, ${seconds}: ${text}`);
  }

  /** Nothing else happens; what is wrong as soon as anything is. */
  async leap(seconds: number): Promise<string[]> {
    const { revision } = this.#log;
    const since = Date.now();
    for (const { clock } of [this.#leader, this.#other]) clock.set(seconds);
    const isWrong = () => this.#wrong(since, revision).length > 0;
    await until("something to be wrong", isWrong, { withinMs: PATIENCE_MS }).catch(() => undefined);
    return this.#wrong(since, revision);
  }

  /** The newest version, and nothing was taken back. */
  async #updated(): Promise<string[]> {
    const isOver = async () => {
      const [rollout] = await this.#changing.rollouts();
      return rollout !== undefined && rollout.to > this.#version - 1 && rollout.state !== "running" && rollout;
    };
    const patience = { withinMs: CONVERGES_WITHIN_MS, everyMs: 100 };
    try {
      const { state, failure, back_by } = await until("the rollout to be over", isOver, patience);
      return state === "done" && back_by === undefined ? [] : [`the rollout is ${state}: ${failure?.text}`];
    } catch (error) {
      return [String(error), JSON.stringify((await this.#changing.rollouts())[0])];
    }
  }

  #wrong(since: number, revision: number): string[] {
    const writes = this.#log.writes.filter((write) => write.revision > revision);
    const touched = this.#events().filter(
      ({ at, attributes }) => at > since && attributes["theseus.service"] === "rest",
    );
    return [
      ...writes.filter(({ key }) => key === LEADER).map(({ value }) => `another leader: ${value}`),
      ...writes
        .filter(({ key }) => [RESTING, GUESTS].some((group) => key.startsWith(`/services/${group}/`)))
        .map(({ key, value }) => `written: ${key} ${value}`),
      ...touched.map(({ action, attributes }) => `Docker says ${action} of ${attributes["name"]}`),
    ];
  }
}

type Seen = { readonly log: StoreLog; readonly events: () => readonly SeenEvent[] };

/** @param monotonic also the clock of durations is set. */
async function onScene(monotonic: boolean, work: (scene: Scene) => Promise<string[]>): Promise<string[]> {
  return await inFolder("clock", (folder) =>
    onStage(async (stage) => {
      const log = new StoreLog(stage.etcd);
      const events = await stage.engine.follow();
      const guests: Registration[] = [];
      try {
        const clocks = [new SetClock(folder, "first"), new SetClock(folder, "second")] as const;
        const [one, two] = clocks.map((clock) => ({ clock, env: clock.environment(monotonic) }));
        if (one === undefined || two === undefined) throw new Error("there are no clocks");
        const leader = { server: await stage.startServer({ env: one.env }), clock: one.clock };
        await until("a leader", () => log.first(0, ({ key }) => key === LEADER));
        const other = { server: await stage.startServer({ env: two.env }), clock: two.clock };
        await stage.apply(leader.server, groups(stage.image));
        await new ObservedGroup(stage, RESTING).stable();
        for (let i = 1; i <= REGISTRATIONS; i += 1) guests.push(await guest(other.server, i));
        const cluster = await stage.store.clusterId();
        const isOurs = ({ attributes }: SeenEvent) => attributes["theseus.cluster"] === cluster;
        return await work(new Scene(stage, [leader, other], { log, events: () => events.seen.filter(isOurs) }));
      } finally {
        for (const one of guests) await one.close().catch(() => undefined);
        events.close();
        await stage.strike();
        await log.stop();
      }
    }),
  );
}

function groups(image: string) {
  const base = { image, instances: INSTANCES, ports: { http: 8080 }, stop: { grace: "1s", ack_deadline: "500ms" } };
  const update = { min_healthy_time: "1s" };
  return { [RESTING]: { ...base, update }, [CHANGING]: { ...base, update, env: { V: "1" } } };
}

function guest({ listeners }: RunningServer, number: number): Promise<Registration> {
  const asked = { group: GUESTS, name: `guest${number}`, address: "10.1.1.1", ports: { http: 80 }, ttl: TTL_MS };
  return register(listeners.grpc, asked);
}

const FULL: readonly Turn[] = [
  ...[HOUR, -HOUR, DAY, -DAY, "strobe" as const].flatMap((seconds): Turn[] => [
    { who: "the leader", seconds },
    { who: "the other", seconds },
    { who: "both", seconds },
  ]),
];
const SMALL: readonly Turn[] = [{ who: "the leader", seconds: HOUR }];

async function check(size: Size): Promise<Report> {
  const turns = size === "full" ? FULL : SMALL;
  const violations = await onScene(false, async (scene) => {
    const found: string[] = [];
    for (const turn of turns) found.push(...(await scene.play(turn, HOLDS_MS[size])));
    return found;
  });
  return { cases: turns.length, violations };
}

/** Durations are measured by the clock that is set. */
async function control(): Promise<Report> {
  const violations = await onScene(true, (scene) => scene.leap(HOUR));
  return { cases: 1, violations };
}

export const wallClock: Proof = { name: "wall-clock", check, control };
