// From grpc-js's callbacks and emitters to async functions and generators: handlers never touch a call of the library.
// Handlers throw TheseusError; nothing they do can leave a promise unhandled or a call unanswered.

import { once } from "node:events";
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  ServerUnaryCall,
  ServerWritableStream,
  ServiceDefinition,
  sendUnaryData,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { MINUTE, type Milliseconds, SECOND } from "../model/instant.js";
import { Call, type CallContext, type CallDeps, type CalledMethod, calledMethod } from "./call.js";
import { type Decoded, decode, remembering, requestOf } from "./decoded.js";
import { bytesOf, Encoded } from "./encoded.js";
import { CallOutlet, type Outlet } from "./outlet.js";
import { unlessAborted } from "./unless-aborted.js";

/** A generated method, as far as this file needs it. */
type Method = {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: boolean;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (value: never) => Buffer;
};
type Request<M> = M extends { requestDeserialize: (bytes: Buffer) => infer R } ? R : never;
type Response<M> = M extends { responseSerialize: (value: infer R) => Buffer } ? R : never;

/** Encoded and no promise of it: it is sent without waiting for anything. */
export type UnaryHandler<Q, A> = (request: Q, context: CallContext) => Promise<A | Encoded> | Encoded;
/** Of requests that come over and over: the same one is the same object again, which nobody may change. */
export type RepeatedHandler<Q, A> = { readonly repeated: UnaryHandler<Q, A> };
export type StreamHandler<Q, A> = (request: Q, context: CallContext) => AsyncIterable<A>;

/** A stream that is pushed instead of pulled. It ends with the promise, which has to end when the signal aborts. */
export type PushHandler<Q> = {
  readonly push: (request: Q, context: CallContext, outlet: Outlet) => Promise<void>;
};

/** One handler for each method of a generated service: a missing, misspelt or surplus one does not compile. */
export type Impl<S> = {
  readonly [K in keyof S]: S[K] extends { responseStream: true }
    ? StreamHandler<Request<S[K]>, Response<S[K]>> | PushHandler<Request<S[K]>>
    : UnaryHandler<Request<S[K]>, Response<S[K]>> | RepeatedHandler<Request<S[K]>, Response<S[K]>>;
};

export type BoundService = { readonly definition: ServiceDefinition; readonly handlers: UntypedServiceImplementation };

const DEFAULT_DEADLINE: Milliseconds = 10 * SECOND;
const LONGEST_UNARY: Milliseconds = MINUTE;

/** What Server.addService takes. */
export function bindService<S extends Record<keyof S, Method>>(
  service: S,
  impl: Impl<S>,
  deps: CallDeps,
): BoundService {
  const definition: Record<string, ServiceDefinition[string]> = {};
  const handlers: UntypedServiceImplementation = {};
  for (const name of Object.keys(service) as (keyof S & string)[]) {
    const method: Method = service[name];
    const handler = impl[name] as Handler;
    definition[name] = {
      path: method.path,
      requestStream: method.requestStream,
      responseStream: method.responseStream,
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: "repeated" in handler ? remembering(method) : (bytes) => decode(method, bytes),
      responseSerialize: bytesOf,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
    handlers[name] = handle(method, handler, deps);
  }
  return { definition, handlers };
}

type Handler =
  | ((request: unknown, context: CallContext) => never)
  | RepeatedHandler<unknown, never>
  | PushHandler<unknown>;

function handle(method: Method, handler: Handler, deps: CallDeps): UntypedServiceImplementation[string] {
  if ("push" in handler) {
    const serving = { method, called: calledMethod(method.path), handler, deps };
    return ((raw) => void pushed(raw, serving)) as handleServerStreamingCall<Decoded, Buffer>;
  }
  if ("repeated" in handler) return unary(method, handler.repeated, deps);
  return method.responseStream ? stream(method, handler, deps) : unary(method, handler, deps);
}

/** Answers every call of a service with this failure. */
export function refuseAll<S extends Record<keyof S, Method>>(service: S, failure: () => Error): Impl<S> {
  // Not an async function: who streams would take its promise for the stream.
  const refuse = (): never => {
    throw failure();
  };
  return Object.fromEntries(Object.keys(service).map((name) => [name, refuse])) as unknown as Impl<S>;
}

function unary(
  method: Method,
  handler: UnaryHandler<unknown, never>,
  deps: CallDeps,
): handleUnaryCall<Decoded, Buffer | Encoded> {
  const serving = { method, called: calledMethod(method.path), handler, deps };
  return (raw, callback) => {
    answer(raw, callback, serving);
  };
}

type Serving<H> = {
  readonly method: Method;
  readonly called: CalledMethod;
  readonly handler: H;
  readonly deps: CallDeps;
};

/** What is ready is sent at once, without a promise. */
function answer(
  raw: ServerUnaryCall<Decoded, Buffer | Encoded>,
  callback: sendUnaryData<Buffer | Encoded>,
  { method, called, handler, deps }: Serving<UnaryHandler<unknown, never>>,
): void {
  const call = new Call(raw, called, deps);
  call.limit(raw.getDeadline() === Number.POSITIVE_INFINITY ? DEFAULT_DEADLINE : LONGEST_UNARY);
  const send = (message: Buffer | Encoded): void => {
    call.succeeded();
    callback(null, message);
  };
  const fail = (thrown: unknown): void => callback(call.failed(thrown));
  try {
    const response = handler(requestOf(raw.request, method), call);
    if (response instanceof Encoded) send(response);
    else encoded(method, response, call.signal).then(send).catch(fail);
  } catch (thrown) {
    fail(thrown);
  }
}

async function encoded(method: Method, promise: Promise<unknown>, signal: AbortSignal): Promise<Buffer | Encoded> {
  const response = await unlessAborted(promise, signal);
  return response instanceof Encoded ? response : method.responseSerialize(response as never);
}

async function pushed(
  raw: ServerWritableStream<Decoded, Buffer>,
  { method, called, handler, deps }: Serving<PushHandler<unknown>>,
): Promise<void> {
  const call = new Call(raw, called, deps);
  call.endWithServer();
  const { signal } = call;
  try {
    await handler.push(requestOf(raw.request, method), call, new CallOutlet(raw));
    signal.throwIfAborted();
    call.succeeded();
    raw.end();
  } catch (thrown) {
    raw.emit("error", call.failed(signal.aborted ? signal.reason : thrown));
  }
}

function stream(
  method: Method,
  handler: StreamHandler<unknown, never>,
  deps: CallDeps,
): handleServerStreamingCall<Decoded, Buffer> {
  const serving = { method, called: calledMethod(method.path), handler, deps };
  return (raw) => {
    void pour(raw, serving);
  };
}

async function pour(
  raw: ServerWritableStream<Decoded, Buffer>,
  { method, called, handler, deps }: Serving<StreamHandler<unknown, never>>,
): Promise<void> {
  const call = new Call(raw, called, deps);
  call.endWithServer();
  const { signal } = call;
  try {
    const items = handler(requestOf(raw.request, method), call)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const item = await unlessAborted(items.next(), signal);
        if (item.done === true) break;
        if (!raw.write(method.responseSerialize(item.value))) await once(raw, "drain", { signal });
      }
    } finally {
      void items.return?.()?.then(undefined, () => undefined);
    }
    call.succeeded();
    raw.end();
  } catch (thrown) {
    raw.emit("error", call.failed(signal.aborted ? signal.reason : thrown));
  }
}
