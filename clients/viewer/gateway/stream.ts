// The one stream of a page: a snapshot, then deltas, at most one each 250 ms, and how things stand. It is not packed: each
// reader would need a packer of its own, and the same bytes go to all of them.

import type { ServerResponse } from "node:http";
import type { Truth } from "../wire.js";
import type { Fleet } from "./fleet.js";
import { lengthOf, Readers } from "./readers.js";
import { Ring } from "./ring.js";
import { beginEvents, FRAME_END, frame, openFrame } from "./sse.js";

const BETWEEN_DELTAS = 250;
const PING_EVERY = 20_000;
/** Bytes of deltas that are sent without a look at what else there is. */
const CHEAP = 64 * 1024;

export interface StreamParts {
  readonly fleet: Fleet;
  readonly truth: () => Truth;
  readonly instance: string;
  readonly build: () => string;
}

export class Stream {
  readonly readers = new Readers();
  readonly #parts: StreamParts;
  readonly #ring: Ring;
  readonly #ping: NodeJS.Timeout;
  #due: NodeJS.Timeout | undefined;
  #flushedAt = 0;
  #isTruthNew = false;
  #snapshot: { readonly sequence: number; readonly rest: Buffer } | undefined;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#ring = new Ring(parts.instance);
    this.#ping = setInterval(() => this.readers.sendAll(frame("ping", JSON.stringify(parts.truth()))), PING_EVERY);
  }

  /** Rows changed: they are told soon. */
  changed(): void {
    if (this.#due !== undefined) return;
    // What comes together goes together.
    const wait = Math.max(10, this.#flushedAt + BETWEEN_DELTAS - performance.now());
    this.#due = setTimeout(() => this.#flush(), wait);
  }

  truthChanged(): void {
    this.#isTruthNew = true;
    this.changed();
  }

  /** @param cursor where the reader stood; whatever is none gives a snapshot. */
  open(response: ServerResponse, cursor: string | undefined): void {
    beginEvents(response);
    this.#flush();
    const resumed = this.#ring.resume(cursor);
    if (resumed.kind === "deltas" && !this.#costsMore(resumed.frames)) {
      const truth = frame("truth", JSON.stringify(this.#parts.truth()));
      this.readers.add(response, [...resumed.frames, truth]);
      return;
    }
    // A cursor says what it likes: nobody has missed what is still to come.
    const missedSince = resumed.kind === "deltas" ? 0 : Math.min(resumed.missedSince, Date.now());
    this.readers.add(response, this.#greeting(missedSince), 1);
  }

  close(): void {
    clearInterval(this.#ping);
    clearTimeout(this.#due);
    this.readers.close();
  }

  #flush(): void {
    clearTimeout(this.#due);
    this.#due = undefined;
    this.#flushedAt = performance.now();
    const { fleet } = this.#parts;
    const namespaces = fleet.takeNamespaces();
    const { groups, containers, hosts } = fleet;
    if (namespaces !== undefined || groups.hasChanges || containers.hasChanges || hosts.hasChanges) {
      const json = this.#delta(namespaces);
      this.readers.sendAll(this.#ring.add(Date.now(), (cursor) => frame("delta", json, cursor)));
    } else if (this.#isTruthNew) {
      this.readers.sendAll(frame("truth", JSON.stringify(this.#parts.truth())));
    }
    this.#isTruthNew = false;
  }

  #delta(namespaces: readonly string[] | undefined): string {
    const { fleet, truth } = this.#parts;
    const [groups, containers, hosts] = [fleet.groups, fleet.containers, fleet.hosts].map((one) => one.takeChanges());
    const parts = [
      `"truth":${JSON.stringify(truth())}`,
      ...(namespaces === undefined ? [] : [`"namespaces":${JSON.stringify(namespaces)}`]),
      ...listOf("groups", groups?.put),
      ...listOf("containers", containers?.put),
      ...listOf("hosts", hosts?.put),
      ...listOf("goneGroups", groups?.gone.map(quoted)),
      ...listOf("goneContainers", containers?.gone.map(quoted)),
      ...listOf("goneHosts", hosts?.gone.map(quoted)),
    ];
    return `{${parts.join(",")}}`;
  }

  /** Who was away for long gets everything at less cost than every step of it. */
  #costsMore(deltas: readonly Buffer[]): boolean {
    const bytes = lengthOf(deltas);
    return bytes > CHEAP && bytes > this.#lists().length;
  }

  /** All but what is each reader's own is the same buffer for all that come at the same state. */
  #greeting(missedSince: number): Buffer[] {
    const { truth, build } = this.#parts;
    const own = `"truth":${JSON.stringify(truth())},"missedSince":${missedSince},"build":${JSON.stringify(build())}`;
    const lists = this.#lists();
    return [openFrame("snapshot", `{${own},`, this.#ring.cursor(Date.now())), lists];
  }

  /** The end of a snapshot. */
  #lists(): Buffer {
    const { fleet } = this.#parts;
    const { sequence } = this.#ring;
    if (this.#snapshot?.sequence !== sequence) {
      const lists = `"groups":${fleet.groups.json()},"containers":${fleet.containers.json()},"hosts":${fleet.hosts.json()}`;
      const rest = Buffer.from(`"namespaces":${JSON.stringify(fleet.namespaces)},${lists}}${FRAME_END}`);
      this.#snapshot = { sequence, rest };
    }
    return this.#snapshot.rest;
  }
}

const quoted = (id: string): string => JSON.stringify(id);

function listOf(name: string, items: readonly string[] = []): string[] {
  return items.length === 0 ? [] : [`"${name}":[${items.join(",")}]`];
}
