// How a host record follows what its engine answers. Pure.

import { TheseusError } from "../model/errors.js";
import type { HostRecord } from "../model/host.js";
import { type Instant, MINUTE } from "../model/instant.js";
import { labelSet } from "../model/labels.js";
import type { EngineInfo } from "../model/ports.js";

/** What the operator decides about hosts. */
export type HostSettings = {
  /** What containers there are reached at. */
  readonly address: (host: string, info: EngineInfo) => string;
  readonly labels: readonly string[];
};

/** A running host's lastSeen may be that old in the store. */
const HEARTBEAT = MINUTE;

/** Of a host that never answered: no engine, no room. */
export function blankRecord(name: string, settings: HostSettings, now: Instant, nextPort: number): HostRecord {
  return {
    name,
    engineId: "",
    engineVersion: "",
    address: "",
    labels: labelSet(settings.labels),
    cpu: 0,
    mem: 0,
    nextPort,
    freedPorts: {},
    lastSeen: now,
  };
}

/** An answer of the engine that the record names; another engine's answer changes nothing. */
export function answered(record: HostRecord, info: EngineInfo, settings: HostSettings): HostRecord {
  if (record.engineId !== "" && record.engineId !== info.engineId) return record;
  return {
    ...record,
    engineId: info.engineId,
    engineVersion: info.version,
    address: settings.address(record.name, info),
    labels: labelSet(settings.labels),
    cpu: info.cpu,
    mem: info.mem,
  };
}

export function asStored(record: HostRecord, problem: HostRecord["problem"], lastSeen: Instant): HostRecord {
  const { problem: _, ...rest } = record;
  return problem === undefined ? { ...rest, lastSeen } : { ...rest, lastSeen, problem };
}

/** Only lastSeen changes all the time; it is written about once a minute. */
export function worthWriting(stored: HostRecord, next: HostRecord): boolean {
  const facts = (record: HostRecord): string => JSON.stringify([...Object.entries({ ...record, lastSeen: 0 })].sort());
  return facts(stored) !== facts(next) || next.lastSeen - stored.lastSeen >= HEARTBEAT;
}

/** An engine's failure in one line. */
export function problemWords(error: unknown): string {
  if (error instanceof TheseusError) return error.facts.why?.[0] ?? error.facts.what;
  return error instanceof Error ? error.message : String(error);
}
