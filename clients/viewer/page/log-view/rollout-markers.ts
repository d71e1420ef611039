// A rollout as markers among log lines. Pure.

import type { GroupKey, RolloutRow } from "../../wire.js";
import { type Marker, nanosOf } from "./line.js";

export function rolloutMarkers({ ns, ref }: GroupKey, row: RolloutRow): Marker[] {
  const { id, from, to, started, ended, failure, state } = row;
  const marker = (what: string, time: number, text: string): Marker[] =>
    time <= 0 ? [] : [{ key: `rollout ${ns} ${ref} ${id} ${what}`, nanos: nanosOf(time), marker: "rollout", text }];
  const begin =
    from > 0 ? `rollout ${id} of ${ref} began: rev ${from} → ${to}` : `rollout ${id} of ${ref} began: rev ${to}`;
  return [
    ...marker("begin", started, begin),
    ...marker("failed", failure?.time ?? 0, `rollout ${id} of ${ref} failed: ${failure?.text ?? ""}`),
    ...marker("end", ended, `rollout ${id} of ${ref}: ${state.replaceAll("-", " ")}`),
  ];
}
