// Somebody stops, kills, renames or removes containers of ours with `docker`: soon as many serve as were asked for, each
// known to the store, meanwhile no more than that one is missing, and nothing else is touched.

import { systemClock as clock } from "../../src/system.js";
import { engineRequest } from "../support/engine-api.js";
import type { SeenContainer, SeenEvent } from "../support/observed-engine.js";
import { generationOf, ObservedGroup, slotOf } from "../support/observed-group.js";
import { until } from "../support/until.js";
import { badAnswers } from "./observed-store.js";
import type { Proof, Report, Size } from "./proof.js";
import { ReadyProber } from "./rollout/ready-prober.js";
import { onStage, type Stage } from "./stage.js";

const GROUP = "web/dev";
const INSTANCES = 3;
const RESTORED_WITHIN_MS = 10_000;
/** What is done to it later would be done wrongly: at full size long enough for everything that is looked at at a pace. */
const WATCHED_MS = { small: 3_000, full: 40_000 } as const;
/** The control waits for so long. */
const PATIENCE_MS = 3_000;

/** What is asked of the engine, by the container's id. */
const HANDS = {
  stop: (id: string) => ["POST", `/containers/${id}/stop?t=1`],
  kill: (id: string) => ["POST", `/containers/${id}/kill`],
  rename: (id: string) => ["POST", `/containers/${id}/rename?name=${renamed(id)}`],
  remove: (id: string) => ["DELETE", `/containers/${id}?force=true`],
} as const;
type Hand = keyof typeof HANDS;

const renamed = (id: string): string => `renamed-${id.slice(0, 12)}`;

/** A hand, how long it may take until all is well, and how long it is watched then. */
type Case = { readonly hand: Hand; readonly withinMs: number; readonly watchedMs: number };

/** What changes nothing of a container. */
const HARMLESS = /^(exec_|health_status|top|rename$)/;

class Scene {
  readonly group: ObservedGroup;

  private constructor(
    readonly stage: Stage,
    private readonly events: readonly SeenEvent[],
    private readonly prober: ReadyProber,
    private readonly cluster: string,
  ) {
    this.group = new ObservedGroup(stage, GROUP);
  }

  /** A group that is as asked. @param isServed false: nobody is there any more. */
  static async on(work: (scene: Scene) => Promise<string[]>, isServed = true): Promise<string[]> {
    return await onStage(async (stage) => {
      const server = await stage.startServer();
      const config = { image: stage.image, instances: INSTANCES, ports: { http: 8080 }, stop: { grace: "1s" } };
      await stage.apply(server, { [GROUP]: { ...config, update: { min_healthy_time: "0s" } } });
      await new ObservedGroup(stage, GROUP).stable();
      const cluster = await until("the cluster's id", () => stage.store.clusterId());
      const events = await stage.engine.follow();
      const prober = new ReadyProber({ socket: stage.engine.socket, cluster }, GROUP, { path: "/" });
      try {
        if (!isServed) await server.child.kill9();
        return await work(new Scene(stage, events.seen, prober, cluster)).finally(() => server.child.stop());
      } finally {
        events.close();
        await prober.stop();
      }
    });
  }

