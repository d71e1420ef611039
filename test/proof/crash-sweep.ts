// kill -9 of the only server at every transaction and every changing call of an update of six containers, right before it
// is passed on and right before it is answered, as proxies outside the process count them.

import { EngineProxy } from "../support/engine-proxy.js";
import { EtcdProxy } from "../support/etcd-proxy.js";
import { NEVER, Points } from "../support/gate.js";
import type { RunningServer } from "../support/theseus.js";
import { INSTANCES, WatchedGroup } from "./failover/group.js";
import type { Report, Size } from "./proof.js";
import { onStage, type Stage } from "./stage.js";

const CONVERGES_WITHIN_MS = 15_000;
const PATIENCE_MS = 60_000;
const REACHED_WITHIN_MS = 40_000;
/** Six containers, each drained, stopped, removed, created, started and told as ready. */
const FEWEST_POINTS = 50;
const LANES = 2;
/** Of reaching a point. */
const ATTEMPTS = 3;
const TOLD_EVERY = 10;

type Point = { readonly count: number; readonly where: "before" | "after" };
/** One kill: where it really was, in words, and how long until all was as asked again. */
type Kill = { readonly what: string; readonly tookMs: number; readonly violations: readonly string[] };
type Unreached = { readonly passed: number };

class Scene {
  readonly points = new Points();
  readonly group: WatchedGroup;
  readonly #restart: (address: string) => Promise<RunningServer>;
  #server: RunningServer;

  private constructor(
    group: WatchedGroup,
    server: RunningServer,
    restart: (address: string) => Promise<RunningServer>,
  ) {
    this.group = group;
    this.#server = server;
    this.#restart = restart;
  }

  static on<T>(work: (scene: Scene) => Promise<T>): Promise<T> {
    return onStage(async (stage: Stage) => {
      const etcd = await EtcdProxy.start(stage.etcd.port);
      const engine = await EngineProxy.start(stage.engine.socket);
      const flags = ["--etcd", etcd.endpoint, "--docker", `unix://${engine.socket}`];
      let group: WatchedGroup | undefined;
      try {
        const restart = (address: string) => stage.startServer({ flags: [...flags, "--listen", address] });
        const server = await restart("127.0.0.1:0");
        group = await WatchedGroup.make(stage, server);
        const scene = new Scene(group, server, restart);
        etcd.gate = ({ keys }) => scene.points.gate(`the writing of ${keys.join(" ")}`);
        engine.gate = ({ method, path }) => scene.points.gate(`${method} ${withoutIds(path)}`);
        return await work(scene);
      } finally {
        await group?.close();
        await stage.strike();
        etcd.close();
        await engine.close();
      }
    });
  }

  /** Whether it runs, and the end of what it said. */
  get lastWords(): string {
    const { child } = this.#server;
    return `${child.hasEnded ? "ended" : "runs"}: ${child.stderr.slice(-1000)}`;
  }

  /** How many points an undisturbed update has. */
  async count(): Promise<number> {
    this.points.arm();
    await this.group.ask([this.#server.listeners.grpc]);
    await this.group.settled();
    return this.points.passed;
  }

  /** Unreached when the update was over before the point came. */
  async killAt({ count, where }: Point): Promise<Kill | Unreached> {
    const { child, listeners } = this.#server;
    this.group.beginAnew();
    const killed = new Promise<boolean>((resolve) => {
      const late = setTimeout(() => resolve(false), REACHED_WITHIN_MS);
      const stop = (): Promise<never> => {
        clearTimeout(late);
        void child.kill9().then(() => resolve(true));
        return NEVER;
      };
      this.points.arm({ count, where, stop });
    });
    // It is asked until it is heard, also by the next server.
    const asked = this.group.ask([listeners.grpc]);
    asked.catch(() => undefined);
    const over = asked.then(() => this.group.settled()).then(() => false);
    over.catch(() => undefined);
    const isKilled = await Promise.race([killed, over]);
    const { passed, stopped: what } = this.points;
    this.points.arm();
    if (!isKilled) return { passed };
    const begun = performance.now();
    this.#server = await this.#restart(listeners.grpc);
    await asked;
    const late = await this.#converged(begun);
    const tookMs = Math.round(performance.now() - begun);
    // It goes on with what was begun, whoever began it.
    const started = this.group.started();
    const anew = started.length > INSTANCES ? [`for ${INSTANCES} there were started ${started.join(", ")}`] : [];
    return { what, tookMs, violations: [...late, ...anew, ...(await this.group.violations())] };
  }

  /** What is wrong with it. Late is told from never, and the next point begins with all as asked. */
  async #converged(begun: number): Promise<string[]> {
    try {
      await this.group.settled(PATIENCE_MS);
      const took = Math.round(performance.now() - begun);
      const { ms, after } = this.points.quietest;
      const told = `it took ${took} ms until all was as asked, ${ms} of them without a sign after ${after}`;
      return took > CONVERGES_WITHIN_MS ? [told] : [];
    } catch (error) {
      return [String(error), ...(await this.group.faults())];
    }
  }
}

/** What all lanes have found. */
class Ledger {
  readonly kills: Kill[] = [];
  readonly violations: string[] = [];
  readonly unreached: string[] = [];
  readonly #waiting: { readonly at: Point; readonly attempt: number }[];

