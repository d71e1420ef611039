// Logs and figures of the group that rolls: a fleet on paper has no engine that could tell them.

import type { LogLines, StatsSample } from "../../../clients/viewer/wire.js";
import type { Feed } from "../inside/eyes.js";
import { SLOT_THAT_MOVES } from "./fleet.js";

const GROUP = { ns: "default", ref: "web/frontend,prod" };
const SLOTS = [1, 2, SLOT_THAT_MOVES, 4, 5, 6];
const MIB = 1_048_576;
const nameOf = (slot: number): string => `web.frontend.prod.${slot}.3-k3f9x2`;

const TEXTS: readonly string[] = [
  "INFO  GET /cart 200 in 12 ms",
  "INFO  GET /item/4711 200 in 8 ms, 3 queries",
  "DEBUG cache: 311 of 512 entries, 2 let go",
  "WARN  GET /search took 1204 ms, more than 1000 ms",
  "INFO  POST /order 201 in 41 ms",
  "ERROR payment: connect ECONNREFUSED 10.0.0.12:5432, tried 3 times",
  '{"level":"info","msg":"sync done","took":"3.2s","items":18230,"next":"2026-11-23T12:00:00Z","source":"stock.prod.internal:8443"}',
];

/** 60 lines of six slots, a container that joins, and five minutes of figures; the newest are of `now`. */
export function paperFeeds(now: number): readonly Feed[] {
  const samples = Array.from({ length: 60 }, (_, at) => sampleOf(now - (59 - at) * 5_000, at));
  return [
    { path: "/api/logs", event: "lines", data: [JSON.stringify(linesOf(now))] },
    { path: "/api/stats", event: "stats", data: samples.map((one) => JSON.stringify(one)) },
  ];
}

function linesOf(now: number): LogLines {
  const sources = SLOTS.map((slot, number) => {
    const host = `node-0${slot + 1}`;
    return { ...GROUP, number, name: nameOf(slot), slot, rev: slot <= SLOT_THAT_MOVES ? 42 : 41, host };
  });
  const lines = Array.from({ length: 60 }, (_, at) => {
    const text = TEXTS[(at * 3) % TEXTS.length] ?? "";
    const nanos = `${BigInt(now - (60 - at) * 730) * 1_000_000n}`;
    return [at % SLOTS.length, nanos, text.startsWith("ERROR") ? 1 : 0, text] as const;
  });
  return { sources, lines, notes: [{ source: SLOT_THAT_MOVES - 1, kind: "joined", text: "" }] };
}

function sampleOf(time: number, at: number): StatsSample {
  const containers = SLOTS.map((slot) => {
    const wave = Math.sin(at / 5 + slot);
    return {
      ...{ id: `${GROUP.ns} ${GROUP.ref} ${nameOf(slot)}`, cpu: 0.12 + 0.05 * wave, cpuLimit: 0.25 },
      ...{ mem: (300 + 20 * slot + 8 * wave) * MIB, memLimit: 768 * MIB, restarts: 0, problem: "" },
      ...{ rxPerSecond: 40_000 + 9_000 * wave, txPerSecond: 210_000 + 30_000 * wave },
    };
  });
  return { time, containers };
}
