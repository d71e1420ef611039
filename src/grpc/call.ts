// One call from its start to its one log line: request id, deadline, cancellation, outcome.
// Does not know what the call is about.

import { status as Code } from "@grpc/grpc-js";
import { TheseusError } from "../model/errors.js";
import type { Instant, Milliseconds } from "../model/instant.js";
import type { Clock, Logger, Rng } from "../model/ports.js";
import type { Failure } from "./failure.js";
import { FailedCall, failureOf, toWireStatus, type WireStatus } from "./status.js";

/** What every handler is given besides its request. */
export type CallContext = {
  /** Aborted when the caller is gone, the deadline has passed, or (where it may last) the server stops. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  readonly peer: string;
  readonly log: Logger;
  /** What the caller has sent besides the request, under this name; "" when nothing. */
  header(name: string): string;
  /** For a call that waits: the caller's own deadline counts up to that, and it ends when the server stops. */
  allow(longest: Milliseconds): void;
  /** How long until the call is ended, by its caller or here; infinite for a stream without a deadline. */
  left(): Milliseconds;
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
  readonly cancelled: boolean;
  readonly metadata: { get(name: string): readonly (string | Buffer)[] };
  on(event: "cancelled", listener: () => void): unknown;
};

/** The caller's own timer is a little ahead: its deadline travels as a length of time. */
const DEADLINE_LEEWAY: Milliseconds = 50;
/** Why its timer ends; without a reason each end would make an exception of its own. */
const OVER = new Error("the call is over");
/** What is called all the time, and changes nothing or nothing new. */
const READS = /\/(Get|List|Lookup|Read|Watch|Check|Renew|ServerReflection)/;

/** A method as calls name it, worked out once for all of them. */
export type CalledMethod = {
  /** "theseus.v1.DiscoveryService/Lookup". */
  readonly name: string;
  readonly isRead: boolean;
};

export function calledMethod(path: string): CalledMethod {
  return { name: path.slice(1), isRead: READS.test(path) };
}

export class Call implements CallContext {
  /** Most calls are answered at once: what only the others need is made when it is asked for. */
  private controller: AbortController | undefined;
  private readonly ended: (() => void)[] = [];
  private readonly started: Milliseconds;
  private limited: Milliseconds = Number.POSITIVE_INFINITY;
  private id: string | undefined;
  /** Ends the wait for the limit. */
  private unlimit: () => void = () => undefined;

  constructor(
    private readonly raw: RawCall,
    private readonly method: CalledMethod,
    private readonly deps: CallDeps,
  ) {
    this.started = deps.clock.monotonic();
  }

  get signal(): AbortSignal {
    this.controller ??= this.follow();
    return this.controller.signal;
  }

  get requestId(): string {
    this.id ??= this.deps.rng.hex(4);
    return this.id;
  }

  get peer(): string {
    return this.raw.getPeer();
  }

  get log(): Logger {
    return this.deps.log.child({ request_id: this.requestId });
  }

  header(name: string): string {
    return String(this.raw.metadata.get(name)[0] ?? "");
  }

  /** Ends the call by itself after that long. */
  limit(longest: Milliseconds): void {
    this.limited = longest;
    if (this.controller !== undefined) this.endInTime(this.controller);
  }

  allow(longest: Milliseconds): void {
    if (this.deadline() !== Number.POSITIVE_INFINITY) this.limit(longest);
    this.endWithServer();
  }

  left(): Milliseconds {
    return Math.max(0, Math.min(this.deadline() - this.deps.clock.now(), this.limited - this.elapsed()));
  }

  /** Ends the call when the server stops. */
  endWithServer(): void {
    const { signal } = this;
    const { stopping } = this.deps;
    const abort = (): void => this.controller?.abort(serverStopping());
    if (stopping.aborted) abort();
    else if (!signal.aborted) stopping.addEventListener("abort", abort, { once: true });
    this.ended.push(() => stopping.removeEventListener("abort", abort));
  }

  private follow(): AbortController {
    const controller = new AbortController();
    const cancelled = (): void => controller.abort(this.wasLate() ? tooLate() : givenUp());
    if (this.raw.cancelled) cancelled();
    else this.raw.on("cancelled", cancelled);
    // Where the caller's own deadline is sooner, the library has a timer for it.
    if (this.limited - this.elapsed() < this.deadline() - this.deps.clock.now()) this.endInTime(controller);
    return controller;
  }

  private endInTime(controller: AbortController): void {
    this.unlimit();
    const ended = new AbortController();
    this.unlimit = () => ended.abort(OVER);
    this.deps.clock.sleep(this.limited - this.elapsed(), ended.signal).then(
      () => controller.abort(tooLate(this.limited)),
      () => undefined,
    );
    this.ended.push(this.unlimit);
  }

  /** The log line comes after the answer, and after what the call has led to elsewhere: nobody waits for it. */
  succeeded(): void {
    this.end("OK");
    const { isRead } = this.method;
    const { log, clock } = this.deps;
    if (isRead && log.isDebugging === false) return;
    const line = this.line("OK", {});
    const write = () => (isRead ? log.debug(line, "call") : log.info(line, "call"));
    void clock.sleep(0).then(write);
  }

  /** Writes the log line, and gives the status to send. */
  failed(thrown: unknown): WireStatus {
    const failure = failureOf(thrown, this.requestId);
    this.end(Code[failure.code]);
    const more = { reason: failure.reason, text: failure.facts.what, ...causeOf(failure) };
    const line = this.line(Code[failure.code], more);
    if (failure.code === Code.INTERNAL) this.deps.log.error(line, "call failed");
    else this.deps.log.info(line, "call");
    return toWireStatus(failure, this.requestId);
  }

  private end(code: string): void {
    for (const end of this.ended) end();
    this.deps.onCall?.({ method: this.method.name, code, milliseconds: this.elapsed() });
  }

  private line(code: string, more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const { method, requestId, peer } = this;
    return { request_id: requestId, method: method.name, code, ms: Math.round(this.elapsed()), peer, ...more };
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
