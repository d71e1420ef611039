// The stored form of events: those of one write lie together under one key, which names their namespace.

import type { Event } from "../model/event.js";
import { instant, list, may, must, record, text, whole } from "./json-codec.js";

/** The namespace of the group is that of the key; without a service it is about the whole cluster. */
export type StoredEvent = Omit<Event, "group" | "kind"> & {
  readonly kind: string;
  readonly service?: string;
  readonly labels?: readonly string[];
};

const eventCodec = record<StoredEvent>({
  at: must("at", instant),
  actor: must("actor", text),
  service: may("service", text),
  labels: may("labels", list(text)),
  slot: may("slot", whole),
  host: may("host", text),
  configRevision: may("config_revision", whole),
  kind: must("kind", text),
  text: must("text", text),
});

/** /theseus/events/{ns}/{time}-{how many}-{id} */
export const eventsCodec = record<{ readonly events: readonly StoredEvent[] }>({
  events: must("events", list(eventCodec)),
});
