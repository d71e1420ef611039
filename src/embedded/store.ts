// Opens the embedded store: claims its folder, takes up what is there, and puts the parts together.

import type { Clock, Logger, Rng } from "../model/ports.js";
import type { EmbeddedStore } from "./api.js";
import { Compactor } from "./compactor.js";
import type { Disk } from "./disk.js";
import { EtcdCalls } from "./etcd-calls.js";
import { damaged, StoreFolder } from "./folder.js";
import { Head } from "./head.js";
import { Journal } from "./journal.js";
import { LeaseDesk } from "./lease-desk.js";
import { type Loaded, loadStore } from "./load.js";
import { DEFAULT_QUOTA, Quota } from "./quota.js";
import { repairDisk } from "./repair.js";
import { tick } from "./ticker.js";
import { Visible } from "./visible.js";
import type { WatchStream } from "./watch-stream.js";
import { Writer } from "./writer.js";

export type EmbeddedStoreOptions = {
  readonly folder: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  /** Bytes of all versions of all keys in memory, 200 more for each; 256 MiB when absent. */
  readonly quotaBytes?: number;
  /** LevelDB unless told otherwise. */
  readonly openDisk?: (folder: string) => Promise<Disk>;
};

/**
 * The store of that folder, a new one when there is none. The folder is made for its owner alone and is this process's
 * until close(). STORE_UNREACHABLE when it cannot be used or another process holds it, STORE_DAMAGED when something of it
 * is not what was written: nothing is deleted then.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const { folder, disk } = await StoreFolder.claim(options.folder, options, options.openDisk);
  try {
    const loaded = await loadStore(disk, options.rng, options.clock.monotonic());
    return build(options, folder, disk, loaded);
  } catch (error) {
    await disk.close();
    throw damaged(options.folder, error);
  }
}

function build(options: EmbeddedStoreOptions, folder: StoreFolder, disk: Disk, loaded: Loaded): EmbeddedStore {
  const { clock, rng } = options;
  const log = options.log.child({ part: "embedded store" });
  const { history, leases, identity } = loaded;
  const visible = new Visible(history, identity);
  const quota = new Quota(options.quotaBytes ?? DEFAULT_QUOTA, history);
  const rollBack = (revision: number): void => {
    history.rollBack(revision);
    history.attachLeases(leases);
  };
  const streams = new Set<WatchStream>();
  const memory = {
    publish: (revision: number) => visible.publish(revision),
    rollBack: () => rollBack(visible.revision),
    repair: async (one: Disk) => {
      await repairDisk(one, loaded);
      // It may have compacted.
      quota.lookAgain();
    },
    lose: () => {
      for (const stream of streams) stream.close();
    },
  };
  const journal = new Journal(disk, { clock, log, memory, reopen: () => folder.reopen() });
  const writer = new Writer(history, journal, () => rollBack(history.head));
  const head = new Head(history, leases, clock);
  const desk = new LeaseDesk({ leases, head, journal, writer, visible, quota, clock, rng });
  const stopping = new AbortController();
  const ticking = tick({ clock, log, leases, desk, journal, streams }, stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await ticking;
  };
  const release = (): Promise<void> => folder.release();
  const compactor = new Compactor(visible, journal, quota);
  const ends = { stop, release };
  return new EtcdCalls({ folder, visible, leases, head, journal, writer, compactor, desk, quota, streams, ...ends });
}
