// The Docker Engine of a simulated world with the programs in its containers: what is there, whoever asks. It can be
// frozen, killed with or without its containers, and everything that was sent to it may still happen when it wakes.

import type { ObservedContainer } from "../../../src/model/container.js";
import { TheseusError } from "../../../src/model/errors.js";
import type { Milliseconds } from "../../../src/model/instant.js";
import type { ContainerSpec, EngineEvent } from "../../../src/model/ports.js";
import type { Images } from "./images.js";
import type { Scheduled, Timeline } from "./timeline.js";

export type Container = {
  readonly id: string;
  readonly spec: ContainerSpec;
  status: "created" | "running" | "exited";
  startedAt?: Milliseconds;
  finishedAt?: Milliseconds;
  exitCode?: number;
  restartPolicy: "no" | "unless-stopped";
  restartCount: number;
  /** It listens on its ports. */
  isUp: boolean;
  /** It was ever started. */
  wasStarted: boolean;
  next: Scheduled | undefined;
};

/** Something was done to a container; `by` is the process that asked, undefined: nobody did. */
export type Deed = {
  readonly act: "create" | "start" | "stop" | "remove" | "die" | "up" | "policy";
  readonly container: Container;
  readonly by: string | undefined;
};

const RESTART_DELAY: Milliseconds = 150;

export class Engine {
  readonly engineId = "engine-1";
  readonly address = "172.17.0.1";
  readonly containers = new Map<string, Container>();
  readonly #timeline: Timeline;
  readonly #images: Images;
  readonly #waiting: (() => void)[] = [];
  #state: "up" | "frozen" | "down" = "up";
  #ids = 0;
  #boots = 1;
  onDeed: (deed: Deed) => void = () => undefined;
  readonly onEvent = new Set<(event: EngineEvent) => void>();
  readonly onBreak = new Set<() => void>();

  constructor(timeline: Timeline, images: Images) {
    this.#timeline = timeline;
    this.#images = images;
  }

  get isUp(): boolean {
    return this.#state === "up";
  }

  get boots(): number {
    return this.#boots;
  }

