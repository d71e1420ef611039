// What the containers of some groups use, sampled as long as somebody looks.

import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { GroupKey, StatsSample } from "../../wire.js";
import { openStream } from "../live/browser.js";
import type { Refused } from "../live/ports.js";
import { UsageHistory } from "./history.js";

export interface SampledUsage {
  readonly history: UsageHistory;
  /** Time of the newest sample; 0: there is none. */
  readonly newest: ReadonlySignal<number>;
  readonly refused: ReadonlySignal<Refused | undefined>;
}

/** @param isOn false takes no samples. */
export function useStats({ ns, ref }: GroupKey, isOn = true): SampledUsage {
  const sampled = useMemo(
    () => ({ history: new UsageHistory(), newest: signal(0), refused: signal<Refused | undefined>(undefined) }),
    [ns, ref],
  );
  useEffect(() => {
    if (!isOn || ref === "") return;
    const { close } = openStream(`/api/stats?${new URLSearchParams({ target: `${ns} ${ref}` })}`, {
      event: ({ name, data }) => {
        if (name !== "stats") return;
        const sample = JSON.parse(data) as StatsSample;
        sampled.history.add(sample);
        sampled.newest.value = sample.time;
      },
      refused: (why) => {
        sampled.refused.value = why;
      },
    });
    return close;
  }, [sampled, isOn]);
  return sampled;
}
