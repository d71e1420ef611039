// How many containers of a group serve, by the moment: Docker is asked which there are, and each is asked over HTTP, ten
// times a second. Shares no code with Theseus.

import { get } from "node:http";
import { engineJson } from "../../support/engine-api.js";

const EVERY_MS = 100;
const ANSWERS_WITHIN_MS = 1_000;

type Row = {
  readonly State: string;
  readonly Ports: readonly { readonly IP?: string; readonly PublicPort?: number }[];
};

export type Sample = { readonly at: number; readonly ready: number };

export class CapacityProber {
  /** In the order in which they were begun. */
  readonly samples: Sample[] = [];
  readonly #ask: () => Promise<Row[]>;
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  readonly #open = new Set<Promise<void>>();

  /** @param group like `web/dev`, in the namespace `default`. */
  constructor(engine: { readonly socket: string; readonly cluster: string }, group: string, path: string) {
    const [service, labels] = group.split("/");
    const label = [`theseus.cluster=${engine.cluster}`, `theseus.service=${service}`, `theseus.labels=${labels}`];
    const query = `/containers/json?filters=${encodeURIComponent(JSON.stringify({ label }))}`;
    this.#ask = () => engineJson<Row[]>(engine.socket, "GET", query);
    this.#path = path;
    this.#timer = setInterval(() => {
      const look = this.#look().finally(() => this.#open.delete(look));
      this.#open.add(look);
    }, EVERY_MS);
  }

  /** The most that served at one look of that time; undefined where nobody looked. */
  most(from: number, to: number): number | undefined {
    const looks = this.samples.filter(({ at }) => at >= from && at <= to).map(({ ready }) => ready);
    return looks.length === 0 ? undefined : Math.max(...looks);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
  }

  async #look(): Promise<void> {
    const at = Date.now();
    const rows = await this.#ask().catch(() => []);
    const ports = rows.flatMap(({ State, Ports }) =>
      State === "running" ? [Ports.find((one) => one.PublicPort)] : [],
    );
    const answers = await Promise.all(ports.map((port) => serves(port?.IP ?? "", port?.PublicPort ?? 0, this.#path)));
    this.samples.push({ at, ready: answers.filter(Boolean).length });
  }
}

function serves(host: string, port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ host, port, path, agent: false, timeout: ANSWERS_WITHIN_MS }, (answer) => {
      answer.resume();
      answer.on("error", () => resolve(false));
      answer.on("end", () => resolve(answer.statusCode === 200));
    });
    asked.on("timeout", () => asked.destroy(new Error("silent")));
    asked.on("error", () => resolve(false));
  });
}
