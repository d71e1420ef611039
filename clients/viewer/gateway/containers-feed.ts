// Every container that discovery can tell of, as a stream of changes: one watch over everything, kept alive over breaks,
// servers and restores. Keeps no rows itself.

import { status } from "@grpc/grpc-js";
import type { Connection } from "../../connect.js";
import type { TheseusClientError } from "../../errors.js";
import type { Container } from "../../gen/theseus/v1/container.js";
import type { WatchResponse } from "../../gen/theseus/v1/discovery_service.js";
import type { ContainerRef } from "../../gen/theseus/v1/reference.js";
import { Backoff, pause } from "../../pause.js";

/** Bookmarks come 15 s after the message before them, at the latest. */
const SILENCE = 20_000;

export interface FeedListener {
  /** These and no others. */
  all(containers: readonly Container[], revision: bigint): void;
  some(put: readonly Container[], removed: readonly ContainerRef[], revision: bigint): void;
  /** Nothing changed up to this revision. */
  none(revision: bigint): void;
  /** It goes on by itself. @param wasSilent nothing had come for a while. */
  broke(wasSilent: boolean, why: string): void;
}

/** Ends with the signal, and never rejects. */
export async function followContainers(
  connection: Connection,
  listener: FeedListener,
  signal: AbortSignal,
): Promise<void> {
  const backoff = new Backoff(50, 1_000);
  const feed = new Feed(listener, () => backoff.reset());
  while (!signal.aborted) {
    const failure = await feed.once(connection, signal);
    if (signal.aborted) return;
    const wasSilent = failure?.why.some((why) => why.includes("no sign of life")) === true;
    listener.broke(wasSilent, failure?.message.split("\n")[0] ?? "the server ended the watch");
    await pause(backoff.next(), signal).catch(() => undefined);
  }
}

class Feed {
  #cursor = "";
  /** Of a snapshot that has not come whole. */
  #parts: Container[] | undefined;

  constructor(
    private readonly listener: FeedListener,
    private readonly heard: () => void,
  ) {}

  /** One stream to its end, and why it ended. */
  async once({ discovery }: Connection, signal: AbortSignal): Promise<TheseusClientError | undefined> {
    this.#parts = undefined;
    const target = { $case: "selector", value: { allNamespaces: true } } as const;
    const request = { target, includeNotReady: true, cursor: this.#cursor, watcherId: "viewer" };
    try {
      for await (const message of discovery.watch(request, { signal, silence: SILENCE })) this.#take(message);
      return undefined;
    } catch (error) {
      const failure = error as TheseusClientError;
      // A cursor that is refused is given up.
      if (failure.code === status.INVALID_ARGUMENT || failure.code === status.OUT_OF_RANGE) this.#cursor = "";
      return failure;
    }
  }

  #take({ content, revision, cursor, more }: WatchResponse): void {
    this.heard();
    if (content?.$case === "snapshot") this.#parts = containersOf(content.value.endpoints);
    else if (content?.$case === "delta" && this.#parts !== undefined)
      this.#parts.push(...containersOf(content.value.put));
    else if (content?.$case === "delta")
      this.listener.some(containersOf(content.value.put), content.value.removed, revision);
    else this.listener.none(revision);
    if (more) return;
    if (this.#parts !== undefined) this.listener.all(this.#parts, revision);
    this.#parts = undefined;
    this.#cursor = cursor;
  }
}

function containersOf(endpoints: readonly { readonly container: Container | undefined }[]): Container[] {
  return endpoints.flatMap(({ container }) => container ?? []);
}
