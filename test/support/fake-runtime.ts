// A Docker Engine in memory: containers, strangers, ports, images, events. It can be slow, hang, be down, refuse, or lose
// a reply after doing what was asked.

import { type Reason, TheseusError } from "../../src/model/errors.js";
import type { Aftermath } from "../../src/model/evidence.js";
import type { PullPolicy } from "../../src/model/group.js";
import type { Milliseconds } from "../../src/model/instant.js";
import type { LogLine } from "../../src/model/logs.js";
import type {
  Clock,
  ContainerSpec,
  EngineEvent,
  EngineInfo,
  EngineListing,
  ImageFacts,
  Runtime,
  Stranger,
} from "../../src/model/ports.js";
import type { Usage } from "../../src/model/stats.js";
import { type FakeContainer, observed, sameOwner } from "./fake-container.js";

export type Method = Exclude<keyof Runtime, "host" | "events">;

/** Calls that change something. */
export const CHANGING: readonly Method[] = ["create", "start", "stop", "remove", "setRestartPolicy", "removeVolumes"];

export class FakeRuntime implements Runtime {
  readonly host: string;
  engineId = "engine-1";
  /** Per call, by the clock; 0 where nothing is said. */
  latency: Partial<Record<Method, Milliseconds>> = {};
  readonly containers = new Map<string, FakeContainer>();
  readonly strangers: Stranger[] = [];
  readonly images = new Map<string, ImageFacts>();
  /** Pinned images whose containers exit as soon as they run. */
  readonly doomed = new Set<string>();
  /** Ports held by processes outside the engine. */
  readonly heldPorts = new Set<number>();
  /** By the name of the container: what it has written, and what Docker's own check of it has answered. */
  readonly lines = new Map<string, readonly LogLine[]>();
  readonly answers = new Map<string, readonly string[]>();
  /** The same: what it uses. */
  readonly usages = new Map<string, Usage>();
  /** Names of containers that have ended by themselves. */
  readonly failed: string[] = [];
  /** After each container that has ended. */
  onEnd: () => void = () => undefined;
  /** Each call as "create web.1.1-abc", "list", oldest first, when it began. */
  readonly calls: string[] = [];
  readonly #clock: Clock;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #failures: { readonly method: Method; readonly error: TheseusError; left: number; after: boolean }[] = [];
  #hung: Promise<void> | undefined;
  #release: () => void = () => undefined;
  #down = false;
  #ids = 0;

  constructor(clock: Clock, host = "local") {
    this.#clock = clock;
    this.host = host;
  }

  // --- what a test does -----------------------------------------------------------------------------------------

