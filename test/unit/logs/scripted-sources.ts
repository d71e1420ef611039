// Containers whose lines a test writes, and that come and go when it says so.

import type { LogSources } from "../../../src/logs/sources.js";
import type { LogLine, LogPosition, LogQuery, LogSource } from "../../../src/model/logs.js";
import { groupRef } from "../../../src/model/reference.js";

export function sourceOf(id: string, status: LogSource["status"] = "running", startedAt?: number): LogSource {
  const group = groupRef("web", ["dev"]);
  const owner = { cluster: "c", group, groupUid: "u", slot: 1, generation: 1, configRevision: 1, fingerprint: "f" };
  const started = startedAt === undefined ? {} : { startedAt };
  return { id, name: `web.${id}`, host: "local", owner, status, ...started };
}

/** Where the lines begin that come after this place. */
function behind(lines: readonly LogLine[], place: LogPosition | undefined): number {
  let left = place?.lines ?? 0;
  return lines.findIndex(({ at }) => at === place?.at && --left === 0) + 1;
}

type Written = { lines: LogLine[]; ended: boolean; failure: Error | undefined; wake: () => void };

export class ScriptedSources implements LogSources {
  listed: LogSource[] = [];
  /** Thrown by the next list. */
  listFailure: Error | undefined;
  /** Every reading as "id since". */
  readonly readings: string[] = [];
  readonly #written = new Map<string, Written>();
  #changed: () => void = () => undefined;

  /** Another set of containers is there. */
  show(...sources: readonly LogSource[]): void {
    this.listed = [...sources];
    this.#changed();
  }

  write(id: string, ...lines: readonly LogLine[]): void {
    this.#of(id).lines.push(...lines);
    this.#of(id).wake();
  }

  /** The container ends: readings of it do too. */
  end(id: string, ended = true): void {
    this.#of(id).ended = ended;
    this.#of(id).wake();
  }

  failListing(failure: Error | undefined): void {
    this.listFailure = failure;
    this.#changed();
  }

  fail(id: string, failure: Error | undefined): void {
    this.#of(id).failure = failure;
    this.#of(id).wake();
  }

  list(): Promise<readonly LogSource[]> {
    return this.listFailure === undefined ? Promise.resolve(this.listed) : Promise.reject(this.listFailure);
  }

  async *lines({ id }: LogSource, query: LogQuery, signal: AbortSignal): AsyncGenerator<readonly LogLine[]> {
    this.readings.push(`${id} ${query.since ?? "-"}`);
    const written = this.#of(id);
    for (let at = behind(written.lines, query.after); ; ) {
      if (written.failure !== undefined) throw written.failure;
      const batch = written.lines.slice(at).filter((line) => query.since === undefined || line.at >= query.since);
      at = written.lines.length;
      if (batch.length > 0) yield query.tail === undefined ? batch : batch.slice(-query.tail);
      if (!query.follow || written.ended) return;
      if (at < written.lines.length) continue;
      await new Promise<void>((resolve, reject) => {
        written.wake = resolve;
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    }
  }

  changed(_target: unknown, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#changed = resolve;
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  #of(id: string): Written {
    const known = this.#written.get(id) ?? { lines: [], ended: false, failure: undefined, wake: () => undefined };
    this.#written.set(id, known);
    return known;
  }
}
