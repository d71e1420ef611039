// Who on an engine holds a port that somebody else wanted.

import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Engine } from "./engine.js";
import { type Inspection, inspect } from "./inspections.js";
import type { Row } from "./observe.js";

const DEADLINE: Milliseconds = 5 * SECOND;
const EVERY_ADDRESS: readonly string[] = ["", "0.0.0.0", "::"];

/** Where a container is to be heard. */
type Binding = { readonly address: string; readonly port: number; readonly protocol: string };

/**
 * Names the container that publishes the port, where it is one of this engine. Never fails.
 * @param id the container that could not have it.
 */
export async function namingHolder(engine: Engine, id: string, error: TheseusError): Promise<TheseusError> {
  const port = Number(error.facts.metadata?.["port"]);
  if (error.reason !== "PORT_TAKEN" || error.facts.metadata?.["holder"] !== "container" || Number.isNaN(port))
    return error;
  const name = await holderOf(engine, id, port).catch(() => undefined);
  if (name === undefined) return error;
  const { facts } = error;
  return new TheseusError("PORT_TAKEN", {
    ...facts,
    why: [`held by container ${name} on ${engine.host}`],
    metadata: { ...facts.metadata, container: name },
  });
}

async function holderOf(engine: Engine, id: string, port: number): Promise<string | undefined> {
  const wanted = bindingsOf(await inspect(engine, id)).filter((one) => one.port === port);
  // Without a protocol the engine takes tcp to be meant.
  const publish = wanted.map(({ protocol }) => `${port}/${protocol}`);
  if (publish.length === 0) return undefined;
  const query = { filters: JSON.stringify({ publish }) };
  const rows = await engine.call<Row[]>({ method: "GET", path: "/containers/json", query, deadline: DEADLINE });
  return rows.find((row) => wanted.some((one) => holds(row, one)))?.Names[0]?.replace(/^\//, "");
}

function bindingsOf({ HostConfig }: Inspection): readonly Binding[] {
  const bindings = HostConfig.PortBindings as Readonly<Record<string, readonly HostPort[] | null>> | null | undefined;
  return Object.entries(bindings ?? {}).flatMap(([inside, published]) =>
    (published ?? []).map(({ HostIp, HostPort }) => ({
      ...{ address: HostIp, port: Number(HostPort) },
      protocol: inside.split("/")[1] ?? "tcp",
    })),
  );
}

function holds({ Ports }: Row, { address, port, protocol }: Binding): boolean {
  return Ports.some(({ IP = "", PublicPort, Type }) => {
    const meets = IP === address || EVERY_ADDRESS.includes(IP) || EVERY_ADDRESS.includes(address);
    return PublicPort === port && Type === protocol && meets;
  });
}

/** As the engine has it. */
type HostPort = { readonly HostIp: string; readonly HostPort: string };
