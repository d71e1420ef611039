// The timeline as commands ask for it: of what is meant on the command line, to its end or through breaks of the connection.

import type { Event } from "../gen/theseus/v1/rollout.js";
import type { ReadEventsRequest, ReadEventsResponse } from "../gen/theseus/v1/theseus_service.js";
import type { Fields } from "../partial.js";
import { formatGroup } from "./references.js";
import type { Server } from "./server.js";
import type { Selection, Target } from "./target.js";

/** Times are those of several servers: that much is read again, and what was told left out. */
const OVERLAP = 5_000;

/** The server selects by labels; that it is exactly one group, or one slot of it, is seen here. */
export function isOf(target: Target, { group, slot }: Event): boolean {
  if (target.kind === "selected") return true;
  if (group === undefined || formatGroup(group) !== formatGroup(target.ref)) return false;
  return target.kind === "group" || slot === target.slot;
}

export function selectionOf(target: Target): Selection {
  if (target.kind === "selected") return target.selector;
  const { namespace, service, labels } = target.ref;
  return { namespace, allNamespaces: false, service, labels: labels.join(",") };
}

/** Oldest first. Fails as ReadEvents does. */
export async function pastEvents(server: Server, target: Target, since?: Date): Promise<Event[]> {
  const events: Event[] = [];
  const request: Fields<ReadEventsRequest> = { selector: selectionOf(target), since };
  for await (const message of server.theseus.readEvents(request, server.call)) events.push(...message.events);
  return events.filter((event) => isOf(target, event));
}

/** Where reading stood, so that after a break it goes on there: no event is lost, none comes twice. */
export class EventsRead {
  /** Of the last stretch. */
  readonly #seen = new Map<string, number>();
  #newest: number | undefined;
  #since: Date | undefined;
  #hasBegun = false;

  constructor(since: Date | undefined) {
    this.#since = since;
  }

  /** From when on the next reading has to begin. */
  get since(): Date | undefined {
    return this.#since;
  }

  /** Something was read. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Those of the message that were not there before. */
  fresh({ events }: ReadEventsResponse): Event[] {
    this.#hasBegun = true;
    return events.filter((event) => {
      const key = JSON.stringify({ ...event, configRevision: String(event.configRevision) });
      if (this.#seen.has(key)) return false;
      const time = event.time?.getTime() ?? 0;
      this.#seen.set(key, time);
      this.#note(time);
      return true;
    });
  }

  #note(time: number): void {
    if (this.#newest !== undefined && time <= this.#newest) return;
    this.#newest = time;
    const begin = Math.max(time - OVERLAP, this.#since?.getTime() ?? 0);
    this.#since = new Date(begin);
    for (const [key, at] of this.#seen) if (at < begin) this.#seen.delete(key);
  }
}
