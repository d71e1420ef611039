// One unary call as a promise: deadline, abort, the next address when nothing was sent, and a second try where
// that cannot change anything.

import { type CallOptions as GrpcCallOptions, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type Addresses, type Endpoint, settled } from "./addresses.js";
import { aborted, fromServiceError, type TheseusClientError, unreachable, wasNeverSent } from "./errors.js";
import type { Method } from "./methods.js";
import { pause } from "./pause.js";

export interface CallOptions {
  /** Milliseconds for the whole call with its retries. Default: that of the connection, 10 000. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
}

/** How patient a connection is; all in milliseconds. */
export interface Patience {
  readonly deadline: number;
  /** For an address to be connected or refused. */
  readonly connectTimeout: number;
  /** For how long a reading call is tried again after UNAVAILABLE. */
  readonly retryFor: number;
}

/** What stands behind a connection. */
export interface ConnectionParts {
  readonly addresses: Addresses;
  readonly patience: Patience;
}

const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1000;

interface Failure {
  readonly error: TheseusClientError;
  readonly neverSent: boolean;
}

/** No server said anything of it: whoever is there may be cut off, and the next call had better go elsewhere. */
function isUnanswered({ code, reason }: TheseusClientError): boolean {
  return code === status.UNAVAILABLE || reason === "SERVER_UNREACHABLE" || reason === "OUTCOME_UNKNOWN";
}

/** @throws TheseusClientError and nothing else. */
export async function callUnary<Request, Response>(
  at: ConnectionParts,
  method: Method<Request, Response>,
  request: Request,
  options: CallOptions = {},
): Promise<Response> {
  const { addresses, patience } = at;
  const started = Date.now();
  const until = started + (options.deadline ?? patience.deadline);
  const retryUntil = Math.min(until, started + patience.retryFor);
  for (let attempt = 1; ; attempt += 1) {
    const endpoint = addresses.current();
    const limits = { until, connectTimeout: patience.connectTimeout, signal: options.signal };
    const result = await attemptOnce(endpoint, method, request, limits);
    if (!("failure" in result)) return result.response;
    const { error, neverSent } = result.failure;
    if (isUnanswered(error)) addresses.moveOn(endpoint);
    const elsewhere = neverSent && attempt < addresses.count && Date.now() < until;
    if (elsewhere) continue;
    const length = pauseBefore(attempt - addresses.count);
    const again = method.reads && error.code === status.UNAVAILABLE && Date.now() + length < retryUntil;
    if (!again) throw error;
    await pause(length, options.signal);
  }
}

interface Limits {
  readonly until: number;
  readonly connectTimeout: number;
  readonly signal: AbortSignal | undefined;
}

type Result<Response> = { readonly response: Response } | { readonly failure: Failure };

async function attemptOnce<Request, Response>(
  endpoint: Endpoint,
  method: Method<Request, Response>,
  request: Request,
  limits: Limits,
): Promise<Result<Response>> {
  const sent = { address: endpoint.address, path: method.definition.path, reads: method.reads };
  if (limits.signal?.aborted) return { failure: { error: aborted(), neverSent: true } };
  const limit = Math.min(limits.connectTimeout, limits.until - Date.now());
  if (!(await orAborted(settled(endpoint, limit), limits.signal))) {
    const error = limits.signal?.aborted ? aborted() : unreachable({ details: "Waiting for LB pick" }, sent);
    return { failure: { error, neverSent: true } };
  }
  try {
    return { response: await send(endpoint, method, request, limits) };
  } catch (thrown) {
    const cause = thrown as ServiceError;
    return { failure: { error: fromServiceError(cause, sent), neverSent: wasNeverSent(cause) } };
  }
}

function send<Request, Response>(
  { client }: Endpoint,
  { definition }: Method<Request, Response>,
  request: Request,
  { until, signal }: Limits,
): Promise<Response> {
  const options: GrpcCallOptions = { deadline: until };
  return new Promise((resolve, reject) => {
    const { path, requestSerialize, responseDeserialize } = definition;
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      new Metadata(),
      options,
      (error, response) => {
        signal?.removeEventListener("abort", cancel);
        if (error !== null) reject(error);
        else resolve(response as Response);
      },
    );
    const cancel = () => call.cancel();
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
  });
}

/** What the promise says, or false as soon as the caller gives up. */
export function orAborted(promise: Promise<boolean>, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => resolve(false);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** The first pause comes after every address was tried once; each is twice the last, less a random part. */
function pauseBefore(round: number): number {
  const longest = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.max(0, round));
  return longest * (0.75 + Math.random() / 4);
}
