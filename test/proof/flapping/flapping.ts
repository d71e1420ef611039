// Checks that pass and fail in turn, every two seconds, and a health command that hangs: however hasty the checks are,
// discovery is told at most once in ten seconds of each container, nothing is replaced, what fails is told at once, and
// what has come to rest is told as ready again.

import { systemClock as clock } from "../../../src/system.js";
import type { SeenContainer, SeenEvent } from "../../support/observed-engine.js";
import { ObservedGroup } from "../../support/observed-group.js";
import { plantedBuild } from "../../support/planted-build.js";
import { type LoggedWrite, StoreLog } from "../../support/store-log.js";
import { inFolder } from "../../support/temporary-folder.js";
import { until } from "../../support/until.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";

const INSTANCES = 2;
const EVERY_MS = 2_000;
const AT_MOST_EVERY_MS = 10_000;
/** Whoever failed leaves at once, so that in such a time there may be one change more. */
const MOST_IN_IT = 2;
/** Between a write and our hearing of it, on a busy machine. */
const HEARD_WITHIN_MS = 300;
const TOLD_WITHIN_MS = 20_000;
/** One answer decides, and it is asked for every second; a passing look at the busy machine besides. */
const HASTY_WITHIN_MS = 4_000;
const CALM_WITHIN_MS = 45_000;
/** What the engine itself has to tell of a container's checks. */
const OF_CHECKS = /^(exec_|health_status|top)/;
/** Two attempts, one that ends and one that begins. */
const MOST_PROCESSES = 2;

const HANGS = "/tmp/hangs";
const HEALTHY = "/tmp/www/healthz";
/** At the default pace: three failures in a row, then two passes, take longer than that many changes may. */
const GROUPS = {
  "flap/http": { http: { port: "http", path: "/healthz" } },
  "flap/exec": { exec: ["test", "-e", HEALTHY] },
} as const;
const HASTY = { interval: "1s", passes: 1, fails: 1 } as const;
const IN_HASTE = {
  "flap/hasty,http": { ...GROUPS["flap/http"], ...HASTY },
  "flap/exec,hasty": { ...GROUPS["flap/exec"], ...HASTY },
} as const;
/** With a child that outlives its command Docker 20.10 sometimes says nothing of that container any more, for good. */
const HANGING = {
  "flap/hangs": { exec: ["/bin/sh", "-c", `test ! -e ${HANGS} || exec sleep 1000`], interval: "1s", timeout: "1s" },
} as const;

type Health = Readonly<Record<string, object>>;

class Scene {
  readonly #groups: ReadonlyMap<string, ObservedGroup>;
  readonly #stage: Stage;
  readonly #log: StoreLog;
  readonly #events: readonly SeenEvent[];
  #cluster = "";

  private constructor(stage: Stage, log: StoreLog, events: readonly SeenEvent[], names: readonly string[]) {
    this.#stage = stage;
    this.#log = log;
    this.#events = events;
    this.#groups = new Map(names.map((name) => [name, new ObservedGroup(stage, name)]));
  }

