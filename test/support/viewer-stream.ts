// One reader of the viewer's stream as a page is: rows from a snapshot and deltas, and everything that came, in order.

import { get, type IncomingMessage } from "node:http";
import type { ContainerRow, Delta, GroupRow, Snapshot, Truth } from "../../clients/viewer/wire.js";

export type Came =
  | { readonly event: "snapshot"; readonly id: string; readonly data: Snapshot }
  | { readonly event: "delta"; readonly id: string; readonly data: Delta }
  | { readonly event: "truth"; readonly id: string; readonly data: Truth }
  | { readonly event: "ping"; readonly id: string; readonly data: Truth };

export class ViewerStream {
  readonly came: Came[] = [];
  readonly groups = new Map<string, GroupRow>();
  readonly containers = new Map<string, ContainerRow>();
  truth: Truth | undefined;
  /** Of the last snapshot or delta. */
  cursor = "";
  readonly #request: ReturnType<typeof get>;

  /** @param cursor to go on from; sent as a browser sends it. */
  constructor(url: string, cursor = "") {
    const headers = cursor === "" ? {} : { "last-event-id": cursor };
    this.#request = get(`${url}api/stream`, { headers, agent: false }, (response) => this.#read(response));
    this.#request.on("error", () => undefined);
  }

  close(): void {
    this.#request.destroy();
  }

  /** One group by its reference, in the namespace "default". */
  group(ref: string): GroupRow | undefined {
    return this.groups.get(`default ${ref}`);
  }

  containersOf(ref: string): ContainerRow[] {
    return [...this.containers.values()].filter(({ group }) => group === `default ${ref}`);
  }

  #read(response: IncomingMessage): void {
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        this.#take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    });
    response.on("error", () => undefined);
  }

  #take(frame: string): void {
    // A text may hold line separators that end no line of a stream, and `.` stops at them.
    const lines = frame.split("\n");
    const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
    const came = { event: field("event"), id: field("id"), data: JSON.parse(field("data")) as unknown } as Came;
    this.came.push(came);
    if (came.id !== "") this.cursor = came.id;
    if (came.event === "truth" || came.event === "ping") {
      this.truth = came.data;
      return;
    }
    this.truth = came.data.truth;
    if (came.event === "snapshot") {
      this.groups.clear();
      this.containers.clear();
    } else {
      for (const id of came.data.goneGroups ?? []) this.groups.delete(id);
      for (const id of came.data.goneContainers ?? []) this.containers.delete(id);
    }
    for (const row of came.data.groups ?? []) this.groups.set(row.id, row);
    for (const row of came.data.containers ?? []) this.containers.set(row.id, row);
  }
}
