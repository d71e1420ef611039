// An EtcdWire that is there at once while the library behind it is still being loaded: calls wait for it, and streams
// remember what was sent.

import type { EtcdWire, KeepAliveStream, WatchStream } from "../model/ports.js";

/** A failure to load is the failure of every call. */
export function lazyWire(load: () => Promise<EtcdWire>): EtcdWire {
  let loading: Promise<EtcdWire> | undefined;
  let closed = false;
  const wire = (): Promise<EtcdWire> => {
    loading ??= load().then((loaded) => {
      if (closed) loaded.close();
      return loaded;
    });
    return loading;
  };
  return {
    range: async (request) => (await wire()).range(request),
    txn: async (...request) => (await wire()).txn(...request),
    compact: async (revision) => (await wire()).compact(revision),
    leaseGrant: async (ttlSeconds) => (await wire()).leaseGrant(ttlSeconds),
    leaseRevoke: async (lease) => (await wire()).leaseRevoke(lease),
    status: async () => (await wire()).status(),
    backup: async function* () {
      yield* (await wire()).backup();
    },
    leaseKeepAlive: (lease) => lazyKeepAlive(wire().then((loaded) => loaded.leaseKeepAlive(lease))),
    watch: (request) => lazyWatch(wire().then((loaded) => loaded.watch(request))),
    close: () => {
      closed = true;
      loading?.then((loaded) => loaded.close()).catch(() => undefined);
    },
  };
}

function lazyKeepAlive(opening: Promise<KeepAliveStream>): KeepAliveStream {
  const stream = opened(opening);
  return {
    ...stream,
    send: () => stream.once((open) => open.send()),
    close: (unanswered) => stream.once((open) => open.close(unanswered)),
  };
}

function lazyWatch(opening: Promise<WatchStream>): WatchStream {
  const stream = opened(opening);
  return { ...stream, requestProgress: () => stream.once((open) => open.requestProgress()) };
}

/** What both kinds of stream share. A failure to open is told to whoever iterates, and to nobody else. */
function opened<M, S extends AsyncIterable<M> & { close(): void }>(opening: Promise<S & AsyncIterable<M>>) {
  const once = (act: (stream: S) => void): void => {
    opening.then(act).catch(() => undefined);
  };
  return {
    once,
    close: () => once((stream) => stream.close()),
    async *[Symbol.asyncIterator](): AsyncGenerator<M> {
      yield* await opening;
    },
  };
}
