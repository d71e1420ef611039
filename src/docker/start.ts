// Starting a created container, and saying in the words of people why it does not.

import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Engine } from "./engine.js";
import { hasExecutable } from "./executable.js";
import { type Inspection, inspect } from "./inspections.js";
import type { Row } from "./observe.js";
import { noSuchCommand, type Subject, translated } from "./refusals.js";

const DEADLINE: Milliseconds = 10 * SECOND;
const OTHER: Milliseconds = 5 * SECOND;
const REMEMBERED = 10_000;

export class Starter {
  readonly #engine: Engine;
  /** Fingerprints of containers whose command was found; the next of the same kind are not looked at. */
  readonly #proven = new Set<string>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Started already is success. The container stays as it is when it cannot be started. */
  async start(id: string): Promise<void> {
    const container = await inspect(this.#engine, id);
    const subject = subjectOf(this.#engine.host, container);
    await this.#requireExecutable(container, subject);
    try {
      await this.#engine.call({ method: "POST", path: `/containers/${id}/start`, deadline: DEADLINE });
    } catch (error) {
      throw await this.#withHolder(translated(error, subject, `container ${subject.container} cannot be started`));
    }
  }

  async #requireExecutable(container: Inspection, subject: Subject): Promise<void> {
    // Without an init the engine itself refuses to start it.
    if (container.HostConfig.Init !== true || container.State.Running) return;
    const kind = `${container.Image} ${container.Path} ${container.Config.Labels?.["theseus.fingerprint"]}`;
    if (this.#proven.has(kind)) return;
    if (!(await hasExecutable(this.#engine, container))) throw noSuchCommand(container.Path, subject);
    if (this.#proven.size >= REMEMBERED) this.#proven.clear();
    this.#proven.add(kind);
  }

  /** Names the container that publishes the port, where it is one of this engine. */
  async #withHolder(error: TheseusError): Promise<TheseusError> {
    const port = Number(error.facts.metadata?.["port"]);
    if (error.reason !== "PORT_TAKEN" || error.facts.metadata?.["holder"] !== "container" || Number.isNaN(port))
      return error;
    const query = { filters: JSON.stringify({ publish: [String(port)] }) };
    const list = { method: "GET", path: "/containers/json", query, deadline: OTHER } as const;
    const rows = await this.#engine.call<Row[]>(list).catch(() => []);
    const name = rows[0]?.Names[0]?.replace(/^\//, "");
    if (name === undefined) return error;
    const { facts } = error;
    return new TheseusError("PORT_TAKEN", {
      ...facts,
      why: [`held by container ${name} on ${this.#engine.host}`],
      metadata: { ...facts.metadata, container: name },
    });
  }
}

export function subjectOf(host: string, container: Inspection): Subject {
  return { host, container: container.Name.replace(/^\//, ""), image: container.Config.Image };
}