  /** @param bin another build's. */
  static async on<T>(checks: Health, work: (scene: Scene) => Promise<T>, bin?: string): Promise<T> {
    return await onStage(async (stage) => {
      const log = new StoreLog(stage.etcd);
      const events = await stage.engine.follow();
      try {
        const server = await stage.startServer(bin === undefined ? {} : { bin });
        const base = { image: stage.image, instances: INSTANCES, ports: { http: 8080 }, stop: { grace: "1s" } };
        const update = { min_healthy_time: "0s" };
        const named = Object.entries(checks).map(([name, health]) => [name, { ...base, update, health }] as const);
        await stage.apply(server, Object.fromEntries(named));
        const scene = new Scene(stage, log, events.seen, Object.keys(checks));
        for (const group of scene.#groups.values()) await group.stable();
        scene.#cluster = (await stage.store.clusterId()) ?? "";
        return await work(scene);
      } finally {
        events.close();
        await log.stop();
      }
    });
  }

  async run(containers: readonly SeenContainer[], command: string): Promise<void> {
    await Promise.all(containers.map(({ id }) => this.#stage.engine.exec(id, ["/bin/sh", "-c", command])));
  }

  async containers(groups: readonly string[]): Promise<SeenContainer[]> {
    const found = groups.map((name) => this.#groups.get(name)?.containers() ?? []);
    const all = (await Promise.all(found)).flat();
    if (all.length !== groups.length * INSTANCES) throw new Error(`there are ${all.length} containers`);
    return all;
  }

  /** How often another state was told of each, and what was done to any. @param hasty those that are told of at once. */
  async flap(groups: readonly string[], turns: number, hasty: readonly string[]): Promise<string[]> {
    const containers = await this.containers(groups);
    const since = Date.now();
    const { revision } = this.#log;
    for (let turn = 0; turn < turns; turn += 1) {
      await this.run(containers, turn % 2 === 0 ? `rm ${HEALTHY}` : `echo ok > ${HEALTHY}`);
      await clock.sleep(EVERY_MS);
    }
    const length = Date.now() - since;
    const writes = this.#log.writes.filter((one) => one.revision > revision);
    const told = containers.map(({ name }) => ({ name, times: changesOf(name, writes) }));
    const most = Math.ceil(length / AT_MOST_EVERY_MS);
    console.error(
      `flapping: ${length} ms, told of ${told.map(({ name, times }) => `${name} ${times.length} times`).join(", ")}`,
    );
    const often = told.filter(({ times }) => times.length > most);
    const late = (await this.containers(hasty)).filter(({ name }) => !isWarned(name, writes, since));
    return [
      ...late.map(({ name }) => `${name} failed its check, and that was not told within ${HASTY_WITHIN_MS} ms`),
      ...often.map(({ name, times }) => `told ${times.length} times of ${name} in ${length} ms`),
      ...told.flatMap(({ name, times }) => inABurst(times).map((text) => `${text} of ${name}`)),
      ...this.#done(groups, since),
    ];
  }

  /** After all that they are ready again. */
  async calm(names: readonly string[]): Promise<string[]> {
    const since = Date.now();
    await this.run(await this.containers(names), `echo ok > ${HEALTHY}`);
    const areReady = async () => {
      const infos = await Promise.all(names.map((name) => this.#groups.get(name)?.infos() ?? []));
      return infos.flat().every(({ state }) => state === "ready");
    };
    return await until("all to be ready again", areReady, { withinMs: CALM_WITHIN_MS, everyMs: 200 }).then(
      () => {
        console.error(`flapping: all were ready again ${Date.now() - since} ms after the last turn`);
        return [];
      },
      (error: Error) => [error.message],
    );
  }

  /** One container's command hangs: it is told as unhealthy, others are not, and later it is ready again. */
  async hang(groups: readonly string[]): Promise<string[]> {
    const group = this.#groups.get(groups[0] ?? "");
    const [one] = await this.containers(groups);
    if (group === undefined || one === undefined) throw new Error("there is no container");
    const since = Date.now();
    await this.run([one], `touch ${HANGS}`);
    const isTold = (state: string) => async () => {
      const infos = await group.infos();
      return infos.every((info) => info.state === (info.name === one.name ? state : "ready"));
    };
    const patience = { withinMs: TOLD_WITHIN_MS, everyMs: 100 };
    await until("it to be told as unhealthy", isTold("unhealthy"), patience);
    const after = Date.now() - since;
    await clock.sleep(EVERY_MS);
    const left = (await this.#stage.engine.exec(one.id, ["ps"]))
      .split("\n")
      .filter((line) => line.includes("sleep 1000"));
    await this.run([one], `rm ${HANGS}`);
    await until("it to be ready again", isTold("ready"), patience);
    console.error(`flapping: a command that hangs was told after ${after} ms, ${left.length} processes were there`);
    const many = left.length > 2 * MOST_PROCESSES ? [`${left.length} processes of its check are there`] : [];
    return [...many, ...this.#done(groups, since)];
  }

  /** To any container of theirs, but by its own checks. */
  #done(groups: readonly string[], since: number): string[] {
    return this.#events
      .filter(({ at, action }) => at > since && !OF_CHECKS.test(action))
      .filter(({ attributes: a }) => groups.includes(`${a["theseus.service"]}/${a["theseus.labels"]}`))
      .filter(({ attributes: a }) => a["theseus.cluster"] === this.#cluster)
      .map(({ action, attributes }) => `Docker says ${action} of ${attributes["name"]}`);
  }
}

/** When it was told of. */
function changesOf(name: string, writes: readonly LoggedWrite[]): readonly number[] {
  return writes.filter(({ key }) => key.endsWith(`/containers/${name}/info`)).map(({ at }) => at);
}

/** Wherever a window of that length is laid. */
function inABurst(times: readonly number[]): string[] {
  const spans = times.slice(MOST_IN_IT).map((time, i) => time - (times[i] ?? 0));
  return spans
    .filter((span) => span < AT_MOST_EVERY_MS - HEARD_WITHIN_MS)
    .map((span) => `told ${MOST_IN_IT + 1} times within ${span} ms`);
}

/** As the store was told of it first, after that time. */
function isWarned(container: string, writes: readonly LoggedWrite[], since: number): boolean {
  const first = writes.find(({ key }) => key.endsWith(`/containers/${container}/info`));
  return first?.value?.includes('"unhealthy"') === true && first.at - since <= HASTY_WITHIN_MS;
}

async function check(size: Size): Promise<Report> {
  const isFull = size === "full";
  const turns = isFull ? 40 : 4;
  const flapping = { ...GROUPS, ...IN_HASTE };
  const found = await Scene.on({ ...flapping, ...(isFull ? HANGING : {}) }, async (scene) => {
    const flaps = scene.flap(Object.keys(flapping), turns, Object.keys(IN_HASTE));
    const seen = await Promise.all([flaps, isFull ? scene.hang(Object.keys(HANGING)) : []]);
    return [...seen.flat(), ...(isFull ? await scene.calm(Object.keys(flapping)) : [])];
  });
  return { cases: turns, violations: found };
}

/** Who failed comes back as soon as one check passes. */
const WITHOUT_PROBATION = {
  file: "src/planner/readiness.js",
  find: 'told?.state === "unhealthy" ? probationEnd(container) : now',
  put: "now",
};

/** That alone: hasty checks, and only how often is told of them. */
async function control(): Promise<Report> {
  const names = Object.keys(IN_HASTE);
  const violations = await inFolder("flapping", async (folder) => {
    const bin = await plantedBuild(folder, WITHOUT_PROBATION);
    return await Scene.on(IN_HASTE, (scene) => scene.flap(names, 4, []), bin);
  });
  return { cases: 4, violations: violations.filter((text) => text.startsWith("told ")) };
}

export const flapping: Proof = { name: "flapping", check, control };