  /** No call returns until resume. */
  hang(): void {
    this.#hung = new Promise((release) => {
      this.#release = release;
    });
  }

  resume(): void {
    this.#hung = undefined;
    this.#release();
  }

  /** Every call fails at once until it is up again. */
  down(isDown: boolean): void {
    this.#down = isDown;
    if (!isDown) this.#emit({ kind: "connected" });
  }

  /** The next calls of that method are refused; nothing is done. */
  refuse(method: Method, reason: Reason, options: { times?: number; metadata?: Record<string, string> } = {}): void {
    const error = new TheseusError(reason, { what: `${method} was refused`, metadata: options.metadata ?? {} });
    this.#failures.push({ method, error, left: options.times ?? 1, after: false });
  }

  /** The next call of that method is done, and its answer never comes. */
  loseReply(method: Method): void {
    const error = new TheseusError("HOST_UNREACHABLE", { what: "no answer in time" });
    this.#failures.push({ method, error, left: 1, after: true });
  }

  running(): FakeContainer[] {
    return [...this.containers.values()].filter(({ status }) => status === "running");
  }

  /** A container that listens on that host port. */
  listensOn(port: number): boolean {
    return this.running().some(({ spec }) => Object.values(spec.hostPorts).includes(port));
  }

  /** Another hand removes it. */
  vanish(name: string): void {
    const container = this.#named(name);
    this.containers.delete(container.id);
    this.#happened(container, "die");
    this.#happened(container, "destroy");
  }

  /** It ends by itself. */
  exit(name: string, exitCode: number): void {
    const container = this.#named(name);
    this.#fail(container, exitCode);
  }

  /** A container with our labels that nobody intended. */
  plant(spec: ContainerSpec, status: "created" | "running"): FakeContainer {
    const container = this.#add(spec);
    if (status === "running") this.#run(container);
    return container;
  }

  count(method: Method): number {
    return this.calls.filter((call) => call.split(" ")[0] === method).length;
  }

  // --- Runtime ---------------------------------------------------------------------------------------------------------

  info(): Promise<EngineInfo> {
    return this.#call("info", "", () => ({
      engineId: this.engineId,
      version: "20.10.24",
      cpu: 4,
      mem: 8 * 2 ** 30,
      bridgeAddress: "172.17.0.1",
    }));
  }

  list(): Promise<EngineListing> {
    return this.#call("list", "", () => ({
      engineId: this.engineId,
      ours: [...this.containers.values()].map((container) => observed(this.host, container)),
      strangers: [...this.strangers],
    }));
  }

  resolveImage(image: string, policy: PullPolicy): Promise<ImageFacts> {
    return this.#call("resolveImage", `${image} ${policy}`, () => {
      const facts = this.images.get(image) ?? [...this.images.values()].find(({ pinned }) => pinned === image);
      if (facts !== undefined) return facts;
      throw new TheseusError("IMAGE_NOT_FOUND", { what: `there is no image ${image}` });
    });
  }

  findImage(image: string, policy: PullPolicy): Promise<{ readonly pinned: string }> {
    return this.#call("findImage", `${image} ${policy}`, () => {
      const facts = this.images.get(image);
      if (facts !== undefined) return { pinned: facts.pinned };
      throw new TheseusError("IMAGE_NOT_FOUND", { what: `there is no image ${image}` });
    });
  }

  create(spec: ContainerSpec): Promise<{ id: string }> {
    return this.#call("create", spec.name, () => {
      const held = [...this.containers.values()].find((one) => one.spec.name === spec.name);
      if (held !== undefined && sameOwner(held.spec.owner, spec.owner)) return { id: held.id };
      if (held !== undefined || this.strangers.some(({ name }) => name === spec.name)) {
        throw new TheseusError("CONTAINER_EXISTS", { what: `the name ${spec.name} is taken` });
      }
      return { id: this.#add(spec).id };
    });
  }

  tryOut(spec: ContainerSpec, newPorts: readonly string[]): Promise<void> {
    return this.#call("tryOut", spec.name, () => {
      const taken = newPorts.map((name) => spec.hostPorts[name] ?? 0).find((port) => this.#isTaken(port));
      if (taken === undefined) return;
      throw new TheseusError("PORT_TAKEN", { what: `port ${taken} is taken`, metadata: { port: String(taken) } });
    });
  }

  removeTrials(): Promise<void> {
    return this.#call("removeTrials", "", () => undefined);
  }

  start(id: string): Promise<void> {
    return this.#call("start", this.#nameOf(id), () => {
      const container = this.#byId(id);
      if (container.status === "running") return;
      const taken = Object.values(container.spec.hostPorts).find((port) => this.#isTaken(port));
      if (taken !== undefined) {
        const metadata = { port: String(taken) };
        throw new TheseusError("PORT_TAKEN", { what: `port ${taken} is taken`, metadata });
      }
      this.#run(container);
    });
  }

  stop(id: string): Promise<void> {
    return this.#call("stop", this.#nameOf(id), () => {
      const container = this.containers.get(id);
      if (container?.status === "running") this.#end(container, 0);
    });
  }

  remove(id: string): Promise<void> {
    return this.#call("remove", this.#nameOf(id), () => {
      const container = this.containers.get(id);
      if (container === undefined) return;
      this.containers.delete(id);
      this.#happened(container, "destroy");
    });
  }

  setRestartPolicy(id: string, policy: "no" | "unless-stopped"): Promise<void> {
    return this.#call("setRestartPolicy", `${this.#nameOf(id)} ${policy}`, () => {
      this.#byId(id).restartPolicy = policy;
    });
  }

  removeVolumes(groupUid: string): Promise<void> {
    return this.#call("removeVolumes", groupUid, () => undefined);
  }

  aftermath(id: string): Promise<Aftermath | undefined> {
    return this.#call("aftermath", this.#nameOf(id), () => {
      const container = this.containers.get(id);
      if (container === undefined) return undefined;
      const { status, exitCode, spec } = container;
      const ended = status === "exited" && exitCode !== undefined ? { exitCode } : {};
      return { ...ended, outOfMemory: false, answers: this.answers.get(spec.name) ?? [] };
    });
  }

  usage(id: string): Promise<Usage | undefined> {
    return this.#call("usage", this.#nameOf(id), () => {
      return this.containers.get(id)?.status === "running" ? this.usages.get(this.#nameOf(id)) : undefined;
    });
  }

  async *logLines(id: string): AsyncIterable<readonly LogLine[]> {
    yield await this.#call("logLines", this.#nameOf(id), () => this.lines.get(this.#nameOf(id)) ?? []);
  }

  async *events(signal: AbortSignal): AsyncIterable<EngineEvent> {
    const waiting: EngineEvent[] = [{ kind: "connected" }];
    let wake: () => void = () => undefined;
    const listener = (event: EngineEvent): void => {
      waiting.push(event);
      wake();
    };
    const end = (): void => wake();
    this.#listeners.add(listener);
    signal.addEventListener("abort", end);
    try {
      while (!signal.aborted) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else await new Promise<void>((go) => (wake = go));
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener("abort", end);
    }
  }

  // ---------------------------------------------------------------------------------------------------------------------

  async #call<T>(method: Method, subject: string, work: () => T): Promise<T> {
    this.calls.push(`${method} ${subject}`.trim());
    while (this.#hung !== undefined) await this.#hung;
    if (this.#down) throw new TheseusError("HOST_UNREACHABLE", { what: `no answer from Docker on ${this.host}` });
    const latency = this.latency[method] ?? 0;
    if (latency > 0) await this.#clock.sleep(latency);
    const failure = this.#failures.find((one) => one.method === method && one.left > 0);
    if (failure !== undefined) failure.left--;
    if (failure?.after === false) throw failure.error;
    const result = work();
    if (failure !== undefined) throw failure.error;
    return result;
  }

  #add(spec: ContainerSpec): FakeContainer {
    const id = `id${++this.#ids}`;
    const container: FakeContainer = { id, spec, status: "created", restartPolicy: "no" };
    this.containers.set(id, container);
    return container;
  }

  #run(container: FakeContainer): void {
    container.status = "running";
    container.startedAt = this.#clock.now();
    this.#happened(container, "start");
    if (this.doomed.has(container.spec.image)) this.#fail(container, 1);
  }

  #fail(container: FakeContainer, exitCode: number): void {
    this.failed.push(container.spec.name);
    this.#end(container, exitCode);
  }

  #end(container: FakeContainer, exitCode: number): void {
    container.status = "exited";
    container.exitCode = exitCode;
    container.finishedAt = this.#clock.now();
    this.#happened(container, "die");
    this.onEnd();
  }

  #isTaken(port: number): boolean {
    return this.heldPorts.has(port) || this.listensOn(port);
  }

  #byId(id: string): FakeContainer {
    const container = this.containers.get(id);
    if (container === undefined) throw new TheseusError("NO_SUCH_CONTAINER", { what: `there is no container ${id}` });
    return container;
  }

  #named(name: string): FakeContainer {
    const container = [...this.containers.values()].find(({ spec }) => spec.name === name);
    if (container === undefined) throw new Error(`no container ${name}`);
    return container;
  }

  #nameOf(id: string): string {
    return this.containers.get(id)?.spec.name ?? id;
  }

  #happened({ id, spec }: FakeContainer, action: string): void {
    this.#emit({ kind: "container", id, action, cluster: spec.owner.cluster });
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
