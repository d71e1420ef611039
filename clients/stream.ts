// One server-streaming call as an async iterable, read at the pace of whoever iterates. Nothing is sent again: whoever
// reads a stream knows what a beginning of it is worth.

import { type ClientReadableStream, connectivityState, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type Endpoint, settled } from "./addresses.js";
import { type CallOptions, type ConnectionParts, orAborted } from "./call.js";
import { aborted, fromServiceError, type Sent, TheseusClientError, unreachable } from "./errors.js";
import type { StreamMethod } from "./methods.js";
import { Watchdog } from "./watchdog.js";

export interface StreamOptions extends CallOptions {
  /** Ends the stream as unreachable when nothing came for so many milliseconds. Default: never. */
  readonly silence?: number;
  /** Is given how to end a call that fell silent, which is then not ended here. */
  readonly keep?: (end: () => void) => void;
}

/**
 * Begins when it is iterated; leaving the iteration ends the call. An address that cannot be connected is passed over,
 * and after one that broke off the next call goes to the next one.
 * `options.deadline` is for the whole stream; without it there is none.
 * @throws TheseusClientError and nothing else.
 */
export async function* callStream<Request, Response>(
  at: ConnectionParts,
  { definition }: StreamMethod<Request, Response>,
  request: Request,
  options: StreamOptions = {},
): AsyncGenerator<Response, void, undefined> {
  const { signal, silence, keep } = options;
  const endpoint = await connected(at, definition.path, signal);
  const sent: Sent = { address: endpoint.address, path: definition.path, reads: true };
  const { path, requestSerialize, responseDeserialize } = definition;
  const limits = options.deadline === undefined ? {} : { deadline: Date.now() + options.deadline };
  const call: ClientReadableStream<Response> = endpoint.client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    new Metadata(),
    limits,
  );
  // What comes after the iteration has ended is nobody's any more.
  call.on("error", () => undefined);
  const cancel = () => call.cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  // Ends the iteration, and not the call.
  const watchdog = new Watchdog(silence, () => call.destroy(silent(sent)));
  try {
    for await (const response of call) {
      watchdog.rest();
      yield response as Response;
      watchdog.wake();
    }
  } catch (error) {
    if (signal?.aborted) throw aborted();
    const failure = error instanceof TheseusClientError ? error : fromServiceError(error as ServiceError, sent);
    if (isOfThisServer(failure)) at.addresses.moveOn(endpoint);
    throw failure;
  } finally {
    watchdog.end();
    signal?.removeEventListener("abort", cancel);
    if (watchdog.hasBitten && keep !== undefined) keep(cancel);
    // After its end this has no effect.
    else cancel();
  }
}

/** Another server may do better. */
function isOfThisServer({ code }: TheseusClientError): boolean {
  return code === status.UNAVAILABLE || code === status.RESOURCE_EXHAUSTED;
}

function silent(sent: Sent): TheseusClientError {
  return unreachable({ details: "the stream gave no sign of life" }, sent);
}

/** The first address that takes a connection; else the last one, whose call then fails with the cause. */
async function connected(
  { addresses, patience }: ConnectionParts,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Endpoint> {
  for (let left = addresses.count; ; left -= 1) {
    const endpoint = addresses.current();
    const known = !signal?.aborted && (await orAborted(settled(endpoint, patience.connectTimeout), signal));
    if (signal?.aborted) throw aborted();
    if (isConnected(endpoint) || (known && left === 1)) return endpoint;
    addresses.moveOn(endpoint);
    if (left === 1)
      throw unreachable({ details: "Waiting for LB pick" }, { address: endpoint.address, path, reads: true });
  }
}

function isConnected({ client }: Endpoint): boolean {
  return client.getChannel().getConnectivityState(false) === connectivityState.READY;
}
