// One key of the catalog's range as an entry. A value that cannot be understood becomes a "broken" entry, never an error.

import type { KeyValue } from "../model/ports.js";
import type { Entry, EntryAt } from "../model/store.js";
import { configRecordCodec } from "./config-codec.js";
import { infoCodec, intentCodec } from "./container-codec.js";
import { type Codec, decode } from "./json-codec.js";
import type { ParsedKey } from "./keys.js";
import { parseKey } from "./parse-key.js";
import { clusterCodec, createdCodec, drainAnswerCodec, drainCodec, groupCodec } from "./record-codec.js";

type Ref = Extract<Entry, { kind: "broken" }>["ref"];

/** Undefined for keys that are not the catalog's: they are ignored. */
export function entryAt(kv: KeyValue): EntryAt | undefined {
  const key = parseKey(kv.key);
  const entry = key === undefined ? undefined : entryOf(key, kv.value);
  return entry === undefined ? undefined : { key: kv.key, entry, modRevision: kv.modRevision };
}

/** True for keys that entryAt makes an entry of, whatever their value. */
export function isCatalogKey(key: string): boolean {
  switch (parseKey(key)?.kind) {
    case "cluster":
    case "namespace":
    case "service":
    case "group":
    case "config":
    case "intent":
    case "info":
    case "drain":
    case "drainAnswer":
      return true;
    default:
      return false;
  }
}

function entryOf(key: ParsedKey, text: string): Entry | undefined {
  switch (key.kind) {
    case "service":
      return { kind: "service", ref: key.ref, ...createdOf(text) };
    case "namespace":
      return { kind: "namespace", record: { name: key.name, created: createdOf(text).created ?? 0 } };
    case "group":
      return read(groupCodec, text, key.ref, (group) => ({ kind: "group", ref: key.ref, ...group }));
    case "config":
      return read(configRecordCodec, text, key.ref, (record) => ({ kind: "config", ref: key.ref, record }));
    case "intent":
      return readIntent(key, text);
    case "info":
      return read(infoCodec, text, key.ref, (info) => ({ kind: "info", ref: key.ref, info }));
    case "cluster": {
      const decoded = decode(clusterCodec, text);
      return "value" in decoded ? { kind: "cluster", clusterId: decoded.value.clusterId } : undefined;
    }
    case "drain":
      return read(drainCodec, text, key.ref, (record) => ({ kind: "drain", container: key.ref, record }));
    case "drainAnswer": {
      // One that cannot be understood counts as none.
      const decoded = decode(drainAnswerCodec, text);
      if ("problem" in decoded) return undefined;
      return { kind: "drainAnswer", container: key.ref, serverId: key.serverId, answer: decoded.value };
    }
    case "leader":
    case "host":
    case "epoch":
    case "server":
    case "roster":
    case "slots":
    case "rollouts":
    case "request":
    case "history":
    case "recovery":
    case "holder":
    case "heartbeat":
      return undefined;
  }
}

function readIntent(key: Extract<ParsedKey, { kind: "intent" | "info" }>, text: string): Entry {
  return read(intentCodec, text, key.ref, (intent) =>
    intent.name === key.ref.name
      ? { kind: "intent", ref: key.ref, intent }
      : { kind: "broken", ref: key.ref, problem: `it names another container, ${intent.name}` },
  );
}

function read<T>(codec: Codec<T>, text: string, ref: Ref, entry: (value: T) => Entry): Entry {
  const decoded = decode(codec, text);
  return "value" in decoded ? entry(decoded.value) : { kind: "broken", ref, problem: decoded.problem };
}

/** Services and namespaces count by their key alone; a hand-written value need not say when. */
function createdOf(text: string): { created?: number } {
  const decoded = decode(createdCodec, text);
  return "value" in decoded ? decoded.value : {};
}
