// A store that stands still, dies or loses its quorum: no container changes, lookups go on and say how old they are, changes
// are refused in time and do nothing later, and soon after it is back everything goes on.

import { connect } from "../../../clients/connect.js";
import { TheseusClientError } from "../../../clients/errors.js";
import { systemClock as clock } from "../../../src/system.js";
import type { SeenEvent } from "../../support/observed-engine.js";
import { ObservedGroup } from "../../support/observed-group.js";
import type { TestEtcd } from "../../support/start-etcd.js";
import type { RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { Looks } from "./looks.js";

const INSTANCES = 3;
const GROUP = "web/dev";
const DEADLINE_MS = 5_000;
/** A machine that is busy. */
const SLACK_MS = 500;
const RESUMES_WITHIN_MS = 5_000;
const PATIENCE_MS = 20_000;

export type Trouble = "paused" | "killed" | "without quorum";
type Measure = {
  readonly trouble: Trouble;
  readonly ttlSeconds: number;
  readonly lengthMs: number;
  /** In the middle of one. */
  readonly inUpdate?: boolean;
};
/** For so much of its time in office a leader may go on without the store; what it has begun takes a second more. */
const GOES_ON = 0.7;
const ENDS_MS = 1_500;

class Scene {
  readonly violations: string[] = [];
  readonly looks: readonly Looks[];
  readonly #stage: Stage;
  readonly #group: ObservedGroup;
  readonly #servers: readonly string[];
  /** Of this group alone: others on the same engine have groups of the same name. */
  readonly #events: () => readonly SeenEvent[];
  #version = 1;

  constructor(stage: Stage, servers: readonly string[], events: () => readonly SeenEvent[]) {
    this.#stage = stage;
    this.#group = new ObservedGroup(stage, GROUP);
    this.#servers = servers;
    this.#events = events;
    this.looks = servers.map((server) => new Looks(server, this.#group.ref, INSTANCES));
  }

  /** @param comesBack false: it never does, and everybody who could help is gone. */
  async endure({ trouble, lengthMs, ttlSeconds, inUpdate = false }: Measure, comesBack = true): Promise<void> {
    if (inUpdate) await this.#beginUpdate();
    await this.#begin(trouble);
    const since = Date.now();
    for (const looks of this.looks) looks.begin(since);
    const over = clock.sleep(lengthMs);
    // What is asked while it is away for a moment only may well be done when it is back.
    const asked = lengthMs > DEADLINE_MS ? this.#servers : [];
    const promises = await Promise.all(asked.map((server) => this.#refused(server)));
    await over;
    const still = since + (inUpdate ? GOES_ON * ttlSeconds * 1000 + ENDS_MS : 0);
    this.violations.push(...this.#changesAfter(still).map((text) => `${trouble}: ${text}`));
    const back = comesBack ? await this.#end(trouble) : Date.now();
    if (comesBack) for (const looks of this.looks) looks.back();
    await this.#resumed(trouble, back, comesBack ? PATIENCE_MS : RESUMES_WITHIN_MS + SLACK_MS);
    // Whoever is withdrawn by mistake is so when the store is back.
    for (const looks of this.looks) this.violations.push(...(await looks.end()));
    if (promises.includes(true)) this.violations.push(...(await this.#kept()));
  }

  async stop(): Promise<void> {
    for (const looks of this.looks) await looks.stop();
  }

  get #members(): readonly TestEtcd[] {
    return this.#stage.others.length > 0 ? this.#stage.others : [this.#stage.etcd];
  }

  async #begin(trouble: Trouble): Promise<void> {
    for (const member of this.#members) await (trouble === "killed" ? member.kill9() : member.pause());
  }

  /** When it was back. */
  async #end(trouble: Trouble): Promise<number> {
    for (const member of this.#members) {
      if (trouble === "killed") await member.start();
      else member.resume();
    }
    return Date.now();
  }

  /** Whether it was said that nothing was changed. */
  async #refused(server: string): Promise<boolean> {
    const connection = connect(server);
    const begun = Date.now();
    try {
      const config = { env: { LATE: server } };
      const request = { group: this.#group.ref, config, updateMask: ["env.LATE"] };
      await connection.theseus.updateGroup(request, { deadline: DEADLINE_MS });
      this.violations.push(`${server} took a change without a store`);
      return false;
    } catch (error) {
      const took = Date.now() - begun;
      if (took > DEADLINE_MS + SLACK_MS) this.violations.push(`${server} refused a change after ${took} ms`);
      if (!(error instanceof TheseusClientError)) throw error;
      return error.reason !== "OUTCOME_UNKNOWN" && error.reason !== "SERVER_UNREACHABLE";
    } finally {
      connection.close();
    }
  }

  /** Lookups are fresh again everywhere, and a change comes into effect. */
  async #resumed(trouble: Trouble, back: number, withinMs: number): Promise<void> {
    this.#version += 1;
    const version = this.#version;
    const fresh = this.looks.map((looks) => looks.freshAfter(back, withinMs));
    const acted = this.#ask(version).then(() =>
      until("the leader to act", () => this.#isBegun(), { withinMs, everyMs: 20 }).then(() => Date.now() - back),
    );
    const took = await Promise.all([...fresh, acted]).catch((error: unknown) => String(error));
    if (typeof took === "string") return void this.violations.push(`${trouble}: ${took}`);
    console.error(
      `store-away: ${trouble}: fresh after ${took.slice(0, -1).join("/")} ms, a change begun after ${took.at(-1)} ms`,
    );
    if (Math.max(...took) > RESUMES_WITHIN_MS)
      this.violations.push(`${trouble}: everything went on only after ${took.join("/")} ms`);
    await this.#group.ready(INSTANCES);
  }

  /** Whoever takes it first. */
  async #ask(version: number): Promise<void> {
    const connection = connect(this.#servers);
    const config = { env: { V: `${version}` } };
    const attempt = () =>
      connection.theseus
        .updateGroup({ group: this.#group.ref, config, updateMask: ["env.V"] }, { deadline: 1_000 })
        .catch(() => undefined);
    await until("a change to be taken", attempt, { withinMs: PATIENCE_MS }).finally(() => connection.close());
  }

  /** A new container is meant, or an old one has been told to leave: that is the leader's work. */
  async #isBegun(): Promise<boolean> {
    const [rollout] = await this.#group.rollouts();
    return rollout !== undefined && rollout.to > this.#version - 1 && (await this.#intended()) > 0;
  }

  async #intended(): Promise<number> {
    const keys = await this.#stage.store.under(`${this.#group.key}/containers/`);
    const intents = [...keys]
      .filter(([key]) => !key.endsWith("/info"))
      .map(([, value]) => JSON.parse(value) as { phase: string; config_revision: number });
    return intents.filter(({ phase, config_revision }) => phase !== "running" || config_revision >= this.#version)
      .length;
  }

  /** What was refused, nothing changed, and later nothing was either. */
  async #kept(): Promise<string[]> {
    const key = `${this.#group.key}/config`;
    const { config } = JSON.parse((await this.#stage.store.under(key)).get(key) ?? "{}") as {
      config: { env?: object };
    };
    return "LATE" in (config.env ?? {}) ? ["a change that was said to have changed nothing is there"] : [];
  }

  async #beginUpdate(): Promise<void> {
    this.#version += 1;
    await this.#ask(this.#version);
    await until("containers to change", () => this.#changesAfter(0).length > 0);
  }

  #changesAfter(time: number): string[] {
    return this.#events()
      .filter(({ at }) => at > time)
      .map(({ action, attributes }) => `${action} of ${attributes["name"]}`);
  }
}

function isOf(clusterId: string | undefined): (event: SeenEvent) => boolean {
  const labels = { "theseus.cluster": clusterId, "theseus.service": "web", "theseus.labels": "dev" };
  return ({ attributes }) => Object.entries(labels).every(([name, value]) => attributes[name] === value);
}

async function onScene(
  measure: Measure,
  work: (scene: Scene, stage: Stage, servers: readonly RunningServer[]) => Promise<void>,
): Promise<Report> {
  return await onStage(
    async (stage) => {
      const flags = ["--leader-ttl", `${measure.ttlSeconds}`];
      const servers = await Promise.all([stage.startServer({ flags }), stage.startServer({ flags })]);
      const [first] = servers;
      const config = { image: stage.image, instances: INSTANCES, env: { V: "1" }, ports: { http: 8080 } };
      const stop = { grace: "1s", ack_deadline: "500ms" };
      // So that all of them are told all the while, also while they are replaced.
      const update = { order: "start-first", min_healthy_time: "0s" };
      await stage.apply(first, { [GROUP]: { ...config, stop, update } });
      await new ObservedGroup(stage, GROUP).stable();
      // Asked now, since later the store may be away.
      const isOurs = isOf(await stage.store.clusterId());
      const events = await stage.engine.follow();
      const addresses = servers.map(({ listeners }) => listeners.grpc);
      const scene = new Scene(stage, addresses, () => events.seen.filter(isOurs));
      try {
        await work(scene, stage, servers);
        const cases = scene.looks.reduce((sum, { count }) => sum + count, 0);
        return { cases, violations: scene.violations };
      } finally {
        await scene.stop();
        events.close();
        for (const member of [stage.etcd, ...stage.others]) member.resume();
      }
    },
    { kind: measure.trouble === "without quorum" ? "three" : "etcd" },
  );
}

const FULL: readonly Measure[] = [false, true].flatMap((inUpdate): Measure[] => [
  { trouble: "paused", ttlSeconds: 5, lengthMs: 10_000, inUpdate },
  { trouble: "killed", ttlSeconds: 5, lengthMs: 10_000, inUpdate },
  { trouble: "without quorum", ttlSeconds: 5, lengthMs: 30_000, inUpdate },
]);
/** Shorter and longer than a time in office. */
const RESTARTS = [1_000, 5_000, 15_000, 60_000].map(
  (lengthMs): Measure => ({ trouble: "killed", ttlSeconds: 5, lengthMs }),
);
const SMALL: readonly Measure[] = [{ trouble: "paused", ttlSeconds: 2, lengthMs: 4_000 }];

async function check(size: Size): Promise<Report> {
  const violations: string[] = [];
  let cases = 0;
  for (const measure of size === "full" ? [...FULL, ...RESTARTS] : SMALL) {
    const report = await onScene(measure, (scene) => scene.endure(measure));
    cases += report.cases;
    violations.push(...report.violations);
  }
  return { cases, violations };
}

/** Lookups are not answered where nobody is, and what does not come back does not go on. */
async function control(): Promise<Report> {
  const measure: Measure = { trouble: "killed", ttlSeconds: 2, lengthMs: 2_000 };
  return await onScene(measure, async (scene, stage, servers) => {
    for (const { child } of servers) await child.kill9();
    await scene.endure(measure, false);
    await stage.etcd.start();
  });
}

export const storeAway: Proof = { name: "store-away", check, control };
