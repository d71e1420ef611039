// For tests of what a crash leaves behind: one counter that every transaction of the store and every changing call to
// Docker passes, and that ends the process by SIGKILL right before or right after one of them.

import type { CrashPoint } from "../config.js";
import type { EtcdWire, Runtime } from "../model/ports.js";

/** The same ports, counted together. */
export type Counted = {
  readonly wire: (wire: EtcdWire) => EtcdWire;
  readonly runtime: (runtime: Runtime) => Runtime;
};

type Call<A extends unknown[], R> = (...args: A) => Promise<R>;

/** @param point undefined: the ports themselves. @param crash stands in for the end of the process in tests. */
export function crashingAt(point: CrashPoint | undefined, crash: () => void = killed): Counted {
  if (point === undefined) return { wire: (wire) => wire, runtime: (runtime) => runtime };
  let left = point.count;
  const counted = <A extends unknown[], R>(call: Call<A, R>): Call<A, R> => {
    return async (...args) => {
      left -= 1;
      const isLast = left === 0;
      if (isLast && point.when === "before") crash();
      try {
        return await call(...args);
      } finally {
        if (isLast && point.when === "after") crash();
      }
    };
  };
  return {
    wire: (wire) => withTxn(wire, counted(wire.txn.bind(wire))),
    runtime: (runtime) => changing(runtime, counted),
  };
}

/** The store's port is a class with secrets of its own, so that it cannot be spread. */
function withTxn(wire: EtcdWire, txn: EtcdWire["txn"]): EtcdWire {
  return {
    range: (request) => wire.range(request),
    txn,
    compact: (revision) => wire.compact(revision),
    leaseGrant: (ttlSeconds) => wire.leaseGrant(ttlSeconds),
    leaseRevoke: (lease) => wire.leaseRevoke(lease),
    leaseKeepAlive: (lease) => wire.leaseKeepAlive(lease),
    watch: (request) => wire.watch(request),
    status: () => wire.status(),
    backup: () => wire.backup(),
    close: () => wire.close(),
  };
}

function changing(runtime: Runtime, counted: <A extends unknown[], R>(call: Call<A, R>) => Call<A, R>): Runtime {
  return {
    ...runtime,
    create: counted(runtime.create),
    start: counted(runtime.start),
    stop: counted(runtime.stop),
    remove: counted(runtime.remove),
    setRestartPolicy: counted(runtime.setRestartPolicy),
    tryOut: counted(runtime.tryOut),
  };
}

function killed(): void {
  process.kill(process.pid, "SIGKILL");
}
