// Totals are counted when the rows have been painted: a key that is typed does not wait for them.

import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { fleet } from "../live/fleet.js";
import { namespace, passes } from "./state.js";

/** What `source` is, a moment after the filter or the rows have changed. Undefined at first. */
export function useSettled<Value>(source: ReadonlySignal<Value>): Value | undefined {
  const [value, setValue] = useState<Value>();
  const causes = [passes, namespace, fleet.groups.version, fleet.containers.version, fleet.hosts.version];
  useEffect(() => {
    const timer = setTimeout(() => setValue(() => source.peek()), 0);
    return () => clearTimeout(timer);
  }, [source, ...causes.map((cause) => cause.value)]);
  return value;
}