  /** What is wrong afterwards, or was meanwhile. */
  async touched({ hand, withinMs, watchedMs }: Case): Promise<string[]> {
    const [victim] = await this.group.containers();
    if (victim === undefined) throw new Error("there is no container");
    const before = await this.#intents();
    this.prober.expect(INSTANCES - (hand === "rename" ? 0 : 1), `${hand} of one`);
    const told = this.events.length;
    const [method = "", path = ""] = HANDS[hand](victim.id);
    const { status, body } = await engineRequest(this.stage.engine.socket, method, path);
    if (status >= 400) throw new Error(`${hand}: ${status} ${body}`);
    const begun = performance.now();
    const found = async () => [
      ...(await this.#wrong(hand === "rename" ? victim : undefined)),
      ...(hand === "rename" ? differs("the intents", await this.#intents(), before) : []),
    ];
    const isMended = async () => (await found()).length === 0;
    const late = await until(`${hand} to be mended`, isMended, { withinMs, everyMs: 200 }).then(
      () => [],
      async (error: Error) => [error.message, ...(await found())],
    );
    console.error(`by-hand: ${hand}, mended after ${Math.round(performance.now() - begun)} ms`);
    const later = late.length > 0 ? [] : await watched(found, watchedMs);
    const { violations } = await this.prober.seen();
    // One that was renamed goes on serving: to that one nothing is done either.
    const spared = hand === "rename" ? undefined : victim;
    return [...late, ...later, ...violations, ...this.#done(told, spared)].map((text) => `${hand}: ${text}`);
  }

  async #intents(): Promise<string[]> {
    return (await this.stage.store.intents(`${this.group.key}/`)).sort();
  }

  /** @param other has a name of its own by now. */
  async #wrong(other: SeenContainer | undefined): Promise<string[]> {
    const found = (await this.group.containers()).filter(({ state }) => state === "running");
    const slots = found.map(({ labels }) => labels["theseus.slot"]).join();
    const ready = (await this.group.infos()).filter(({ state }) => state === "ready");
    const silent = ready.length === INSTANCES ? (await Promise.all(ready.map(badAnswers))).flat() : [];
    const names = found.map(({ id, name }) => (id === other?.id && name === renamed(id) ? other.name : name));
    return [
      ...(slots === "1,2,3" ? [] : [`slots ${slots} run`]),
      ...(ready.length === INSTANCES ? silent : [`${ready.length} are told ready`]),
      ...differs("the names", names.sort(), await this.#intents()),
    ];
  }

  /** To the others, by what Docker told. Of the victim and whatever takes its place no more is asked than the end. */
  #done(told: number, victim: SeenContainer | undefined): string[] {
    const isOfVictim = ({ id, attributes: labels }: SeenEvent) =>
      victim !== undefined &&
      (id === victim.id || (slotOf({ labels }) === slotOf(victim) && generationOf({ labels }) > generationOf(victim)));
    return this.events
      .slice(told)
      .filter(({ attributes }) => attributes["theseus.cluster"] === this.cluster)
      .filter((event) => !HARMLESS.test(event.action) && !isOfVictim(event))
      .map(({ action, attributes }) => `Docker says ${action} of ${attributes["name"]}, which nobody touched`);
  }
}

/** Nothing is wrong all that time. */
async function watched(found: () => Promise<readonly string[]>, forMs: number): Promise<readonly string[]> {
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    const seen = await found();
    if (seen.length > 0) return seen.map((text) => `later: ${text}`);
    await clock.sleep(200);
  }
  return [];
}

function differs(what: string, are: readonly string[], wanted: readonly string[]): string[] {
  return are.join() === wanted.join() ? [] : [`${what} are ${are.join(" ")}, not ${wanted.join(" ")}`];
}

async function check(size: Size): Promise<Report> {
  const all = Object.keys(HANDS) as Hand[];
  const hands = size === "full" ? [...all, ...all] : all.filter((hand) => hand === "stop" || hand === "rename");
  const violations = await Scene.on(async (scene) => {
    const found: string[] = [];
    for (const hand of hands)
      found.push(...(await scene.touched({ hand, withinMs: RESTORED_WITHIN_MS, watchedMs: WATCHED_MS[size] })));
    return found;
  });
  return { cases: hands.length, violations };
}

/** Nobody is there who mends anything. */
async function control(): Promise<Report> {
  const one: Case = { hand: "stop", withinMs: PATIENCE_MS, watchedMs: 0 };
  const violations = await Scene.on((scene) => scene.touched(one), false);
  return { cases: 1, violations: violations.filter((text) => text.includes("run") || text.includes("to be mended")) };
}

export const byHand: Proof = { name: "by-hand", check, control };
