// Write load: several writers at once, each sending its next write when the last one is answered. Refused and lost
// answers are counted, never repeated.

import { PutRequest } from "../../../src/embedded/gen/etcd.js";
import { type Answer, EtcdApiClient } from "../../support/etcd-api.js";
import { type Ledger, requestOf, type Sent } from "./ledger.js";

const UNIQUE_EVERY = 3;
const DELETE_EVERY = 5;
const LARGE_EVERY = 17;
/** Over a block of LevelDB's log, so that records lie over several. */
const LARGE = 40_000;

export class Writers {
  readonly #ledger: Ledger;
  readonly #api: EtcdApiClient;
  readonly #work: Promise<unknown>;
  acknowledged = 0;
  refused = 0;
  #isOver = false;

  /** @param name unlike that of all other writers on the ledger. */
  constructor(address: string, ledger: Ledger, name: string, count: number) {
    this.#ledger = ledger;
    this.#api = new EtcdApiClient(address);
    const each = Array.from({ length: count }, (_, at) => this.#write(`${name}.${at}`));
    this.#work = Promise.all(each);
  }

  /** Once what is under way is answered, or its connection lost. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#work;
    this.#api.close();
  }

  async #write(writer: string): Promise<void> {
    for (let number = 1; !this.#isOver; number++) {
      const sent = nextWrite(writer, number);
      this.#ledger.send(sent);
      const answer = await this.#send(sent);
      if ("ok" in answer) {
        this.acknowledged += 1;
        this.#ledger.acknowledge(sent, answer.ok.header?.revision ?? 0n);
      } else {
        this.refused += 1;
        // A store that refuses does so at once.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }

  #send(sent: Sent): Promise<Answer<{ header: { revision: bigint } | undefined }>> {
    const [first, ...more] = sent.changes;
    if (first?.value === undefined || more.length > 0) return this.#api.call("txn", requestOf(sent));
    const put = { key: Buffer.from(first.key), value: Buffer.from(first.value) };
    return this.#api.call("put", PutRequest.fromPartial(put));
  }
}

/** Puts of new keys, and transactions that overwrite and delete keys of the same writer. */
function nextWrite(writer: string, number: number): Sent {
  const id = `${writer}-${number}`;
  const text = number % LARGE_EVERY === 0 ? `${id} ${"x".repeat(LARGE)}` : `${id} text`;
  if (number % UNIQUE_EVERY === 0) return { id, changes: [{ key: `new/${id}`, value: text }] };
  const first = { key: `own/${writer}`, value: text };
  const other = { key: `own/${writer}/other`, value: number % DELETE_EVERY === 0 ? undefined : id };
  // A key that is not there cannot be deleted.
  const before = number % DELETE_EVERY === 0 ? [{ key: `own/${writer}/gone`, value: id }] : [];
  return { id, changes: other.value === undefined ? [first, ...before] : [first, other] };
}
