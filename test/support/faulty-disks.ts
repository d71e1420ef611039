// Disks of the embedded store in memory, all showing the same records, that fail, hang and recover as a test says.

import { type Disk, DiskFailure } from "../../src/embedded/disk.js";
import type { DiskOperation, DiskRecord } from "../../src/embedded/records.js";

export class FaultyDisks {
  readonly #records = new Map<string, DiskRecord>();
  #failure: { readonly text: string; readonly isStored: boolean } | undefined;
  #held: (() => void)[] | undefined;
  opened = 0;
  writes = 0;

  /** Writes fail from now on, as does opening; what fails stands on the disk all the same if it says so. */
  fail(text: string, { isStored = false } = {}): void {
    this.#failure = { text, isStored };
  }

  heal(): void {
    this.#failure = undefined;
  }

  /** Writes hang from now on. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const go of held) go();
  }

  get waiting(): number {
    return this.#held?.length ?? 0;
  }

  readonly open = async (): Promise<Disk> => {
    if (this.#failure !== undefined) throw new DiskFailure(new Error(this.#failure.text));
    this.opened++;
    let isBroken = false;
    return {
      write: async (operations) => {
        this.writes++;
        if (this.#held !== undefined) await new Promise<void>((go) => this.#held?.push(go));
        const failure = isBroken ? { text: "it failed before", isStored: false } : this.#failure;
        if (failure === undefined || failure.isStored) this.#apply(operations);
        if (failure === undefined) return;
        isBroken = true;
        throw new DiskFailure(new Error(failure.text));
      },
      records: () => this.#sorted(),
      close: async () => undefined,
    };
  };

  #apply(operations: readonly DiskOperation[]): void {
    for (const operation of operations) {
      const name = operation.key.toString("latin1");
      if (operation.type === "put") this.#records.set(name, { key: operation.key, value: operation.value });
      else this.#records.delete(name);
    }
  }

  async *#sorted(): AsyncGenerator<DiskRecord, void, undefined> {
    yield* [...this.#records].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
  }
}
