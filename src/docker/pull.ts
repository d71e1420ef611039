// Pulling one image through the engine, told apart by why it fails.

import type { TheseusError } from "../model/errors.js";
import { MINUTE, type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import { type CredentialParts, registryAuth } from "./credentials.js";
import { within } from "./deadline.js";
import type { Engine, EngineRequest } from "./engine.js";
import { EngineRefusal } from "./failure.js";
import { type NamedImage, pullTag } from "./image-reference.js";
import { ndjson } from "./ndjson.js";
import { type PullSubject, pullRefused, registryAway } from "./pull-refusals.js";

const WHOLE: Milliseconds = 10 * MINUTE;
/** How long a registry may say nothing at first, so that a caller hears of an absent one within seconds. */
const FIRST_PATIENCE: Milliseconds = 3 * SECOND;
const LONGEST_PATIENCE: Milliseconds = MINUTE;
const BETWEEN_REPORTS: Milliseconds = 5 * SECOND;

export type PullParts = {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Logger;
  readonly credentials: CredentialParts;
};

export class Puller {
  readonly #parts: PullParts;
  /** Doubled with each silence: a registry that is only slow is reached in the end. */
  readonly #patience = new Map<string, Milliseconds>();

  constructor(parts: PullParts) {
    this.#parts = parts;
  }

  /**
   * Returns when the image is on the engine. IMAGE_NOT_FOUND, IMAGE_DENIED, IMAGE_PLATFORM, REGISTRY_UNREACHABLE; once
   * `until` is aborted its reason, and the engine pulls no further for us.
   */
  async pull(image: NamedImage, asked: string, until?: AbortSignal): Promise<void> {
    const { engine, clock, credentials } = this.#parts;
    const subject: PullSubject = { host: engine.host, image: asked, registry: image.registry };
    const auth = await registryAuth(credentials, image.registry);
    const request: EngineRequest = {
      method: "POST",
      path: "/images/create",
      query: { fromImage: image.name, tag: pullTag(image) },
      ...(auth === undefined ? {} : { registryAuth: auth }),
      deadline: this.#patience.get(image.registry) ?? FIRST_PATIENCE,
      late: () => this.#silent(subject),
    };
    const late = () => registryAway(`it was not whole after ${WHOLE / MINUTE} minutes`, subject);
    try {
      const either = (expiry: AbortSignal) => (until === undefined ? expiry : AbortSignal.any([expiry, until]));
      await within(clock, WHOLE, (expiry) => this.#follow(request, subject, either(expiry)), late);
    } catch (error) {
      until?.throwIfAborted();
      throw error;
    }
  }

  async #follow(request: EngineRequest, subject: PullSubject, expiry: AbortSignal): Promise<void> {
    const reading = new AbortController();
    try {
      const stream = await this.#parts.engine.stream(request, AbortSignal.any([expiry, reading.signal]));
      this.#patience.delete(subject.registry);
      for await (const message of ndjson(stream)) this.#take(message, subject);
    } catch (error) {
      throw error instanceof EngineRefusal ? pullRefused(error.text, subject, error) : error;
    } finally {
      reading.abort();
    }
  }

  #reported = Number.NEGATIVE_INFINITY;

  /** A pull that fails after it has begun says so in a message of a 200 answer. */
  #take(message: Readonly<Record<string, unknown>>, subject: PullSubject): void {
    if (typeof message["error"] === "string") throw pullRefused(message["error"], subject, message["error"]);
    const now = this.#parts.clock.monotonic();
    if (now - this.#reported < BETWEEN_REPORTS) return;
    this.#reported = now;
    const { id: layer, status, progress } = message;
    this.#parts.log.debug({ ...subject, layer, status, progress }, "pulling");
  }

  #silent(subject: PullSubject): TheseusError {
    const patience = this.#patience.get(subject.registry) ?? FIRST_PATIENCE;
    this.#patience.set(subject.registry, Math.min(2 * patience, LONGEST_PATIENCE));
    return registryAway(`it said nothing for ${patience / SECOND} s`, subject);
  }
}
