// Events as they are stored: written with what they tell of, one key for each write and namespace, never changed, and
// swept when they are past their bounds.

import { type Event, eventsPast, eventText } from "../model/event.js";
import type { Instant } from "../model/instant.js";
import type { EtcdWire, KeyValue, Logger, Rng } from "../model/ports.js";
import { Complaints } from "./complaints.js";
import { eventsCodec, type StoredEvent } from "./event-codec.js";
import { decode, encode } from "./json-codec.js";
import { below, EVENTS_PREFIX, type EventsKey, eventsKey } from "./keys.js";
import { parseKey } from "./parse-key.js";
import { rangeAll } from "./ranges.js";
import type { Transaction } from "./transaction.js";

export type KeptEvents = EventsKey & { readonly key: string; readonly modRevision: bigint };

/** One key more for each namespace that they are about. */
export function addEvents(txn: Transaction, events: readonly Event[], rng: Rng): void {
  const byNamespace = new Map<string | undefined, Event[]>();
  for (const event of events) {
    const namespace = event.group?.namespace;
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), event]);
  }
  for (const [namespace, some] of byNamespace) {
    const at = Math.max(...some.map((event) => event.at));
    const key = eventsKey(namespace, { at, count: some.length, id: rng.hex(6) });
    txn.put(key, encode(eventsCodec, { events: some.map(asStored) }));
  }
}

function asStored({ group, ...event }: Event): StoredEvent {
  const named = group === undefined ? {} : { service: group.service, labels: group.labels };
  return { ...event, text: eventText(event.text), ...named };
}

/** Of keys below EVENTS_PREFIX what they tell. */
export function keptEvents(kvs: readonly Pick<KeyValue, "key" | "modRevision">[]): KeptEvents[] {
  return kvs.flatMap(({ key, modRevision }) => {
    const parsed = parseKey(key);
    return parsed?.kind === "events" ? [{ ...parsed, key, modRevision }] : [];
  });
}

/** Reads values back; one that cannot be understood is left out and logged once. */
export class EventDecoder {
  readonly #complaints: Complaints;

  constructor(log: Logger) {
    this.#complaints = new Complaints(log);
  }

  events(kv: KeyValue): readonly Event[] {
    const key = parseKey(kv.key);
    const decoded = decode(eventsCodec, kv.value);
    if (key?.kind !== "events" || "problem" in decoded) {
      this.#complaints.once(kv, "problem" in decoded ? decoded.problem : "it is no key of events");
      return [];
    }
    const { namespace } = key;
    return decoded.value.events.map(({ service, labels, ...event }) =>
      namespace === undefined || service === undefined
        ? event
        : { ...event, group: { namespace, service, labels: labels ?? [] } },
    );
  }
}

/** The keys of what is past its bounds. */
export async function pastEvents(wire: EtcdWire, now: Instant): Promise<string[]> {
  const { kvs } = await rangeAll(wire, below(EVENTS_PREFIX), { keysOnly: true });
  const byNamespace = new Map<string | undefined, KeptEvents[]>();
  for (const one of keptEvents(kvs)) {
    const some = byNamespace.get(one.namespace);
    if (some === undefined) byNamespace.set(one.namespace, [one]);
    else some.push(one);
  }
  return [...byNamespace.values()].flatMap((some) => eventsPast(some, now).map(({ key }) => key));
}
