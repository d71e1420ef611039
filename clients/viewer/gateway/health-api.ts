// GET /healthz and /metrics of the gateway itself.

import type { Truth } from "../wire.js";
import { json } from "./answer.js";
import type { Fleet } from "./fleet.js";
import type { Handler } from "./http.js";
import type { Readers } from "./readers.js";
import { openRelays } from "./relay.js";

export interface HealthParts {
  readonly fleet: Fleet;
  readonly readers: Readers;
  readonly truth: () => Truth;
  readonly failures: { readonly count: number };
}

export function healthHandlers(parts: HealthParts): [string, Handler][] {
  return [
    ["/healthz", () => json({ truth: parts.truth() })],
    ["/metrics", () => metrics(parts)],
  ];
}

const STATES: readonly Truth["state"][] = ["ok", "reading", "behind", "store-away", "server-away"];

type Row = readonly [name: string, help: string, values: readonly (readonly [labels: string, value: number])[]];

function metrics(parts: HealthParts) {
  const text = rowsOf(parts)
    .map(([name, help, values]) => {
      const kind = name.endsWith("_total") ? "counter" : "gauge";
      const lines = values.map(([labels, value]) => `${name}${labels} ${value}\n`).join("");
      return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${lines}`;
    })
    .join("");
  return { status: 200, type: "text/plain; version=0.0.4; charset=utf-8", body: text };
}

function rowsOf({ fleet, readers, truth, failures }: HealthParts): Row[] {
  const { state, asOf, now } = truth();
  const { heapUsed, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const states = STATES.map((one) => [`{state="${one}"}`, one === state ? 1 : 0] as const);
  return [
    ["theseus_viewer_readers", "Pages that follow the stream.", [["", readers.count]]],
    ["theseus_viewer_relays", "Streams of logs and stats that are open.", [["", openRelays.count]]],
    ["theseus_viewer_frames_total", "Events sent to pages.", [["", readers.tally.frames]]],
    ["theseus_viewer_bytes_total", "Bytes of the events sent to pages.", [["", readers.tally.bytes]]],
    ["theseus_viewer_dropped_total", "Pages let go because they did not read.", [["", readers.tally.dropped]]],
    ["theseus_viewer_failed_calls_total", "Calls to servers that failed.", [["", failures.count]]],
    [
      "theseus_viewer_rows",
      "Rows by kind.",
      [
        ['{kind="group"}', fleet.groups.size],
        ['{kind="container"}', fleet.containers.size],
        ['{kind="host"}', fleet.hosts.size],
      ],
    ],
    ["theseus_viewer_truth", "1 for how things stand.", states],
    [
      "theseus_viewer_age_seconds",
      "Since the rows were last known to be true.",
      // Nothing was read yet: there are no rows to be of any age.
      asOf === 0 ? [] : [["", Math.max(0, now - asOf) / 1000]],
    ],
    ["process_cpu_seconds_total", "CPU time of this process.", [["", (user + system) / 1e6]]],
    ["process_resident_memory_bytes", "Memory of this process.", [["", rss]]],
    ["nodejs_heap_size_used_bytes", "Heap of this process.", [["", heapUsed]]],
  ];
}
