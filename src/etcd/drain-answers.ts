// What this server says of drains, each under its own key.

import type { DrainAnswer } from "../model/drain.js";
import type { AnsweredDrain, DrainStore, Written } from "../model/store.js";
import { encode } from "./json-codec.js";
import { drainAnswerKey, drainKey, EPOCHS_RANGE, epochKey } from "./keys.js";
import type { Parts } from "./parts.js";
import { drainAnswerCodec } from "./record-codec.js";
import { Transaction } from "./transaction.js";

export class EtcdDrainAnswers implements DrainStore {
  readonly #parts: Pick<Parts, "wire" | "serverId">;

  constructor(parts: Pick<Parts, "wire" | "serverId">) {
    this.#parts = parts;
  }

  async answerDrain(
    { container, revision, seen }: AnsweredDrain,
    answer: DrainAnswer,
    former: bigint,
  ): Promise<Written | undefined> {
    const { wire, serverId } = this.#parts;
    const key = drainAnswerKey(container, serverId);
    const txn = new Transaction()
      .unchanged(drainKey(container), revision)
      .unchanged(key, former)
      // In another stretch of history the same revision may be another drain's.
      .compare({ ...EPOCHS_RANGE, target: "create", op: "<", value: seen.revision + 1n })
      .put(key, encode(drainAnswerCodec, answer));
    if (seen.epoch !== "") txn.exists(epochKey(seen.epoch));
    const { succeeded, revision: at } = await txn.commit(wire);
    return succeeded ? { revision: at } : undefined;
  }
}
