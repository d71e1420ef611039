// GET /api/stats: what containers use, a sample each second or so, for as long as somebody looks.

import type { Connection } from "../../connect.js";
import type { ContainerStats, ReadStatsResponse } from "../../gen/theseus/v1/theseus_service.js";
import type { StatsSample } from "../wire.js";
import type { Handler } from "./http.js";
import { targetsOf } from "./log-api.js";
import { relay } from "./relay.js";
import { containerId, timeOf } from "./rows.js";

export function statsHandler({ theseus }: Connection): Handler {
  return async (call) => {
    const request = { targets: targetsOf(call.params), host: call.params.text("host"), follow: true };
    return relay(call, "stats", samplesOf(theseus.readStats(request, { signal: call.signal })));
  };
}

/** Whole samples, however many parts they come in. */
async function* samplesOf(messages: AsyncIterable<ReadStatsResponse>): AsyncGenerator<StatsSample> {
  let parts: ContainerStats[] = [];
  for await (const { time, containers, more } of messages) {
    parts.push(...containers);
    if (more) continue;
    yield { time: timeOf(time), containers: parts.map(figuresOf) };
    parts = [];
  }
}

function figuresOf(stats: ContainerStats): StatsSample["containers"][number] {
  const { group, name, cpu, cpuLimit, memBytes, memLimitBytes, restarts, problem } = stats;
  return {
    id: containerId(group, name),
    cpu: cpu ?? null,
    cpuLimit: cpuLimit ?? null,
    mem: numberOf(memBytes),
    memLimit: numberOf(memLimitBytes),
    rxPerSecond: stats.netRxBytesPerSecond ?? null,
    txPerSecond: stats.netTxBytesPerSecond ?? null,
    restarts: restarts ?? null,
    problem,
  };
}

function numberOf(value: bigint | undefined): number | null {
  return value === undefined ? null : Number(value);
}
