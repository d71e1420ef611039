// Where others are, asked from inside a container: one line each, at the servers and in the namespace of the environment.

import { status } from "@grpc/grpc-js";
import { type Connection, connect } from "./connect.js";
import { TheseusClientError } from "./errors.js";
import type { Container } from "./gen/theseus/v1/container.js";
import { injected } from "./injected.js";
import { mappingOf, nodeOf, nodeWith } from "./nodes.js";
import { pause } from "./pause.js";
import { targetOf, textOfTarget } from "./watch-target.js";

/** Where to ask, for all of these functions. */
export interface Asking {
  /** Default: THESEUS_SERVER. */
  readonly server?: string | readonly string[];
  /** Default: NAMESPACE, else "default". */
  readonly namespace?: string;
}

export interface NodeListOptions extends Asking {
  /** Named ports, in the order of the answer; only nodes that have them all. Default: each one's first. */
  readonly ports?: readonly string[];
  /** Waits until so many are ready. Default: 1; 0 answers at once, with what there is. */
  readonly minimum?: number;
  /** All of these, and "!x" not, "a|b" either. Default: every group of the service. */
  readonly labels?: string | readonly string[];
  /** Milliseconds to wait for the minimum. Default: 10 000. */
  readonly timeout?: number;
}

export interface SpecificPortOptions extends Asking {
  /** Instead of failing when the container has no such port. */
  readonly otherwise?: number;
}

const PATIENCE = 10_000;
const BETWEEN = 250;

/**
 * The ready ones as "host:port", or "host:port:port" for several ports, in an order that is the same for all who ask.
 * @throws TheseusClientError: NOT_ENOUGH when the minimum is not reached in time. NotInContainerError.
 */
export async function getNodeList(service: string, options: NodeListOptions = {}): Promise<string[]> {
  const { ports = [], minimum = 1, labels = "", timeout = PATIENCE } = options;
  const target = targetOf({ service, labels, namespace: namespaceOf(options) });
  const until = Date.now() + timeout;
  return await asking(options, async ({ discovery }) => {
    for (;;) {
      const left = Math.max(1, until - Date.now());
      const [port = ""] = ports;
      const { endpoints } = await discovery.lookup(
        { target, port, minimum },
        { deadline: minimum > 0 ? left : timeout },
      );
      const nodes = endpoints.flatMap(
        (endpoint) => (ports.length === 0 ? nodeOf(endpoint) : nodeWith(endpoint, ports)) ?? [],
      );
      if (nodes.length >= minimum) return nodes;
      // The server counted those with the first port.
      if (until - Date.now() <= BETWEEN) throw notEnough(textOfTarget(target), { ports, minimum, found: nodes.length });
      await pause(BETWEEN, undefined);
    }
  });
}

/**
 * Where a container's host is, ready or not.
 * @param container its name, or its group's labels and slot: "dev,frontend:3", "-:1".
 * @throws TheseusClientError: NO_SUCH_CONTAINER. NotInContainerError.
 */
export async function getSpecificHost(service: string, container: string, options: Asking = {}): Promise<string> {
  return (await find(service, container, options)).address;
}

/**
 * The port on that host where a container's named port is reached.
 * @param container as in getSpecificHost.
 * @param options a number is what to answer when it has no such port.
 * @throws TheseusClientError: NO_SUCH_CONTAINER. Error when it has no such port, unless there is an answer for that.
 */
export async function getSpecificPort(
  service: string,
  container: string,
  port: string,
  options: number | SpecificPortOptions = {},
): Promise<number> {
  const { otherwise, ...where }: SpecificPortOptions = typeof options === "number" ? { otherwise: options } : options;
  const found = await find(service, container, where);
  const number = mappingOf(found, port)?.external ?? otherwise;
  if (number !== undefined) return number;
  const known = found.ports.map(({ name }) => name);
  throw new Error(`${found.name} has no port named ${port}: ${known.length === 0 ? "it has none" : known.join(", ")}`);
}

async function find(service: string, container: string, options: Asking): Promise<Container> {
  const namespace = namespaceOf(options);
  const [labels = "", slot] = container.split(":");
  return await asking(options, async (connection) => {
    if (slot === undefined) return await findByName(connection, { service, namespace }, container);
    const group = { service, namespace, labels: labels === "-" ? [] : labels.split(",") };
    const which = { $case: "slot" as const, value: Number(slot) };
    const { container: found } = await connection.discovery.getContainer({ container: { group, which } });
    return found ?? missing(service, container);
  });
}

async function findByName(
  { discovery }: Connection,
  selector: { readonly service: string; readonly namespace: string },
  name: string,
): Promise<Container> {
  let pageToken = "";
  do {
    const page = await discovery.listContainers({ selector, pageSize: 1000, pageToken });
    const found = page.containers.find((one) => one.name === name);
    if (found !== undefined) return found;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return missing(selector.service, name);
}

function missing(service: string, name: string): never {
  throw new TheseusClientError({
    code: status.NOT_FOUND,
    reason: "NO_SUCH_CONTAINER",
    message: `${service} has no container ${name}`,
    next: [`theseus get containers ${service}`],
  });
}

function notEnough(
  asked: string,
  { ports, minimum, found }: { ports: readonly string[]; minimum: number; found: number },
): TheseusClientError {
  return new TheseusClientError({
    code: status.DEADLINE_EXCEEDED,
    reason: "NOT_ENOUGH",
    message: `${found} of at least ${minimum} are ready for ${asked}, ports ${ports.join(", ")}`,
    why: ["others are ready and lack one of the ports"],
    retryable: true,
  });
}

function namespaceOf({ namespace = process.env["NAMESPACE"] ?? "default" }: Asking): string {
  return namespace;
}

/** One connection for one question: a program asks rarely, and watches where it asks often. */
async function asking<T>(
  { server, timeout = PATIENCE }: Asking & { readonly timeout?: number },
  ask: (connection: Connection) => Promise<T>,
): Promise<T> {
  // A server that is away for a moment is waited for as long as anything else.
  const connection = connect(server ?? injected("THESEUS_SERVER"), { retryFor: timeout });
  try {
    return await ask(connection);
  } finally {
    connection.close();
  }
}