  constructor(points: readonly Point[]) {
    this.#waiting = points.map((at) => ({ at, attempt: 1 }));
  }

  /** A scene on which something could not be done is told, and left: the next points are on another one. */
  async work(): Promise<void> {
    while (this.#waiting.length > 0) await Scene.on((scene) => this.#workOn(scene));
  }

  async #workOn(scene: Scene): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        this.#note(next, await scene.killAt(next.at));
      } catch (error) {
        this.violations.push(`${nameOf(next.at)}: ${error}; its server: ${scene.lastWords}`);
        return;
      }
    }
  }

  /** How many transactions and calls an update has depends on what happens at the same time: it may come the next time. */
  #note({ at, attempt }: { at: Point; attempt: number }, seen: Kill | Unreached): void {
    const name = nameOf(at);
    if ("what" in seen) {
      this.kills.push(seen);
      if (this.kills.length % TOLD_EVERY === 0) console.error(`crash: ${this.kills.length} killed in an update`);
      this.violations.push(...seen.violations.map((text) => `${name}, ${seen.what}: ${text}`));
    } else if (attempt < ATTEMPTS) this.#waiting.push({ at, attempt: attempt + 1 });
    else this.unreached.push(`${name} (that update had ${seen.passed})`);
  }
}

function pointsFor(size: Size, count: number): Point[] {
  const all = Array.from({ length: count }, (_, i) => i + 1);
  if (size === "full") return all.flatMap((one): Point[] => [before(one), after(one)]);
  return [before(Math.ceil(count / 3)), after(Math.ceil(count / 2))];
}

const nameOf = ({ count, where }: Point): string => `${where} point ${count}`;

const before = (count: number): Point => ({ count, where: "before" });
const after = (count: number): Point => ({ count, where: "after" });

const withoutIds = (path: string): string =>
  path
    .replace(/\?.*/, "")
    .replace(/^\/v[\d.]+/, "")
    .replaceAll(/[0-9a-f]{64}/g, "ID");

/** @param slice of so many slices of the points which, from 0. */
export async function sweep(size: Size, [slice, slices]: readonly [number, number] = [0, 1]): Promise<Report> {
  // Updates go by the one order and the other in turn, and one may have more points.
  const count = await Scene.on(async (scene) => {
    const one = await scene.count();
    return size === "full" ? Math.max(one, await scene.count()) : one;
  });
  const points = pointsFor(size, count).filter((_, i) => i % slices === slice);
  const ledger = new Ledger(points);
  await Promise.all(Array.from({ length: size === "full" ? LANES : 1 }, () => ledger.work()));
  const { kills, violations, unreached } = ledger;
  const slowest = Math.max(...kills.map(({ tookMs }) => tookMs));
  console.error(
    `crash: ${count} transactions and calls in an update, killed at ${kills.length} of ${points.length} points, ` +
      `as asked after at most ${slowest} ms; not reached: ${unreached.join(", ") || "none"}`,
  );
  const few = count < FEWEST_POINTS ? [`the update has ${count} points only`] : [];
  const missed = kills.length < 0.95 * points.length ? [`${unreached.length} points were not reached`] : [];
  return { cases: kills.length, violations: [...violations, ...few, ...missed] };
}
