// The store that the settings name, as one wire: etcd, whose library is loaded late, or the embedded store in a folder,
// which is open from here on. The rest of the server knows no difference.

import type { StoreConfig } from "../config/store.js";
import type { Milliseconds } from "../model/instant.js";
import type { Clock, EtcdWire, Logger, Rng } from "../model/ports.js";
import { endsWithin } from "./later.js";
import { lazyWire } from "./lazy-wire.js";

export type OpenStore = {
  readonly wire: EtcdWire;
  /** As "host:port", where etcd's API of the embedded store is served. */
  readonly listening: string | undefined;
  /** After everything that uses the wire. Nothing of the store is in use when it resolves. Never rejects. */
  close(): Promise<void>;
};

type Given = { readonly clock: Clock; readonly rng: Rng; readonly log: Logger };

/** Fails when the folder cannot be used, which it says whose it is, or when it cannot listen; then nothing stays open. */
export async function openStore(config: StoreConfig, given: Given): Promise<OpenStore> {
  switch (config.kind) {
    case "etcd": {
      const { clock } = given;
      const wire = lazyWire(async () => (await import("../etcd/wire.js")).createEtcdWire({ ...config.etcd, clock }));
      return { wire, listening: undefined, close: async () => wire.close() };
    }
    case "embedded":
      return await openEmbedded(config, given);
  }
}

/** Closes it, but does not wait for ever for a disk that hangs. Never rejects. */
export async function closeInTime(
  store: Pick<OpenStore, "close">,
  { clock, log }: Pick<Given, "clock" | "log">,
  within: Milliseconds,
): Promise<void> {
  if (!(await endsWithin(clock, within, store.close()))) log.warn({}, HANGING);
}

const HANGING = "the store did not close in time; what it has acknowledged is on the disk";

type Folder = Extract<StoreConfig, { readonly kind: "embedded" }>;

async function openEmbedded({ folder, listen }: Folder, { clock, rng, log }: Given): Promise<OpenStore> {
  const [{ openEmbeddedStore }, { createEmbeddedWire }] = await Promise.all([
    import("../embedded/store.js"),
    import("../embedded/wire.js"),
  ]);
  const store = await openEmbeddedStore({ folder, clock, rng, log });
  try {
    const wire = createEmbeddedWire(store);
    const served =
      listen === undefined ? undefined : await (await import("../embedded/serve.js")).serveEtcdApi(store, listen, log);
    return {
      wire,
      listening: served?.address,
      close: async () => {
        wire.close();
        await served?.close();
        await store.close().catch((error: unknown) => log.warn({ error }, UNCLEAN));
      },
    };
  } catch (error) {
    await store.close().catch(() => undefined);
    throw error;
  }
}

const UNCLEAN = "the embedded store did not close cleanly; what it has acknowledged is on the disk";
