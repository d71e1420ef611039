// Whether an entry of a mirror says what was written, as far as somebody acts on it: the raw value is read in code of its
// own. Pure.

import type { Entry, EntryAt } from "../../../src/model/store.js";
import { type Json, readKey, type Stood } from "./raw-store.js";

const KINDS: Readonly<Record<string, Entry["kind"]>> = {
  ...{ config: "config", group: "group", intent: "intent", info: "info", drain: "drain", answer: "drainAnswer" },
  other: "service",
};

/** In words; undefined: it is what was written. */
export function unlikeWritten(key: string, { revision, value }: Stood, shown: EntryAt | undefined): string | undefined {
  if (shown === undefined) return `it is not told of, and was written at revision ${revision}`;
  const { entry, modRevision } = shown;
  if (Number(modRevision) !== revision) return `it is told as of revision ${modRevision}, and is of ${revision}`;
  const kind = KINDS[readKey(key).kind];
  if (entry.kind !== kind) return `it is told as ${entry.kind}, and is ${kind ?? "nothing"}`;
  const [told, written] = [JSON.stringify(factsOf(entry)), JSON.stringify(factsIn(kind, JSON.parse(value) as Json))];
  return told === written ? undefined : `it is told as ${told}, and is ${written}`;
}

function factsOf(entry: Entry): readonly unknown[] {
  switch (entry.kind) {
    case "group":
      return [entry.uid];
    case "config": {
      const { config, configRevision, change, removing, steering, pin, restart } = entry.record;
      const said = [steering?.paused !== undefined, steering?.aborted !== undefined];
      const of = [configRevision, change.actor, removing !== undefined, ...said, pin?.pinned ?? null, restart ?? null];
      return [config.image, config.instances ?? null, ...of];
    }
    case "intent": {
      const { name, slot, generation, configRevision, fingerprint, host, hostPorts, phase } = entry.intent;
      return [name, slot, generation, configRevision, fingerprint, host, hostPorts["http"] ?? null, phase];
    }
    case "info": {
      const { instanceName, instanceHost, instancePort, state, slot, generation, configRevision } = entry.info;
      return [instanceName, instanceHost, instancePort, ...[state, slot, generation, configRevision].map(orNull)];
    }
    case "drain":
      return [[...entry.record.servers], entry.record.ackDeadline];
    case "drainAnswer":
      return [entry.answer.awaits.map(({ watcherId, connected }) => [watcherId, connected])];
    case "service":
    case "namespace":
    case "cluster":
    case "broken":
      return [];
  }
}

function factsIn(kind: Entry["kind"], value: Json): readonly unknown[] {
  const of = (...names: readonly string[]): readonly unknown[] => names.map((name) => orNull(value[name]));
  const inside = (name: string): Json => (value[name] ?? {}) as Json;
  switch (kind) {
    case "group":
      return of("uid");
    case "config": {
      const said = [isThere(inside("steering")["paused"]), isThere(inside("steering")["aborted"])];
      const asked = [inside("config")["image"], orNull(inside("config")["instances"])];
      const by = [orNull(value["config_revision"]), inside("change")["actor"], isThere(value["removing"])];
      return [...asked, ...by, ...said, orNull(inside("pin")["pinned"]), orNull(value["restart"])];
    }
    case "intent": {
      const named = of("name", "slot", "generation", "config_revision", "fingerprint", "host");
      return [...named, orNull(inside("host_ports")["http"]), ...of("phase")];
    }
    case "info":
      return of("instance_name", "instance_host", "instance_port", "state", "slot", "generation", "config_revision");
    case "drain":
      return of("servers", "ack_deadline_ms");
    case "drainAnswer": {
      const awaits = (value["awaits"] ?? []) as readonly Json[];
      return [awaits.map((one) => [orNull(one["watcher_id"]), orNull(one["connected"])])];
    }
    case "service":
    case "namespace":
    case "cluster":
    case "broken":
      return [];
  }
}

const orNull = (value: unknown): unknown => value ?? null;
const isThere = (value: unknown): boolean => value !== undefined && value !== null;
