// grpc.health.v1.Health by hand: two messages of one field each. "" stands for the whole server.

import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { TheseusError } from "../model/errors.js";
import type { Impl } from "./adapter.js";
import type { CallContext } from "./call.js";

type HealthRequest = { readonly service: string };
export const SERVING = 1;
export const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;
type ServingStatus = typeof SERVING | typeof NOT_SERVING | typeof SERVICE_UNKNOWN;
type HealthResponse = { readonly status: ServingStatus };

const messages = {
  requestStream: false,
  requestDeserialize: decodeRequest,
  responseSerialize: ({ status }: HealthResponse): Buffer =>
    Buffer.from(new BinaryWriter().uint32(8).int32(status).finish()),
} as const;

export const HealthService = {
  check: { ...messages, path: "/grpc.health.v1.Health/Check", responseStream: false },
  watch: { ...messages, path: "/grpc.health.v1.Health/Watch", responseStream: true },
} as const;

function decodeRequest(bytes: Buffer): HealthRequest {
  const reader = new BinaryReader(bytes);
  let service = "";
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === 10) service = reader.string();
    else reader.skip(tag & 7);
  }
  return { service };
}

/** Whether this server answers; the same for all its services. */
export class Health {
  private serving = false;
  private readonly wakers = new Set<() => void>();

  set(serving: boolean): void {
    if (this.serving === serving) return;
    this.serving = serving;
    for (const wake of this.wakers) wake();
  }

  status(): typeof SERVING | typeof NOT_SERVING {
    return this.serving ? SERVING : NOT_SERVING;
  }

  /** The status now and after every change, until the signal. */
  async *statuses(signal: AbortSignal): AsyncGenerator<typeof SERVING | typeof NOT_SERVING> {
    for (;;) {
      const told = this.status();
      yield told;
      while (this.status() === told) await this.changed(signal);
    }
  }

  private changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.wakers.delete(wake);
        signal.removeEventListener("abort", abort);
        settle();
      };
      const wake = (): void => end(resolve);
      const abort = (): void => end(() => reject(signal.reason));
      if (signal.aborted) return abort();
      this.wakers.add(wake);
      signal.addEventListener("abort", abort, { once: true });
    });
  }
}

/** @param services full names of what this listener serves. */
export function healthHandlers(health: Health, services: readonly string[]): Impl<typeof HealthService> {
  const known = new Set(["", ...services]);
  return {
    check: async ({ service }) => {
      if (!known.has(service)) throw unknownService(service);
      return { status: health.status() };
    },
    watch: ({ service }, context) => watch(health, known.has(service), context),
  };
}

async function* watch(health: Health, known: boolean, { signal }: CallContext): AsyncGenerator<HealthResponse> {
  if (known) for await (const status of health.statuses(signal)) yield { status };
  else {
    yield { status: SERVICE_UNKNOWN };
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  }
}

function unknownService(service: string): TheseusError {
  return new TheseusError("NO_SUCH_SERVICE", {
    what: `this server has no service "${service.slice(0, 128)}"`,
    metadata: { name: service.slice(0, 128) },
  });
}
