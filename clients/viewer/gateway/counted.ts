// A connection whose failed calls are counted, whoever makes them.

import { status } from "@grpc/grpc-js";
import type { Connection } from "../../connect.js";
import type { TheseusClientError } from "../../errors.js";

export interface Count {
  count: number;
}

/** What a browser asks for and is not there, or has no form, is an answer and no failure; nor is what nobody waits for. */
const ANSWERS: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
]);

type Call = (request: unknown, options?: unknown) => Promise<unknown> | AsyncIterable<unknown>;

/** Calls are as those of the connection. */
export function counted(connection: Connection, failures: Count): Connection {
  const note = (error: unknown): never => {
    if (!ANSWERS.has((error as TheseusClientError).code)) failures.count += 1;
    throw error;
  };
  const all = <Clients extends object>(clients: Clients): Clients => {
    const calls = Object.entries(clients as Record<string, Call>).map(([name, call]) => {
      const countedCall: Call = (request, options) => {
        const answer = call(request, options);
        return answer instanceof Promise ? answer.catch(note) : noted(answer, note);
      };
      return [name, countedCall];
    });
    return Object.fromEntries(calls) as Clients;
  };
  const { discovery, theseus } = connection;
  return { discovery: all(discovery), theseus: all(theseus), close: () => connection.close() };
}

async function* noted(events: AsyncIterable<unknown>, note: (error: unknown) => never): AsyncGenerator<unknown> {
  try {
    yield* events;
  } catch (error) {
    note(error);
  }
}
