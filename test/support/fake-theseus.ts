// A server of both services with everything in memory, for tests of the clients: it does nothing, and says what it is
// told to say. Made from the generated definitions, so that it cannot drift from the wire.

import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type ServiceError,
  status,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import { BadRequest, ErrorInfo, RequestInfo } from "../../clients/gen/google/rpc/error_details.js";
import { Status } from "../../clients/gen/google/rpc/status.js";
import { DiscoveryServiceService } from "../../clients/gen/theseus/v1/discovery_service.js";
import { TheseusServiceService } from "../../clients/gen/theseus/v1/theseus_service.js";

type Definitions = typeof DiscoveryServiceService & typeof TheseusServiceService;
type Request<Name extends keyof Definitions> = ReturnType<Definitions[Name]["requestDeserialize"]>;
type Response<Name extends keyof Definitions> = ReturnType<Definitions[Name]["responseDeserialize"]>;

type Answer<Name extends keyof Definitions> = Definitions[Name]["responseStream"] extends true
  ? AsyncIterable<Response<Name>>
  : Response<Name> | Promise<Response<Name>>;

/** What the server answers; a call without a handler ends with UNIMPLEMENTED. */
export type Handlers = {
  readonly [Name in keyof Definitions]?: (request: Request<Name>) => Answer<Name>;
};

export interface WireFailure {
  readonly code: status;
  readonly reason: string;
  readonly message: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly { readonly field: string; readonly description: string }[];
}

/** Thrown by a handler, it reaches the client as the real server would send it. */
export class Refusal extends Error {
  constructor(readonly failure: WireFailure) {
    super(failure.message);
  }
}

export interface FakeTheseus {
  readonly address: string;
  /** Every call so far, in order. */
  readonly calls: readonly { readonly name: string; readonly request: unknown }[];
  close(): void;
}

export async function startFakeTheseus(handlers: Handlers, port = 0): Promise<FakeTheseus> {
  const server = new Server();
  const calls: { name: string; request: unknown }[] = [];
  for (const definition of [DiscoveryServiceService, TheseusServiceService]) {
    const names = Object.keys(definition) as (keyof Definitions)[];
    const entries = names.map((name) => {
      const streams = (definition as Definitions)[name].responseStream;
      return [name, streams ? adaptStream(name, handlers, calls) : adapt(name, handlers, calls)];
    });
    server.addService(definition, Object.fromEntries(entries));
  }
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, actual) =>
      error === null ? resolve(actual) : reject(error),
    );
  });
  return { address: `127.0.0.1:${bound}`, calls, close: () => server.forceShutdown() };
}

type AnyHandler = (request: unknown) => unknown;

function adapt(
  name: keyof Definitions,
  handlers: Handlers,
  calls: { name: string; request: unknown }[],
): UntypedHandleCall {
  const handle = (call: { readonly request: unknown }, answer: (error: unknown, value?: unknown) => void) => {
    calls.push({ name, request: call.request });
    const handler = handlers[name] as AnyHandler | undefined;
    const work = async () => {
      if (handler === undefined) throw Object.assign(new Error(`no ${name} here`), { code: status.UNIMPLEMENTED });
      return handler(call.request);
    };
    work().then(
      (value) => answer(null, value),
      (error: unknown) => answer(error instanceof Refusal ? wireError(error.failure) : error),
    );
  };
  return handle as unknown as UntypedHandleCall;
}

function adaptStream(
  name: keyof Definitions,
  handlers: Handlers,
  calls: { name: string; request: unknown }[],
): UntypedHandleCall {
  const handle = async (call: ServerWritableStream<unknown, unknown>): Promise<void> => {
    calls.push({ name, request: call.request });
    const handler = handlers[name] as ((request: unknown) => AsyncIterable<unknown>) | undefined;
    try {
      if (handler === undefined) throw Object.assign(new Error(`no ${name} here`), { code: status.UNIMPLEMENTED });
      for await (const item of handler(call.request)) call.write(item);
      call.end();
    } catch (error) {
      call.emit("error", error instanceof Refusal ? wireError(error.failure) : error);
    }
  };
  return ((call: ServerWritableStream<unknown, unknown>) => void handle(call)) as unknown as UntypedHandleCall;
}

function wireError({ code, reason, message, metadata = {}, violations = [] }: WireFailure): Partial<ServiceError> {
  const info = ErrorInfo.fromPartial({ reason, domain: "theseus", metadata });
  const fields = BadRequest.fromPartial({ fieldViolations: [...violations] });
  const details = [
    pack("ErrorInfo", ErrorInfo.encode(info).finish()),
    pack("RequestInfo", RequestInfo.encode(RequestInfo.fromPartial({ requestId: "7f3c91" })).finish()),
    ...(violations.length > 0 ? [pack("BadRequest", BadRequest.encode(fields).finish())] : []),
  ];
  const trailer = new Metadata();
  trailer.set("grpc-status-details-bin", Buffer.from(Status.encode({ code, message, details }).finish()));
  return { code, details: message, metadata: trailer };
}

function pack(name: string, value: Uint8Array): { typeUrl: string; value: Buffer } {
  return { typeUrl: `type.googleapis.com/google.rpc.${name}`, value: Buffer.from(value) };
}
