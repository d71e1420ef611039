// How a call fails, before it is put into bytes.

import type { status as Code } from "@grpc/grpc-js";
import type { ErrorFacts, Reason } from "../model/errors.js";

/** Reasons that only this folder can have: no other part of the server meets them. */
export type WireReason = Reason | "NO_SUCH_CALL" | "STILL_RUNNING" | "NO_SUCH_WATCH" | "NOT_ENOUGH" | "LIMIT_REACHED";

/** What a call ends with when it fails. */
export type Failure = {
  readonly reason: WireReason;
  readonly code: Code;
  readonly facts: ErrorFacts;
  readonly retryable: boolean;
};
