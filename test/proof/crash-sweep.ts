// kill -9 of the only server at every transaction and every changing call of an update of six containers, right before it
// is passed on and right before it is answered, as proxies outside the process count them.

import { EngineProxy } from "../support/engine-proxy.js";
import { EtcdProxy } from "../support/etcd-proxy.js";
import { NEVER, Points } from "../support/gate.js";
import type { RunningServer } from "../support/theseus.js";
import { WatchedGroup } from "./failover/group.js";
import type { Report, Size } from "./proof.js";
import { onStage, type Stage } from "./stage.js";

const CONVERGES_WITHIN_MS = 15_000;
const PATIENCE_MS = 60_000;
const REACHED_WITHIN_MS = 40_000;
/** Six containers, each drained, stopped, removed, created, started and told as ready. */
const FEWEST_POINTS = 50;
const LANES = 2;

type Point = { readonly count: number; readonly where: "before" | "after" };
type Swept = { readonly killed: number; readonly violations: readonly string[] };

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
        etcd.gate = scene.points.gate;
        engine.gate = scene.points.gate;
        return await work(scene);
      } finally {
        await group?.close();
        await stage.strike();
        etcd.close();
        await engine.close();
      }
    });
  }

  /** How many points an undisturbed update has. */
  async count(): Promise<number> {
    this.points.arm();
    await this.group.ask([this.#server.listeners.grpc]);
    await this.group.settled();
    return this.points.passed;
  }

  /** Undefined when the update was over before the point came. */
  async killAt({ count, where }: Point): Promise<string[] | undefined> {
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
    this.points.arm();
    if (!isKilled) return undefined;
    this.#server = await this.#restart(listeners.grpc);
    await asked;
    const late = await this.#converged();
    return [...late, ...(await this.group.violations())];
  }

  /** What is wrong with it. Late is told from never, and the next point begins with all as asked. */
  async #converged(): Promise<string[]> {
    const begun = performance.now();
    try {
      await this.group.settled(PATIENCE_MS);
      const took = Math.round(performance.now() - begun);
      return took > CONVERGES_WITHIN_MS ? [`it took ${took} ms until all was as asked`] : [];
    } catch (error) {
      return [String(error), ...(await this.group.faults())];
    }
  }
}

async function work(waiting: Point[]): Promise<Swept> {
  return await Scene.on(async (scene) => {
    const violations: string[] = [];
    let killed = 0;
    for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
      const { count, where } = at;
      const found = await scene.killAt(at);
      if (found === undefined) continue;
      killed += 1;
      violations.push(...found.map((text) => `${where} point ${count}: ${text}`));
    }
    return { killed, violations };
  });
}

function pointsFor(size: Size, count: number): Point[] {
  const all = Array.from({ length: count }, (_, i) => i + 1);
  if (size === "full") return all.flatMap((one): Point[] => [before(one), after(one)]);
  return [before(Math.ceil(count / 3)), after(Math.ceil(count / 2))];
}

const before = (count: number): Point => ({ count, where: "before" });
const after = (count: number): Point => ({ count, where: "after" });

/** @param every of so many points one. */
export async function sweep(size: Size, every = 1): Promise<Report> {
  const count = await Scene.on((scene) => scene.count());
  const points = pointsFor(size, count).filter((_, i) => i % every === 0);
  const waiting = [...points];
  const lanes = await Promise.all(Array.from({ length: size === "full" ? LANES : 1 }, () => work(waiting)));
  const killed = lanes.reduce((sum, lane) => sum + lane.killed, 0);
  const violations = lanes.flatMap((lane) => lane.violations);
  console.error(`crash: ${count} transactions and calls in an update, killed at ${killed} of ${points.length} points`);
  if (count < FEWEST_POINTS) violations.push(`the update has ${count} points only`);
  // How many there are depends on what happens at the same time.
  if (killed < 0.9 * points.length && violations.length === 0) violations.push(`killed at ${killed} points only`);
  return { cases: killed, violations };
}
