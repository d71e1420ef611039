// One server-streaming call as an async iterable, read at the pace of whoever iterates. Nothing is sent again: whoever
// reads a stream knows what a beginning of it is worth.

import { type ClientReadableStream, connectivityState, Metadata, type ServiceError } from "@grpc/grpc-js";
import { type Addresses, type Endpoint, settled } from "./addresses.js";
import { aborted, type CallOptions, orAborted, type Patience } from "./call.js";
import { fromServiceError, type Sent, unreachable } from "./errors.js";
import type { StreamMethod } from "./methods.js";

/**
 * Begins when it is iterated; leaving the iteration ends the call. An address that cannot be connected is passed over.
 * `options.deadline` is for the whole stream; without it there is none.
 * @throws TheseusClientError and nothing else.
 */
export async function* callStream<Request, Response>(
  at: { readonly addresses: Addresses; readonly patience: Patience },
  { definition }: StreamMethod<Request, Response>,
  request: Request,
  options: CallOptions = {},
): AsyncGenerator<Response, void, undefined> {
  const { signal } = options;
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
  try {
    for await (const response of call) yield response as Response;
  } catch (error) {
    if (signal?.aborted) throw aborted();
    throw fromServiceError(error as ServiceError, sent);
  } finally {
    signal?.removeEventListener("abort", cancel);
    // After its end this has no effect.
    cancel();
  }
}

/** The first address that takes a connection; else the last one, whose call then fails with the cause. */
async function connected(
  { addresses, patience }: { readonly addresses: Addresses; readonly patience: Patience },
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
