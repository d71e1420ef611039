// One call from its start to its one log line: request id, deadline, cancellation, outcome.
// Does not know what the call is about.

import { status as Code } from "@grpc/grpc-js";
import { TheseusError } from "../model/errors.js";
import type { Instant, Milliseconds } from "../model/instant.js";
import type { Clock, Logger, Rng } from "../model/ports.js";
import { connectionOf } from "./connection.js";
import type { Failure } from "./failure.js";
import { FailedCall, failureOf, toWireStatus, type WireStatus } from "./status.js";

/** What every handler is given besides its request. */
export type CallContext = {
  /** Aborted when the caller is gone, the deadline has passed, or (streams only) the server stops. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  readonly peer: string;
  readonly log: Logger;
  /** How long until the call is ended, by its caller or here; infinite for a stream without a deadline. */
  left(): Milliseconds;
  /** The connection itself is gone, so the caller has not ended the call by its own will. Asked once it has ended. */
  connectionLost(): boolean;
};

/** One ended call, for metrics. */
export type CallRecord = {
  /** "theseus.v1.DiscoveryService/Lookup". */
  readonly method: string;
  /** The name of the gRPC code: "OK", "NOT_FOUND". */
  readonly code: string;
  readonly milliseconds: Milliseconds;
};

export type CallDeps = {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  readonly onCall?: (record: CallRecord) => void;
  /** Aborted when the server begins to stop. */
  readonly stopping: AbortSignal;
};

/** The part of grpc-js's call that both kinds share. */
export type RawCall = {
  getPeer(): string;
  getDeadline(): Date | number;
  on(event: "cancelled", listener: () => void): unknown;
};

/** The caller's own timer is a little ahead: its deadline travels as a length of time. */
const DEADLINE_LEEWAY: Milliseconds = 50;
const READS = /\/(Get|List|Lookup|Watch|Check|ServerReflection)/;

export class Call {
  readonly context: CallContext;
  private readonly controller = new AbortController();
  private readonly ended = new AbortController();
  private readonly started: Milliseconds;
  private limited: Milliseconds = Number.POSITIVE_INFINITY;

  constructor(
    private readonly raw: RawCall,
    /** "theseus.v1.DiscoveryService/Lookup". */
    private readonly method: string,
    private readonly deps: CallDeps,
  ) {
    const requestId = deps.rng.hex(4);
    const log = deps.log.child({ request_id: requestId });
    this.started = deps.clock.monotonic();
    this.context = {
      signal: this.controller.signal,
      requestId,
      peer: raw.getPeer(),
      log,
      left: () => this.left(),
      connectionLost: connectionOf(raw),
    };
    raw.on("cancelled", () => this.controller.abort(this.wasLate() ? tooLate() : givenUp()));
  }

  /** Ends the call by itself after that long. */
  limit(longest: Milliseconds): void {
    const { clock } = this.deps;
    this.limited = longest;
    clock.sleep(longest, this.ended.signal).then(
      () => this.controller.abort(tooLate(longest)),
      () => undefined,
    );
  }

  /** Ends the call when the server stops. */
  endWithServer(): void {
    const { stopping } = this.deps;
    const abort = (): void => this.controller.abort(serverStopping());
    if (stopping.aborted) abort();
    else stopping.addEventListener("abort", abort, { once: true, signal: this.ended.signal });
  }

  succeeded(): void {
    this.end("OK");
    this.write("OK", {});
  }

  /** Writes the log line, and gives the status to send. */
  failed(thrown: unknown): WireStatus {
    const failure = failureOf(thrown, this.context.requestId);
    this.end(Code[failure.code]);
    this.write(Code[failure.code], { reason: failure.reason, text: failure.facts.what, ...causeOf(failure) });
    return toWireStatus(failure, this.context.requestId);
  }

  private end(code: string): void {
    this.ended.abort();
    this.deps.onCall?.({ method: this.method, code, milliseconds: this.elapsed() });
  }

  private write(code: string, more: Readonly<Record<string, unknown>>): void {
    const fields = { method: this.method, code, ms: Math.round(this.elapsed()), peer: this.context.peer, ...more };
    const { log } = this.context;
    if (code === "INTERNAL") log.error(fields, "call failed");
    else if (code === "OK" && READS.test(this.method)) log.debug(fields, "call");
    else log.info(fields, "call");
  }

  private elapsed(): Milliseconds {
    return this.deps.clock.monotonic() - this.started;
  }

  private wasLate(): boolean {
    return this.deps.clock.now() >= this.deadline() - DEADLINE_LEEWAY;
  }

  private deadline(): Instant {
    const deadline = this.raw.getDeadline();
    return typeof deadline === "number" ? deadline : deadline.getTime();
  }

  private left(): Milliseconds {
    return Math.max(0, Math.min(this.deadline() - this.deps.clock.now(), this.limited - this.elapsed()));
  }
}

function causeOf(failure: Failure): { cause?: string } {
  const { cause } = failure.facts;
  if (cause === undefined) return {};
  const isBug = failure.reason === "INTERNAL";
  if (cause instanceof Error) return { cause: isBug ? (cause.stack ?? cause.message) : cause.message };
  return { cause: String(cause) };
}

function tooLate(limit?: Milliseconds): FailedCall {
  const length = limit === undefined ? "its deadline" : `${limit / 1000} s`;
  return new FailedCall("STILL_RUNNING", {
    what: `no answer within ${length}`,
    why: ["the store or an engine answers slowly; the server gave up waiting for it"],
    now: "a change that was sent may or may not have been stored",
    next: ["theseus server status"],
    retryable: true,
  });
}

function givenUp(): TheseusError {
  return new TheseusError("CANCELLED", { what: "the caller gave up" });
}

function serverStopping(): TheseusError {
  return new TheseusError("NOT_READY", {
    what: "this server is stopping",
    now: "containers run on, and other servers answer",
    retryable: true,
  });
}
