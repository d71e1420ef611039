// Starting a created container, and saying in the words of people why it does not.

import { type Milliseconds, SECOND } from "../model/instant.js";
import type { ContainerSpec } from "../model/ports.js";
import type { Engine } from "./engine.js";
import { hasExecutable } from "./executable.js";
import { type Inspection, inspect } from "./inspections.js";
import { namingHolder } from "./port-holder.js";
import { noSuchCommand, type Subject, translated } from "./refusals.js";

const DEADLINE: Milliseconds = 10 * SECOND;
const REMEMBERED = 10_000;

/** What of a container decides whether its command is there, and how it is named to people. */
type Made = { readonly subject: Subject; readonly kind: string };

export class Starter {
  readonly #engine: Engine;
  /** Kinds of containers whose command was found, or is being looked for; the next of the same kind are not looked at. */
  readonly #proven = new Map<string, Promise<boolean>>();
  /** Created and not started yet. */
  readonly #made = new Map<string, Made>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** That container was just created so: another of its kind having been looked at, its start asks the engine for nothing. */
  created(id: string, { name, image, owner }: ContainerSpec): void {
    if (this.#made.size >= REMEMBERED) this.#made.clear();
    const subject = { host: this.#engine.host, container: name, image };
    this.#made.set(id, { subject, kind: kindOf(image, owner.fingerprint) });
  }

  /** Started already is success. The container stays as it is when it cannot be started. */
  async start(id: string): Promise<void> {
    const subject = (await this.#provenBefore(id)) ?? (await this.#looked(id));
    try {
      await this.#engine.call({ method: "POST", path: `/containers/${id}/start`, deadline: DEADLINE });
    } catch (error) {
      throw await namingHolder(
        this.#engine,
        id,
        translated(error, subject, `container ${subject.container} cannot be started`),
      );
    }
  }

  async #provenBefore(id: string): Promise<Subject | undefined> {
    const made = this.#made.get(id);
    this.#made.delete(id);
    if (made === undefined) return undefined;
    return (await this.#proven.get(made.kind)?.catch(() => false)) ? made.subject : undefined;
  }

  async #looked(id: string): Promise<Subject> {
    const container = await inspect(this.#engine, id);
    const subject = subjectOf(this.#engine.host, container);
    await this.#requireExecutable(container, subject);
    return subject;
  }

  async #requireExecutable(container: Inspection, subject: Subject): Promise<void> {
    // Without an init the engine itself refuses to start it.
    if (container.HostConfig.Init !== true || container.State.Running) return;
    const kind = kindOf(container.Config.Image, container.Config.Labels?.["theseus.fingerprint"]);
    if (await this.#proven.get(kind)?.catch(() => false)) return;
    const looking = hasExecutable(this.#engine, container);
    if (this.#proven.size >= REMEMBERED) this.#proven.clear();
    this.#proven.set(kind, looking);
    if (!(await looking)) throw noSuchCommand(container.Path, subject);
  }
}

/** The fingerprint has the pinned image and everything of the command in it. */
const kindOf = (image: string, fingerprint: string | undefined): string => `${image} ${fingerprint}`;

export function subjectOf(host: string, container: Inspection): Subject {
  return { host, container: container.Name.replace(/^\//, ""), image: container.Config.Image };
}
