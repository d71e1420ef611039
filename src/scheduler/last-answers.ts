// The last answers of probes, by container: kept a while beyond the probing, for whoever asks why a container failed.

import { ANSWERS_KEPT } from "../model/evidence.js";

/** Containers that are not probed any more whose answers are still kept. */
const ENDED_KEPT = 200;

export class LastAnswers {
  readonly #answers = new Map<string, readonly string[]>();
  /** The oldest first. */
  readonly #ended = new Set<string>();

  note(containerId: string, answer: string): void {
    const before = this.#answers.get(containerId) ?? [];
    this.#answers.set(containerId, [...before.slice(1 - ANSWERS_KEPT), answer]);
    this.#ended.delete(containerId);
  }

  /** The newest last. */
  of(containerId: string): readonly string[] {
    return this.#answers.get(containerId) ?? [];
  }

  /** It is not probed any more. */
  end(containerId: string): void {
    if (!this.#answers.has(containerId)) return;
    this.#ended.add(containerId);
    const [oldest] = this.#ended;
    if (oldest !== undefined && this.#ended.size > ENDED_KEPT) this.#forget(oldest);
  }

  #forget(containerId: string): void {
    this.#ended.delete(containerId);
    this.#answers.delete(containerId);
  }
}
