// The log of every container as its engine gives it, read over the socket while the container is there: in which order
// the lines stand, and when the engine took each in. Shares no code with Theseus.

import { request } from "node:http";
import type { ObservedEngine, SeenEvent } from "../../support/observed-engine.js";
import { until } from "../../support/until.js";

/** "TIME stdout TEXT" */
export type EngineLine = string;

export class EngineLogs {
  /** By container name, of those whose log has come to its end. */
  readonly whole = new Map<string, readonly EngineLine[]>();
  readonly #readings: Promise<void>[] = [];
  #taken = 0;

  private constructor(
    private readonly engine: ObservedEngine,
    private readonly events: { readonly seen: readonly SeenEvent[]; close(): void },
    private readonly isOurs: (event: SeenEvent) => boolean,
  ) {}

  static async follow(engine: ObservedEngine, isOurs: (event: SeenEvent) => boolean): Promise<EngineLogs> {
    const logs = new EngineLogs(engine, await engine.follow(), isOurs);
    const timer = setInterval(() => logs.#takeStarted(), 20);
    const { close } = logs.events;
    logs.close = () => {
      clearInterval(timer);
      close();
    };
    return logs;
  }

  close: () => void = () => undefined;

  /** Until the logs of all that have started have ended. */
  async ended(): Promise<void> {
    await until("the events of the engine", () => this.#taken === this.events.seen.length);
    await Promise.all(this.#readings);
  }

  #takeStarted(): void {
    const fresh = this.events.seen.slice(this.#taken);
    this.#taken += fresh.length;
    for (const event of fresh) {
      if (event.action === "start" && this.isOurs(event)) this.#readings.push(this.#read(event));
    }
  }

  async #read({ id, attributes }: SeenEvent): Promise<void> {
    const bytes = await body(
      this.engine.socket,
      `/containers/${id}/logs?stdout=1&stderr=1&timestamps=1&follow=1`,
    ).catch(() => undefined);
    if (bytes !== undefined) this.whole.set(attributes["name"] ?? "", linesIn(bytes));
  }
}

function body(socketPath: string, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => resolve(Buffer.concat(parts)));
    });
    asking.on("error", reject);
    asking.end();
  });
}

/** Each line is one frame: 8 bytes of which the first says which stream, the last four how long. */
function linesIn(bytes: Buffer): readonly EngineLine[] {
  const lines: EngineLine[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    const [time = "", ...text] = bytes
      .toString("utf8", at + 8, end)
      .trimEnd()
      .split(" ");
    lines.push(`${time} ${bytes[at] === 2 ? "stderr" : "stdout"} ${text.join(" ")}`);
    at = end;
  }
  return lines;
}
