// One process's way to the world's Docker Engine: the port Runtime over a socket with faults. Whatever a client has given
// up waiting for may still happen.

import { type Reason, TheseusError } from "../../../src/model/errors.js";
import type { Aftermath } from "../../../src/model/evidence.js";
import type { PullPolicy } from "../../../src/model/group.js";
import { type Milliseconds, SECOND } from "../../../src/model/instant.js";
import type { LogLine } from "../../../src/model/logs.js";
import type {
  ContainerSpec,
  EngineEvent,
  EngineInfo,
  EngineListing,
  ImageFacts,
  Mandate,
  Probe,
  Runtime,
} from "../../../src/model/ports.js";
import type { Engine } from "./engine.js";
import type { Fate, Sent } from "./faults.js";
import type { Images } from "./images.js";
import { type Process, START } from "./process.js";
import type { Seeded } from "./seeded.js";
import { StreamQueue } from "./stream-queue.js";

export type EngineLinkParts = {
  readonly engine: Engine;
  readonly images: Images;
  readonly process: Process;
  readonly fate: Fate;
  readonly chance: Seeded;
  /** Before a call that changes a container leaves the process. */
  readonly sending: (call: string, id: string) => void;
};

type Call = {
  readonly name: string;
  readonly deadline: Milliseconds;
  readonly takes: readonly [number, number];
  readonly sent?: Sent;
  /** Its answer is waited for no longer once this is aborted. */
  readonly until?: AbortSignal | undefined;
};

const READ: readonly [number, number] = [0.5, 6];

export class EngineLink implements Runtime {
  readonly host = "local";
  readonly #parts: EngineLinkParts;
  readonly #events = new Set<StreamQueue<EngineEvent>>();
  #isParted = false;
  readonly #heard = (event: EngineEvent): void => this.#tell(event);
  readonly #broken = (): void => this.#breakEvents();

