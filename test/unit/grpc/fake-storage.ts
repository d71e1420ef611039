// A store's status and backup as the test says them.

import type { EtcdWire, StoreStatus } from "../../../src/model/ports.js";

export class FakeStorage implements Pick<EtcdWire, "status" | "backup"> {
  answer: StoreStatus = {
    kind: "etcd",
    version: "3.4.23",
    revision: 7n,
    size: 4096,
    sizeInUse: 1024,
    alarms: [],
    members: [{ endpoint: "http://127.0.0.1:2379" }],
  };
  /** Thrown by both while it is set. */
  broken: Error | undefined;
  parts: readonly Uint8Array[] = [Buffer.from("a backup")];
  /** Thrown after the last part. */
  brokenAfter: Error | undefined;
  /** Parts that were taken so far. */
  taken = 0;
  /** The reader has left. */
  left = false;

  async status(): Promise<StoreStatus> {
    if (this.broken !== undefined) throw this.broken;
    return this.answer;
  }

  async *backup(): AsyncGenerator<Uint8Array> {
    if (this.broken !== undefined) throw this.broken;
    try {
      for (const part of this.parts) {
        this.taken++;
        yield part;
      }
      if (this.brokenAfter !== undefined) throw this.brokenAfter;
    } finally {
      this.left = true;
    }
  }
}
