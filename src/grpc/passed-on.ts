// How one server marks a call that it passes on to another, so that it goes no further.

import { Metadata } from "@grpc/grpc-js";
import type { CallContext } from "./call.js";

/** As a client has sent it; or for a watch before, whose watcher has come back to the server that passes it on. */
export type PassedOn = "as it came" | "came back";

const NAME = "theseus-passed-on";
const WAYS: readonly PassedOn[] = ["as it came", "came back"];

export function markPassedOn(how: PassedOn): Metadata {
  const metadata = new Metadata();
  metadata.set(NAME, how);
  return metadata;
}

/** Undefined: it comes from a client. */
export function readPassedOn(context: Pick<CallContext, "header">): PassedOn | undefined {
  const text = context.header(NAME);
  return text === "" ? undefined : (WAYS.find((way) => way === text) ?? "as it came");
}
