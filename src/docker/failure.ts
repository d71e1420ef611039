// What the client library throws, read once: an answer of the engine that refuses, or no answer at all.

import { TheseusError } from "../model/errors.js";

/** The engine answered, and refused. Never leaves this folder: each operation translates it. */
export class EngineRefusal extends Error {
  readonly status: number;
  /** The engine's own words. */
  readonly text: string;

  constructor(status: number, text: string, cause?: unknown) {
    super(`${status} ${text}`, cause === undefined ? undefined : { cause });
    this.name = "EngineRefusal";
    this.status = status;
    this.text = text;
  }
}

export function refusedWith(error: unknown, ...statuses: number[]): error is EngineRefusal {
  return error instanceof EngineRefusal && statuses.includes(error.status);
}

/** The library's error as EngineRefusal (it answered) or TheseusError HOST_UNREACHABLE (it did not). */
export function readFailure(error: unknown, host: string, endpoint: string): EngineRefusal | TheseusError {
  if (error instanceof TheseusError || error instanceof EngineRefusal) return error;
  const status = field(error, "statusCode");
  if (typeof status === "number") return new EngineRefusal(status, refusalText(error), error);
  return unreachable(host, endpoint, connectProblem(error, endpoint), error);
}

export function unreachable(host: string, endpoint: string, why: string, cause?: unknown): TheseusError {
  return new TheseusError("HOST_UNREACHABLE", {
    what: `no answer from Docker on ${host}`,
    why: [why],
    now: `what runs on ${host} is not known now; it may well be running`,
    next: ["systemctl status docker", `docker -H ${endpoint} version`],
    metadata: { host, endpoint },
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The library's `reason` is a fixed text per status and lies; the truth is in json.message, or for streams in message. */
function refusalText(error: unknown): string {
  const said = field(field(error, "json"), "message");
  if (typeof said === "string" && said !== "") return said.trim();
  const message = String(field(error, "message") ?? error);
  return message.replace(/^\(HTTP code \d+\) .*? - /s, "").trim();
}

function connectProblem(error: unknown, endpoint: string): string {
  const message = String(field(error, "message") ?? error);
  switch (field(error, "code")) {
    case "ENOENT":
      return `there is no socket at ${endpoint}: is the Docker Engine installed and running?`;
    case "ECONNREFUSED":
      return `nothing listens at ${endpoint}: the Docker Engine is not running`;
    case "EACCES":
    case "EPERM":
      return `${endpoint} may not be opened by this user: be root, or be in the group that owns the socket`;
    case "ECONNRESET":
    case "EPIPE":
      return `${endpoint} broke the connection off (${message})`;
    default:
      return message;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
