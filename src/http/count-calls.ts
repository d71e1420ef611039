// Counts the calls of any port without the port knowing it.

import { TheseusError } from "../model/errors.js";
import type { Clock } from "../model/ports.js";
import type { Measured } from "./metrics.js";

export type Counting = {
  readonly kind: Measured["kind"];
  readonly observe: (call: Measured) => void;
  readonly clock: Clock;
};

/** The same port; every method that gives a promise is measured when that is settled. Everything else goes through. */
export function countCalls<T extends object>(port: T, counting: Counting): T {
  const wrapped = new Map<PropertyKey, unknown>();
  return new Proxy(port, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const known = wrapped.get(name);
      if (known !== undefined) return known;
      const measuring = measure(String(name), value.bind(target) as (...args: unknown[]) => unknown, counting);
      wrapped.set(name, measuring);
      return measuring;
    },
  });
}

function measure(method: string, call: (...args: unknown[]) => unknown, { kind, observe, clock }: Counting) {
  return (...args: unknown[]): unknown => {
    const started = clock.monotonic();
    const result = call(...args);
    if (!(result instanceof Promise)) return result;
    const end = (outcome: string): void =>
      observe({ kind, method, outcome, milliseconds: clock.monotonic() - started });
    result.then(
      () => end("ok"),
      (error: unknown) => end(error instanceof TheseusError ? error.reason : "INTERNAL"),
    );
    return result;
  };
}
