// The connection of one command: opened from the global flags, closed when the command ends, cancelled by Ctrl-C.

import type { CallOptions } from "../call.js";
import { type Connection, connect } from "../connect.js";
import type { Context } from "./context.js";

/** Long enough for a server that is being restarted, short enough that an absent one is reported within 5 s. */
const RETRY_FOR = 1_000;
const CONNECT_TIMEOUT = 3_000;
const DEADLINE = 10_000;

export interface Server {
  readonly discovery: Connection["discovery"];
  readonly theseus: Connection["theseus"];
  /** To pass to every call. */
  readonly call: CallOptions;
}

/** Runs `use` with a connection and closes it afterwards, also after a failure. */
export async function withServer<T>(context: Context, use: (server: Server) => Promise<T>): Promise<T> {
  const patience = { deadline: DEADLINE, connectTimeout: CONNECT_TIMEOUT, retryFor: RETRY_FOR };
  const connection = connect(context.globals.server, patience);
  const call = { signal: context.io.interrupted, deadline: Math.min(context.globals.timeout ?? DEADLINE, DEADLINE) };
  try {
    return await use({ discovery: connection.discovery, theseus: connection.theseus, call });
  } finally {
    connection.close();
  }
}