  /** Carries out what a client sent, as soon as it can. */
  arrive(run: () => void, refused: () => void): void {
    if (this.#state === "down") refused();
    else if (this.#state === "frozen") this.#waiting.push(run);
    else run();
  }

  freeze(): void {
    if (this.#state === "up") this.#state = "frozen";
  }

  thaw(): void {
    if (this.#state !== "frozen") return;
    this.#state = "up";
    for (const run of this.#waiting.splice(0)) this.#timeline.after(0, () => this.arrive(run, () => undefined));
  }

  /** @param survives whether containers go on without it. */
  kill(survives: boolean): void {
    if (this.#state === "down") return;
    this.#state = "down";
    this.#waiting.length = 0;
    this.#boots++;
    for (const broken of [...this.onBreak]) broken();
    if (!survives) for (const container of this.containers.values()) this.#end(container, 137, true);
  }

  start(): void {
    if (this.#state !== "down") return;
    this.#state = "up";
    for (const container of this.containers.values()) {
      if (container.status === "exited" && container.restartPolicy !== "no") this.#run(container, undefined);
    }
  }

  // --- what clients ask for; each is done at once ----------------------------------------------------------------------

  create(spec: ContainerSpec, by: string): string {
    const held = [...this.containers.values()].find((one) => one.spec.name === spec.name);
    if (held !== undefined) {
      const isOwn = JSON.stringify(held.spec.owner) === JSON.stringify(spec.owner);
      if (isOwn && held.status === "created") return held.id;
      if (isOwn) throw new TheseusError("CONFLICT", { what: `${spec.name} was started already` });
      throw new TheseusError("CONTAINER_EXISTS", { what: `the name ${spec.name} is taken` });
    }
    if (!this.#images.has(spec.image)) throw new TheseusError("IMAGE_NOT_FOUND", { what: `there is no ${spec.image}` });
    const container: Container = {
      ...{ id: `id${++this.#ids}`, spec, status: "created", restartPolicy: "no", restartCount: 0 },
      ...{ isUp: false, wasStarted: false, next: undefined },
    };
    this.containers.set(container.id, container);
    this.#did("create", container, by);
    return container.id;
  }

  begin(id: string, by: string): void {
    const container = this.#of(id);
    if (container.status === "running") return;
    const taken = Object.values(container.spec.hostPorts).find((port) => this.listensOn(port) !== undefined);
    if (taken !== undefined) {
      throw new TheseusError("PORT_TAKEN", { what: `port ${taken} is taken`, metadata: { port: String(taken) } });
    }
    this.#run(container, by);
  }

  /** How long its program takes to end after the signal; undefined: it does not run. */
  signalled(id: string): Milliseconds | undefined {
    const container = this.containers.get(id);
    return container?.status === "running" ? this.#images.of(container.spec.image).stopTakes : undefined;
  }

  ended(id: string, by: string): void {
    const container = this.containers.get(id);
    if (container?.status !== "running") return;
    this.#did("stop", container, by);
    this.#end(container, 0, true);
  }

  remove(id: string, by: string): void {
    const container = this.containers.get(id);
    if (container === undefined) return;
    if (container.status === "running") throw new TheseusError("CONTAINER_REFUSED", { what: `${id} is running` });
    this.#forget(container, by);
  }

  setRestartPolicy(id: string, policy: Container["restartPolicy"], by: string): void {
    const container = this.#of(id);
    container.restartPolicy = policy;
    this.#did("policy", container, by);
  }

  // --- what happens by itself, or by another hand -----------------------------------------------------------------------

  /** Its program ends. */
  exits(container: Container, exitCode: number): void {
    this.#end(container, exitCode, false);
  }

  /** `docker stop` by hand. */
  stopByHand(container: Container): void {
    if (container.status === "running") this.#end(container, 0, true);
  }

  /** `docker rm -f` by hand. */
  vanish(container: Container): void {
    if (container.status === "running") this.#end(container, 137, true);
    this.#forget(container, undefined);
  }

  running(): readonly Container[] {
    return [...this.containers.values()].filter(({ status }) => status === "running");
  }

  /** Which container has that port. */
  listensOn(port: number): Container | undefined {
    return this.running().find(({ spec }) => Object.values(spec.hostPorts).includes(port));
  }

  observed(host: string, now: (at: Milliseconds) => number): ObservedContainer[] {
    return [...this.containers.values()].map((container) => seen(host, container, now));
  }

  #run(container: Container, by: string | undefined): void {
    const { bootTakes, exitsAfter } = this.#images.of(container.spec.image);
    container.status = "running";
    container.wasStarted = true;
    container.startedAt = this.#timeline.now;
    container.isUp = false;
    this.#did("start", container, by);
    if (exitsAfter !== undefined) {
      container.next = this.#timeline.after(exitsAfter, () => this.exits(container, 1));
    } else if (bootTakes !== undefined) {
      container.next = this.#timeline.after(bootTakes, () => {
        container.isUp = true;
        this.onDeed({ act: "up", container, by: undefined });
      });
    }
  }

  #end(container: Container, exitCode: number, isAsked: boolean): void {
    if (container.status !== "running") return;
    this.#timeline.cancel(container.next);
    container.status = "exited";
    container.isUp = false;
    container.exitCode = exitCode;
    container.finishedAt = this.#timeline.now;
    this.#did("die", container, undefined);
    if (isAsked || container.restartPolicy === "no") return;
    container.next = this.#timeline.after(RESTART_DELAY * 2 ** Math.min(container.restartCount, 8), () => {
      if (container.status !== "exited" || !this.containers.has(container.id) || !this.isUp) return;
      container.restartCount++;
      this.#run(container, undefined);
    });
  }

  #forget(container: Container, by: string | undefined): void {
    this.#timeline.cancel(container.next);
    this.containers.delete(container.id);
    this.#did("remove", container, by);
  }

  #of(id: string): Container {
    const container = this.containers.get(id);
    if (container === undefined) throw new TheseusError("NO_SUCH_CONTAINER", { what: `there is no container ${id}` });
    return container;
  }

  #did(act: Deed["act"], container: Container, by: string | undefined): void {
    this.onDeed({ act, container, by });
    const { id, spec } = container;
    const action = { create: "create", start: "start", stop: "kill", remove: "destroy", die: "die", policy: "update" };
    if (act === "up") return;
    for (const tell of [...this.onEvent]) {
      tell({ kind: "container", id, action: action[act], cluster: spec.owner.cluster });
    }
  }
}

function seen(host: string, container: Container, now: (at: Milliseconds) => number): ObservedContainer {
  const { id, spec, status, startedAt, finishedAt, exitCode, restartPolicy, restartCount } = container;
  const wasStarted = status !== "created" && startedAt !== undefined;
  // A listing looks closer only at what was started.
  const policy = status === "created" ? "no" : restartPolicy;
  return {
    ...{
      id,
      name: spec.name,
      host,
      owner: spec.owner,
      status,
      outOfMemory: false,
      restartCount,
      restartPolicy: policy,
    },
    ...(wasStarted ? { startedAt: now(startedAt) } : {}),
    ...(status === "exited" && finishedAt !== undefined ? { finishedAt: now(finishedAt) } : {}),
    ...(status === "exited" && exitCode !== undefined ? { exitCode } : {}),
    ...{ health: "none", verdict: "untried" },
    ...(wasStarted ? { made: madeFrom(spec) } : {}),
  };
}

const madeFrom = ({ image, hostPorts, configText }: ContainerSpec) => ({
  ...{ image, hostPorts },
  ...(configText === undefined ? {} : { configText }),
});
