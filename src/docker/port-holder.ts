// Who on an engine holds a port that somebody else wanted.

import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Engine } from "./engine.js";
import type { Row } from "./observe.js";

const DEADLINE: Milliseconds = 5 * SECOND;

/** Names the container that publishes the port, where it is one of this engine. Never fails. */
export async function namingHolder(engine: Engine, error: TheseusError): Promise<TheseusError> {
  const port = Number(error.facts.metadata?.["port"]);
  if (error.reason !== "PORT_TAKEN" || error.facts.metadata?.["holder"] !== "container" || Number.isNaN(port))
    return error;
  const query = { filters: JSON.stringify({ publish: [String(port)] }) };
  const list = { method: "GET", path: "/containers/json", query, deadline: DEADLINE } as const;
  const rows = await engine.call<Row[]>(list).catch(() => []);
  const name = rows[0]?.Names[0]?.replace(/^\//, "");
  if (name === undefined) return error;
  const { facts } = error;
  return new TheseusError("PORT_TAKEN", {
    ...facts,
    why: [`held by container ${name} on ${engine.host}`],
    metadata: { ...facts.metadata, container: name },
  });
}
