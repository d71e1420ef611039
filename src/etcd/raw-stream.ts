// One raw duplex stream of gRPC as a queue of messages: opened in the background, failing through the queue, closed
// for good by close(). Knows neither etcd3 nor what the messages mean.

import { MessageQueue } from "./message-queue.js";

/** The part of a gRPC duplex stream that is used here. */
export type RawDuplex<Request, Response> = {
  /** Absent where nothing is ever sent. */
  write?(item: Request): unknown;
  cancel(): void;
  on(event: "data", listener: (item: Response) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  pause?(): unknown;
  resume?(): unknown;
};

export class RawStream<Request, Response, Message> implements AsyncIterable<Message> {
  readonly #queue = new MessageQueue<Message>();
  readonly #unsent: Request[] = [];
  #stream: RawDuplex<Request, Response> | undefined;
  #closed = false;

  constructor(
    open: Promise<RawDuplex<Request, Response>>,
    read: (raw: Response) => Message,
    failed: (error: unknown) => unknown,
  ) {
    open.then(
      (stream) => this.#opened(stream, read, failed),
      (error: unknown) => this.#queue.end(failed(error)),
    );
  }

  send(request: Request): void {
    if (this.#closed) return;
    if (this.#stream === undefined) this.#unsent.push(request);
    else this.#stream.write?.(request);
  }

  /** The reader sees the end after what came before. */
  close(): void {
    this.#closed = true;
    this.#stream?.cancel();
    this.#queue.end();
  }

  [Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    return this.#queue[Symbol.asyncIterator]();
  }

  #opened(
    stream: RawDuplex<Request, Response>,
    read: (raw: Response) => Message,
    failed: (error: unknown) => unknown,
  ): void {
    stream.on("error", (error) => this.#queue.end(this.#closed ? undefined : failed(error)));
    stream.on("end", () => this.#queue.end());
    if (this.#closed) {
      stream.cancel();
      return;
    }
    this.#stream = stream;
    this.#queue.control({ pause: () => stream.pause?.(), resume: () => stream.resume?.() });
    stream.on("data", (raw) => this.#queue.push(read(raw)));
    for (const request of this.#unsent.splice(0)) stream.write?.(request);
  }
}
