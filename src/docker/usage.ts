// What one container uses, as the engine's cgroups have it. A broken answer has no figures; it is never an error.

import type { Instant, Milliseconds } from "../model/instant.js";
import { SECOND } from "../model/instant.js";
import type { Traffic, Usage } from "../model/stats.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";

/** An engine that does not know one-shot takes two seconds. */
const DEADLINE: Milliseconds = 5 * SECOND;
const AT_ONCE = 4;
const NANOS = 1e9;

/** Readings of one engine: few at once, and who asks for one that is under way gets that one. */
export class Usages {
  readonly #asked = new Map<string, Promise<Usage | undefined>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(private readonly engine: Engine) {}

  /** Undefined of a container that is gone or does not run. EngineRefusal, HOST_UNREACHABLE. */
  of(id: string): Promise<Usage | undefined> {
    const asked = this.#asked.get(id);
    if (asked !== undefined) return asked;
    const reading = this.#inTurn(() => this.#ask(id)).finally(() => this.#asked.delete(id));
    this.#asked.set(id, reading);
    return reading;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place goes from hand to hand.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  async #ask(id: string): Promise<Usage | undefined> {
    const path = `/containers/${encodeURIComponent(id)}/stats`;
    // Without one-shot the engine waits for a second reading; here the one before is remembered by who asks.
    const query = { stream: false, "one-shot": true };
    try {
      return readUsage(await this.engine.call<unknown>({ method: "GET", path, query, deadline: DEADLINE }));
    } catch (error) {
      if (refusedWith(error, 404, 409)) return undefined;
      throw error;
    }
  }
}

/** Undefined of a container that does not run, and of an answer that does not say when it is of. Pure. */
export function readUsage(answer: unknown): Usage | undefined {
  const at = timeOf(field(answer, "read"));
  if (at === undefined) return undefined;
  const cpu = count(field(field(field(answer, "cpu_stats"), "cpu_usage"), "total_usage"));
  const mem = memoryOf(field(answer, "memory_stats"));
  const net = trafficOf(field(answer, "networks"));
  return {
    at,
    ...(cpu === undefined ? {} : { cpuSeconds: cpu / NANOS }),
    ...(mem === undefined ? {} : { mem }),
    ...(net === undefined ? {} : { net }),
  };
}

/** The engine writes year 1 for "never". */
function timeOf(text: unknown): Instant | undefined {
  const time = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) || time <= 0 ? undefined : time;
}

/** As `docker stats` shows it: pages of files that nobody uses are not counted. cgroup v1 and v2 name them differently. */
function memoryOf(memory: unknown): number | undefined {
  const usage = count(field(memory, "usage"));
  if (usage === undefined) return undefined;
  const stats = field(memory, "stats");
  const idle = count(field(stats, "total_inactive_file")) ?? count(field(stats, "inactive_file")) ?? 0;
  return idle < usage ? usage - idle : usage;
}

/** Over all networks; undefined of a container on the network of its host, which has none of its own. */
function trafficOf(networks: unknown): Traffic | undefined {
  if (typeof networks !== "object" || networks === null) return undefined;
  const each = Object.values(networks).flatMap((network) => {
    const [rx, tx] = [count(field(network, "rx_bytes")), count(field(network, "tx_bytes"))];
    return rx === undefined || tx === undefined ? [] : [{ rx, tx }];
  });
  if (each.length === 0) return undefined;
  return each.reduce((sum, one) => ({ rx: sum.rx + one.rx, tx: sum.tx + one.tx }));
}

/** Larger ones are of no machine, and are not kept exactly either. */
function count(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
