// The engine's refusals in the words of people, ux.md 3.4. Pure.

import { type ErrorFacts, type Reason, TheseusError } from "../model/errors.js";
import { EngineRefusal } from "./failure.js";

export type Subject = { readonly host: string; readonly container: string; readonly image: string };

/** Any error of an operation as TheseusError; those that are one already pass. */
export function translated(error: unknown, subject: Subject, what: string): TheseusError {
  if (error instanceof TheseusError) return error;
  if (!(error instanceof EngineRefusal))
    return new TheseusError("INTERNAL", { what, why: [String(error)], cause: error });
  return (
    portTaken(error, subject) ??
    commandNotFound(error, subject) ??
    missing(error, subject) ??
    facts("CONTAINER_REFUSED", error, {
      what,
      why: [`Docker on ${subject.host} refused: ${firstLine(error.text)}`],
      metadata: { host: subject.host, status: String(error.status) },
    })
  );
}

const BOUND = [
  /Bind for \S*?:(\d+) failed/,
  /bind host port (?:for )?\S*?:(\d+)/,
  /listen (?:tcp|udp)[46]? \S*:(\d+): bind/,
  /:(\d+)(?:\/(?:tcp|udp))?:? [^:]*(?:already allocated|already in use)/,
];

function portTaken(error: EngineRefusal, { host }: Subject): TheseusError | undefined {
  const byContainer = /port is already allocated/.test(error.text);
  if (!byContainer && !/address already in use/.test(error.text)) return undefined;
  const port = BOUND.map((pattern) => pattern.exec(error.text)?.[1]).find((found) => found !== undefined);
  const named = port === undefined ? "a port" : `port ${port}`;
  return facts("PORT_TAKEN", error, {
    what: `${named} on ${host} is taken`,
    why: [
      byContainer
        ? `another container on ${host} publishes it`
        : `held by a process outside Docker on ${host} (find it: ss -ltnp 'sport = :${port ?? ""}')`,
    ],
    next: [byContainer ? `docker ps --filter publish=${port ?? ""}` : `ss -ltnp 'sport = :${port ?? ""}'`],
    metadata: { host, holder: byContainer ? "container" : "process", ...(port === undefined ? {} : { port }) },
  });
}

/** The runtime quotes what it could not run; the same words without a quoted name are about other files. */
function commandNotFound(error: EngineRefusal, subject: Subject): TheseusError | undefined {
  const found = /exec: "([^"]*)": (?:executable file not found|stat .*no such file|.*no such file)/.exec(error.text);
  return found === null ? undefined : noSuchCommand(found[1] ?? "", subject, error);
}

export function noSuchCommand(command: string, { host, image }: Subject, cause?: unknown): TheseusError {
  return new TheseusError("COMMAND_NOT_FOUND", {
    what: `the command ${command.slice(0, 60)} is not in the image`,
    why: [`image ${image} on ${host} has no executable ${command}`],
    now: "the container was not started",
    next: [
      `docker run --rm --entrypoint ls ${image} ${command.includes("/") ? command.replace(/\/[^/]*$/, "/") : "/bin"}`,
    ],
    metadata: { command, image, host },
    ...(cause === undefined ? {} : { cause }),
  });
}

function missing(error: EngineRefusal, { host, image }: Subject): TheseusError | undefined {
  if (/No such container/i.test(error.text)) {
    return facts("NO_SUCH_CONTAINER", error, {
      what: `the container is gone from ${host}`,
      why: [firstLine(error.text)],
      now: "nothing was changed",
      metadata: { host },
      retryable: true,
    });
  }
  if (/No such image|no such image/.test(error.text)) {
    return facts("IMAGE_NOT_FOUND", error, {
      what: `image ${image.slice(0, 70)} is not on ${host}`,
      why: ["it was there when it was looked up; it has been removed since"],
      metadata: { image, host },
      retryable: true,
    });
  }
  const network = /network (\S+) not found|could not find a network matching.* "?([^\s"]+)/i.exec(error.text);
  if (network === null) return undefined;
  const name = network[1] ?? network[2] ?? "";
  return facts("NETWORK_NOT_FOUND", error, {
    what: `there is no network ${name.slice(0, 60)} on ${host}`,
    why: ["networks are used, never created: it has to be there before"],
    next: [`docker network create ${name}`],
    metadata: { network: name, host },
  });
}

function facts(reason: Reason, error: EngineRefusal, given: ErrorFacts): TheseusError {
  return new TheseusError(reason, { now: "the container was not started", ...given, cause: error });
}

/** One line, without the endpoint's 64 hex digits, of a length that can be read. */
function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/ \([0-9a-f]{64}\)/g, "").slice(0, 400);
}