  constructor(parts: EngineLinkParts) {
    this.#parts = parts;
    parts.engine.onEvent.add(this.#heard);
    parts.engine.onBreak.add(this.#broken);
  }

  /** Its process is no more. */
  dispose(): void {
    this.#parts.engine.onEvent.delete(this.#heard);
    this.#parts.engine.onBreak.delete(this.#broken);
  }

  part(): void {
    this.#isParted = true;
  }

  heal(): void {
    this.#isParted = false;
    this.#breakEvents();
  }

  info(): Promise<EngineInfo> {
    const { engineId, address: bridgeAddress } = this.#parts.engine;
    const facts = { engineId, version: "20.10.24", cpu: 4, mem: 8 * 2 ** 30, bridgeAddress };
    return this.#call({ name: "info", deadline: 2 * SECOND, takes: READ }, () => facts);
  }

  list(): Promise<EngineListing> {
    const { engine } = this.#parts;
    return this.#call({ name: "list", deadline: 5 * SECOND, takes: READ }, () => ({
      engineId: engine.engineId,
      ours: engine.observed(this.host, (at) => START + Math.floor(at)),
      strangers: [],
    }));
  }

  resolveImage(image: string, _policy: PullPolicy, signal?: AbortSignal): Promise<ImageFacts> {
    const call: Call = { name: "resolveImage", deadline: 5 * SECOND, takes: [1, 400], until: signal };
    return this.#call(call, () => this.#image(image));
  }

  findImage(image: string, _policy: PullPolicy): Promise<{ readonly pinned: string }> {
    return this.#call({ name: "findImage", deadline: 5 * SECOND, takes: READ }, () => this.#image(image));
  }

  create(spec: ContainerSpec): Promise<{ id: string }> {
    const { engine, process, sending } = this.#parts;
    sending("create", spec.name);
    const sent = { by: process.name, what: "create", name: spec.name } as const;
    return this.#call({ name: "create", deadline: 10 * SECOND, takes: [20, 90], sent }, () => ({
      id: engine.create(spec, process.name),
    }));
  }

  tryOut({ name }: ContainerSpec): Promise<void> {
    this.#parts.sending("try out", name);
    return this.#call({ name: "tryOut", deadline: 15 * SECOND, takes: [20, 90] }, () => undefined);
  }

  removeTrials(): Promise<void> {
    return this.#call({ name: "removeTrials", deadline: 5 * SECOND, takes: READ }, () => undefined);
  }

  start(id: string): Promise<void> {
    const { engine, process, sending } = this.#parts;
    sending("start", id);
    return this.#call({ name: "start", deadline: 10 * SECOND, takes: [80, 300] }, () => engine.begin(id, process.name));
  }

  /** Every program here ends within its grace, so that there is nothing to kill. */
  stop(id: string, grace: Milliseconds, mandate?: Mandate): Promise<void> {
    const { engine, process, sending } = this.#parts;
    sending("stop", id);
    const call = { name: "stop", deadline: grace + 15 * SECOND, takes: READ, until: mandate?.end };
    return this.#later(call, (done) => {
      const takes = engine.signalled(id);
      if (takes === undefined) return done();
      process.timeline.after(takes, () => {
        engine.ended(id, process.name);
        done();
      });
    });
  }

  remove(id: string): Promise<void> {
    const { engine, process, sending } = this.#parts;
    sending("remove", id);
    return this.#call({ name: "remove", deadline: 5 * SECOND, takes: [10, 60] }, () => engine.remove(id, process.name));
  }

  setRestartPolicy(id: string, policy: "no" | "unless-stopped"): Promise<void> {
    const { engine, process, sending } = this.#parts;
    sending("policy", id);
    return this.#call({ name: "policy", deadline: 5 * SECOND, takes: READ }, () =>
      engine.setRestartPolicy(id, policy, process.name),
    );
  }

  removeVolumes(): Promise<void> {
    return this.#call({ name: "removeVolumes", deadline: 5 * SECOND, takes: READ }, () => undefined);
  }

  aftermath(id: string): Promise<Aftermath | undefined> {
    return this.#call({ name: "aftermath", deadline: 5 * SECOND, takes: READ }, () => {
      const container = this.#parts.engine.containers.get(id);
      if (container === undefined) return undefined;
      const { status, exitCode } = container;
      return {
        ...(status === "exited" && exitCode !== undefined ? { exitCode } : {}),
        outOfMemory: false,
        answers: [],
      };
    });
  }

  usage(): Promise<undefined> {
    return this.#call({ name: "usage", deadline: 5 * SECOND, takes: READ }, () => undefined);
  }

  async *logLines(): AsyncIterable<readonly LogLine[]> {
    yield await this.#call({ name: "logLines", deadline: 5 * SECOND, takes: READ }, () => []);
  }

  async *events(signal: AbortSignal): AsyncIterable<EngineEvent> {
    const { process, chance } = this.#parts;
    while (!signal.aborted) {
      const queue = new StreamQueue<EngineEvent>();
      const end = (): void => queue.end();
      try {
        await this.#call({ name: "events", deadline: 5 * SECOND, takes: READ }, () => this.#events.add(queue));
        signal.addEventListener("abort", end, { once: true });
        if (signal.aborted) return;
        yield { kind: "connected" };
        yield* queue;
      } catch {
        // Connected again below, as long as it takes.
      } finally {
        this.#events.delete(queue);
        signal.removeEventListener("abort", end);
      }
      await process.clock.sleep(chance.between(50, 1000), signal).catch(() => undefined);
    }
  }

  #image(image: string): ImageFacts {
    const facts = this.#parts.images.find(image);
    if (facts === undefined) throw new TheseusError("IMAGE_NOT_FOUND", { what: `there is no image ${image}` });
    return facts;
  }

  #tell(event: EngineEvent): void {
    const { process, engine, fate, chance } = this.#parts;
    if (this.#events.size === 0 || fate.strikes("engine event loss") || this.#isParted) return;
    process.timeline.after(chance.between(0.5, 20), () => {
      if (!engine.isUp) return;
      process.deliver(() => {
        for (const queue of this.#events) queue.push(event);
      });
    });
  }

  #breakEvents(): void {
    for (const queue of this.#events) this.#parts.process.deliver(() => queue.end());
  }

  #call<T>(call: Call, work: () => T): Promise<T> {
    return this.#later(call, (done, failed) => {
      try {
        done(work());
      } catch (error) {
        failed(error);
      }
    });
  }

  /** @param begin called at the engine once the call has arrived and taken its time. */
  #later<T>(call: Call, begin: (done: (value: T) => void, failed: (error: unknown) => void) => void): Promise<T> {
    const { engine, process, fate, chance } = this.#parts;
    const { timeline } = process;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const settle = (act: () => void): void => {
        if (isOver) return;
        isOver = true;
        timeline.cancel(deadline);
        call.until?.removeEventListener("abort", giveUp);
        process.deliver(act);
      };
      const fail = (why: string) => () => settle(() => reject(failure("HOST_UNREACHABLE", `${call.name}: ${why}`)));
      const giveUp = (): void => settle(() => reject(call.until?.reason));
      const deadline = timeline.after(call.deadline, fail("no answer in time"));
      call.until?.addEventListener("abort", giveUp, { once: true });
      if (this.#isParted || fate.strikes("engine lost request")) return;
      if (fate.strikes("engine refused")) {
        timeline.after(1, fail("no connection"));
        return;
      }
      const boot = engine.boots;
      const answered = (act: () => void): void => {
        if (this.#isParted || fate.strikes("engine lost reply")) return;
        timeline.after(chance.between(0.2, 2), () => {
          if (engine.boots === boot) settle(act);
          else fail("the connection broke")();
        });
      };
      const takes = chance.between(...call.takes) * (fate.strikes("engine slow") ? chance.between(10, 200) : 1);
      const late = this.#late(call);
      const go = (): unknown =>
        timeline.after(takes + late, () =>
          engine.arrive(
            () =>
              begin(
                (value) => answered(() => resolve(value)),
                (error) => answered(() => reject(error)),
              ),
            fail("no connection"),
          ),
        );
      if (call.sent === undefined || !fate.keeps(call.sent, go)) go();
    });
  }

  /** It arrives when whoever sent it has perhaps given up, or is no more. */
  #late({ deadline }: Call): Milliseconds {
    const { fate, chance, process } = this.#parts;
    const late = fate.strikes("engine late request") ? chance.between(0.02, 1.3) * deadline : 0;
    if (late > 0) fate.lasts(process.timeline.now + late + SECOND);
    return late;
  }
}

/** Asks the program in the container that has the port. */
export function probeOf({ engine, process, chance }: Pick<EngineLinkParts, "engine" | "process" | "chance">): Probe {
  const { timeline } = process;
  return {
    attempt: (_probed, _address, port, _timeout, signal) =>
      new Promise((resolve) => {
        const settle = (passed: boolean, text: string): void => process.deliver(() => resolve({ passed, text }));
        if (signal.aborted) {
          resolve({ passed: false, text: "given up" });
          return;
        }
        timeline.after(chance.between(0.2, 4), () => {
          if (engine.listensOn(port)?.isUp !== true) return settle(false, "refused");
          // It has to stay open for a while.
          timeline.after(100, () => {
            const isOpen = engine.listensOn(port)?.isUp === true;
            settle(isOpen, isOpen ? "open" : "closed");
          });
        });
      }),
  };
}

function failure(reason: Reason, why: string): TheseusError {
  return new TheseusError(reason, { what: "no answer from Docker on local", why: [why], retryable: true });
}
