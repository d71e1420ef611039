// For the proof that a crash at any moment is survived: a Runtime that counts its changing calls and ends the process by
// SIGKILL right after one of them.

import type { Runtime } from "../model/ports.js";

/** @param after which of the calls is the last; undefined: the runtime itself. @param crash stands in for it in tests. */
export function withCrashPoint(runtime: Runtime, after: number | undefined, crash: () => void = killed): Runtime {
  if (after === undefined) return runtime;
  let left = after;
  const counted = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      try {
        return await call(...args);
      } finally {
        left -= 1;
        if (left === 0) crash();
      }
    };
  };
  return {
    ...runtime,
    create: counted(runtime.create),
    start: counted(runtime.start),
    stop: counted(runtime.stop),
    remove: counted(runtime.remove),
    setRestartPolicy: counted(runtime.setRestartPolicy),
  };
}

function killed(): void {
  process.kill(process.pid, "SIGKILL");
}
