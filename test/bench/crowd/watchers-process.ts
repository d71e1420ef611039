// The process of the watchers: opens them all, says when each has its first message, and then of each change when it came.

import { openStreams } from "./raw-streams.js";

/** What to open. */
export type Crowd = {
  readonly port: number;
  readonly path: string;
  /** In base64. */
  readonly request: string;
  readonly connections: number;
  readonly streams: number;
};

export type ToWatchers =
  | ({ readonly kind: "open" } & Crowd)
  /** The next message of at least that many bytes counts, on each stream. */
  | { readonly kind: "expect"; readonly bytes: number };

export type FromWatchers =
  | { readonly kind: "expecting" }
  /** When it came to each, in milliseconds of the machine's clock, in order. */
  | { readonly kind: "came"; readonly at: readonly number[] }
  | { readonly kind: "lost"; readonly why: string };

const arrivals = { smallest: 0, seen: new Uint8Array(0), at: [] as number[] };

const say = (what: FromWatchers): void => {
  process.send?.(what);
};

function expect(bytes: number): void {
  arrivals.smallest = bytes;
  arrivals.seen.fill(0);
  arrivals.at = [];
}

function came(watcher: number, bytes: number): void {
  if (bytes < arrivals.smallest || arrivals.seen[watcher] !== 0) return;
  arrivals.seen[watcher] = 1;
  arrivals.at.push(Number(process.hrtime.bigint()) / 1e6);
  if (arrivals.at.length === arrivals.seen.length) say({ kind: "came", at: arrivals.at });
}

function open({ port, path, request, connections, streams }: Crowd): void {
  arrivals.seen = new Uint8Array(connections * streams);
  for (let connection = 0; connection < connections; connection++) {
    openStreams(
      { port, path, request: Buffer.from(request, "base64"), streams },
      {
        message: (stream, { length }) => came(connection * streams + stream, length),
        lost: (why) => say({ kind: "lost", why }),
      },
    );
  }
}

process.on("message", (told: ToWatchers) => {
  if (told.kind === "open") open(told);
  else {
    expect(told.bytes);
    say({ kind: "expecting" });
  }
});
process.on("disconnect", () => process.exit(0));
