// Lookups at one server, again and again: whether they are answered, with whom, and how old they say that they are.

import { type Connection, connect } from "../../../clients/connect.js";
import type { ObservedGroup } from "../../support/observed-group.js";
import { until } from "../../support/until.js";

const EVERY_MS = 200;
const ANSWERS_WITHIN_MS = 1_000;
/** Answers that were on their way, and clocks. */
const SLACK_MS = 500;
const FEWEST = 3;
const MOST_TOLD = 3;

export class Looks {
  count = 0;
  readonly #server: string;
  readonly #connection: Connection;
  readonly #ref: ObservedGroup["ref"];
  readonly #least: number;
  #timer: NodeJS.Timeout | undefined;
  #open = new Set<Promise<void>>();
  #wrong: string[] = [];
  #since = 0;
  #isBack = false;

  constructor(server: string, ref: ObservedGroup["ref"], least: number) {
    this.#server = server;
    this.#connection = connect(server, { retryFor: 0 });
    this.#ref = ref;
    this.#least = least;
  }

  /** From now on, while there has been no store since then. */
  begin(since: number): void {
    this.#since = since;
    this.#isBack = false;
    this.#wrong = [];
    this.count = 0;
    this.#timer = setInterval(() => {
      const look = this.#look().finally(() => this.#open.delete(look));
      this.#open.add(look);
    }, EVERY_MS);
  }

  /** From now on answers may be of now again. */
  back(): void {
    this.#isBack = true;
  }

  /** What was wrong. */
  async end(): Promise<string[]> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    const few = this.count < FEWEST ? [`${this.#server}: only ${this.count} looks`] : [];
    return [...few, ...this.#wrong.slice(0, MOST_TOLD).map((text) => `${this.#server}: ${text}`)];
  }

  /** How long after that an answer was first known to be the store's of later. */
  async freshAfter(since: number, withinMs: number): Promise<number> {
    const isFresh = async () => {
      const { asOfTime } = await this.#ask().catch(() => ({ asOfTime: undefined }));
      return asOfTime !== undefined && asOfTime.getTime() > since ? Date.now() - since : undefined;
    };
    return await until(`${this.#server} to be fresh`, isFresh, { withinMs });
  }

  async stop(): Promise<void> {
    await this.end();
    this.#connection.close();
  }

  #ask() {
    const target = { $case: "group" as const, value: this.#ref };
    return this.#connection.discovery.lookup({ target }, { deadline: ANSWERS_WITHIN_MS });
  }

  async #look(): Promise<void> {
    this.count += 1;
    try {
      const { endpoints, asOfTime } = await this.#ask();
      if (endpoints.length < this.#least) this.#wrong.push(`${endpoints.length} endpoints are told`);
      const claims = (asOfTime?.getTime() ?? Number.POSITIVE_INFINITY) - this.#since;
      if (claims > SLACK_MS && !this.#isBack)
        this.#wrong.push(`an answer is said to be of ${claims} ms after the store went`);
    } catch (error) {
      this.#wrong.push(`no answer: ${String(error)}`);
    }
  }
}
