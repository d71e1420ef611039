// What every intent of every namespace holds of its host.

import type { Intent } from "../model/container.js";
import type { ConfigRecord } from "../model/group.js";
import type { EtcdWire, KeyValue, Logger } from "../model/ports.js";
import { type GroupRef, groupId } from "../model/reference.js";
import type { Reservation } from "../model/reservations.js";
import { configRecordCodec } from "./config-codec.js";
import { readIntent } from "./group-snapshot.js";
import { GROUPS_RANGE } from "./keys.js";
import { parseKey } from "./parse-key.js";
import { rangeAll } from "./ranges.js";
import { mustRead } from "./stored.js";

type Held =
  | { readonly kind: "intent"; readonly ref: GroupRef; readonly intent: Intent }
  | { readonly kind: "config"; readonly ref: GroupRef; readonly record: ConfigRecord };
/** By the text and not by its revision: a restored store may have another text at the same revision. */
type Memory = Map<string, { readonly text: string; readonly held: Held | undefined }>;

/** Reads all reservations; a value is decoded again only when it has changed. */
export class Reservations {
  readonly #wire: EtcdWire;
  readonly #log: Logger;
  #memory: Memory = new Map();

  constructor(wire: EtcdWire, log: Logger) {
    this.#wire = wire;
    this.#log = log;
  }

  /** One value that cannot be understood counts for nothing and is logged once: it may not stop all the others. */
  async list(): Promise<readonly Reservation[]> {
    const { kvs } = await rangeAll(this.#wire, GROUPS_RANGE);
    const next: Memory = new Map();
    for (const kv of kvs) {
      const known = this.#memory.get(kv.key);
      const held = known?.text === kv.value ? known.held : this.#read(kv);
      next.set(kv.key, { text: kv.value, held });
    }
    this.#memory = next;
    return reservations([...next.values()].flatMap(({ held }) => held ?? []));
  }

  #read(kv: KeyValue): Held | undefined {
    try {
      return readHeld(kv);
    } catch (error) {
      this.#log.warn({ err: error, key: kv.key }, "a broken value reserves nothing");
      return undefined;
    }
  }
}

function readHeld(kv: KeyValue): Held | undefined {
  const key = parseKey(kv.key);
  if (key?.kind === "intent")
    return { kind: "intent", ref: groupOf(key.ref), intent: readIntent(kv, key.ref.name).value };
  if (key?.kind === "config") return { kind: "config", ref: key.ref, record: mustRead(configRecordCodec, kv).value };
  return undefined;
}

function reservations(all: readonly Held[]): Reservation[] {
  const configs = new Map(all.flatMap((one) => (one.kind === "config" ? [[groupId(one.ref), one.record.config]] : [])));
  return all.flatMap((one) => {
    if (one.kind === "config") return [];
    const config = configs.get(groupId(one.ref));
    const { cpu = 0, mem = 0 } = one.intent.reserves ?? config ?? {};
    return [{ group: one.ref, intent: one.intent, cpu, mem }];
  });
}

const groupOf = ({ namespace, service, labels }: GroupRef): GroupRef => ({ namespace, service, labels });
