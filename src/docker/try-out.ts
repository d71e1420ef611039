// Whether a container could be created, and its new fixed ports taken, found out by doing it: nothing that serves is
// touched for it. What is to run never does.

import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, ContainerSpec } from "../model/ports.js";
import { createTrial } from "./create.js";
import type { Engine } from "./engine.js";
import { hasExecutable } from "./executable.js";
import { EngineRefusal } from "./failure.js";
import { inspect } from "./inspections.js";
import { TRIAL } from "./ownership.js";
import { namingHolder } from "./port-holder.js";
import { noSuchCommand, translated } from "./refusals.js";
import { removeContainer } from "./remove.js";
import { subjectOf } from "./start.js";

const START: Milliseconds = 10 * SECOND;
const OTHER: Milliseconds = 5 * SECOND;
/** In no image. The engine binds the ports of a container before it looks for its command. */
const NO_PROGRAM = "/.theseus-no-such-command";
/** How the engine begins when it is the ports that it cannot have. */
const PORTS_REFUSED = "programming external connectivity";

/** The trials on one engine. */
export class Trials {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #clusterId: () => string;
  #underWay = 0;

  constructor(engine: Engine, clock: Clock, clusterId: () => string) {
    this.#engine = engine;
    this.#clock = clock;
    this.#clusterId = clusterId;
  }

  /** A named volume would be made by the engine, so there is none in it. @param newPorts names of ports to be free. */
  async tryOut(spec: ContainerSpec, newPorts: readonly string[]): Promise<void> {
    this.#underWay++;
    try {
      // The engine looks for the first network only when it starts the container.
      for (const network of spec.config.networks ?? []) await requireNetwork(this.#engine, network);
      const { volumes: _, ...config } = spec.config;
      await this.#onTrial({ ...spec, config }, (id) => this.#requireCommand(id, spec));
      const ports = (config.ports ?? []).filter(({ name }) => newPorts.includes(name));
      if (ports.length === 0) return;
      const bare = { image: config.image, init: false, command: [NO_PROGRAM], ports };
      await this.#onTrial({ ...spec, config: bare }, (id) => this.#requirePorts(id));
    } finally {
      this.#underWay--;
    }
  }

  /** Removes what trials have left over, of any group of the cluster; while one is under way nothing. Fails in the end when some could not be. */
  async removeLeft(): Promise<void> {
    const query = { all: true, filters: JSON.stringify({ label: [TRIAL], status: ["created", "exited", "dead"] }) };
    const path = "/containers/json";
    if (this.#underWay > 0) return;
    const left = await this.#engine.call<Trial[]>({ method: "GET", path, query, deadline: OTHER });
    if (this.#underWay > 0) return;
    const ours = left.filter(({ Labels }) => Labels[TRIAL]?.startsWith(`${this.#clusterId()}/`));
    const failures: unknown[] = [];
    for (const { Id } of ours) {
      await removeContainer(this.#engine, Id).catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  async #onTrial(spec: ContainerSpec, look: (id: string) => Promise<void>): Promise<void> {
    const labels = { [TRIAL]: `${this.#clusterId()}/${spec.owner.groupUid}` };
    const id = await createTrial(this.#engine, this.#clock, spec, labels);
    try {
      await look(id);
    } finally {
      // What cannot be removed now is removed with what others have left.
      await removeContainer(this.#engine, id).catch(() => undefined);
    }
  }

  async #requireCommand(id: string, { name, config }: ContainerSpec): Promise<void> {
    const engine = this.#engine;
    const container = await inspect(engine, id);
    const mounted = (config.volumes ?? []).map(({ at }) => at);
    if (await hasExecutable(engine, container, mounted)) return;
    throw noSuchCommand(container.Path, { ...subjectOf(engine.host, container), container: name });
  }

  /** A start that fails for any other reason says nothing about the ports: they were bound before it. */
  async #requirePorts(id: string): Promise<void> {
    const { host } = this.#engine;
    try {
      await this.#engine.call({ method: "POST", path: `/containers/${id}/start`, deadline: START });
    } catch (error) {
      if (!(error instanceof EngineRefusal) || !error.text.includes(PORTS_REFUSED)) return;
      const subject = { host, container: "", image: "" };
      throw await namingHolder(this.#engine, id, translated(error, subject, `ports cannot be published on ${host}`));
    }
  }
}

async function requireNetwork(engine: Engine, network: string): Promise<void> {
  await engine.call({ method: "GET", path: `/networks/${encodeURIComponent(network)}`, deadline: OTHER });
}

/** As the engine lists it. */
type Trial = { readonly Id: string; readonly Labels: Readonly<Record<string, string>> };
