// One group of a hundred records, each change of which is about so many bytes on the wire, and who changes them, past
// Theseus, no faster than they are told on.

import { setTimeout as pause } from "node:timers/promises";
import { EtcdApiClient } from "../../support/etcd-api.js";
import type { Question } from "../follow/questions.js";
import type { Revision, Value } from "../gap/truth.js";

const LABELS = Array.from({ length: 16 }, (_, i) => `l${i}-`.padEnd(60, "x")).sort();
const GROUP = LABELS.join(",");
const RECORDS = 100;
const LANES = 48;

export const FLOW: Question = {
  group: { service: "flow", labels: LABELS },
  means: ({ service }) => service === "flow",
};

export class Flow {
  /** The newest revision. */
  head = 0;
  readonly #client: EtcdApiClient;
  readonly #host: string;
  readonly #ahead: number;
  #history: Revision[] = [];
  #written = 0;
  #underWay = 0;

  /**
   * @param padding more bytes on the wire than the labels alone make
   * @param ahead so many revisions the readers may be behind
   */
  constructor(endpoint: string, { padding, ahead }: { readonly padding: number; readonly ahead: number }) {
    this.#ahead = ahead;
    this.#client = new EtcdApiClient(endpoint.replace("http://", ""));
    // It is told twice: as where the container is, and as where it answers.
    this.#host = `${"x".repeat(padding / 2)}.internal`;
  }

  close(): void {
    this.#client.close();
  }

  /** @param told the newest revision that all readers have heard of. */
  async run(changes: number, told: () => number): Promise<void> {
    const goal = this.#written + changes;
    const lane = async (): Promise<void> => {
      while (this.#written < goal) {
        if (this.head + this.#underWay - told() > this.#ahead) await pause(1);
        else await this.#change(this.#written++);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  /** Everything since the last time, in order. */
  takeHistory(): Revision[] {
    const history = this.#history.sort((a, b) => a.revision - b.revision);
    this.#history = [];
    return history;
  }

  async #change(number: number): Promise<void> {
    const key = KEYS[number % RECORDS] ?? "";
    const port = 1 + (number % 60_000);
    const value = JSON.stringify({
      ...{ instance_name: `c${number}`, instance_host: this.#host, instance_port: port },
      port_mappings: { http: { external: port, exposed: 8080, protocol: "tcp" } },
    });
    this.#underWay += 1;
    const put = { key: Buffer.from(key), value: Buffer.from(value), lease: 0n };
    const { header } = await this.#client.must("put", {
      ...put,
      prevKv: false,
      ignoreValue: false,
      ignoreLease: false,
    });
    this.#underWay -= 1;
    const revision = Number(header?.revision ?? 0);
    this.#history.push({ revision, changes: new Map<string, Value>([[key, { modRevision: revision, value }]]) });
    this.head = Math.max(this.head, revision);
  }
}

const KEYS = Array.from({ length: RECORDS }, (_, i) => `/services/flow/${GROUP}/containers/c${i}/info`);
