// TheseusService.ReadLogs: what containers have written, divided into messages.

import {
  type LogNote,
  LogNoteKind,
  type ReadLogsRequest,
  ReadLogsResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import type { CatalogView } from "../model/catalog.js";
import { isMeant } from "../model/discovery.js";
import type { LogPart, LogPick, LogSource, SourceLine } from "../model/logs.js";
import { readLogsQuery } from "./asked-logs.js";
import type { CallContext } from "./call.js";
import { noSuchGroup } from "./error-texts.js";
import type { TheseusDeps } from "./theseus-deps.js";

/** Characters in one message, well below what any client takes. */
const LONGEST = 256 * 1024;
/** What a line has beside its text, about. */
const AROUND_TEXT = 24;

/** NO_SUCH_GROUP for a group named exactly that neither the store nor an engine knows, HOST_UNREACHABLE. */
export async function* readLogs(
  { catalog, ports: { logs } }: TheseusDeps,
  request: ReadLogsRequest,
  { signal }: CallContext,
): AsyncGenerator<ReadLogsResponse> {
  const query = readLogsQuery(request);
  const view = catalog.view();
  const messages = new Messages();
  for await (const part of logs.read(query, signal)) {
    if (part.kind === "found") checkKnown(view, query.picks, part.sources);
    yield* messages.of(part);
  }
}

/** A group that was removed may still have containers. @throws TheseusError NO_SUCH_GROUP. */
function checkKnown(view: CatalogView, picks: readonly LogPick[], found: readonly LogSource[]): void {
  for (const { target } of picks) {
    if (target.kind !== "group" || view.group(target.ref) !== undefined) continue;
    if (!found.some(({ owner }) => isMeant(target, owner.group))) throw noSuchGroup(view, target.ref);
  }
}

/** Containers are told once, before their first line. */
class Messages {
  readonly #numbers = new Map<string, number>();

  *of(part: LogPart): Generator<ReadLogsResponse> {
    if (part.kind === "lines") {
      for (const lines of divided(part.lines)) yield this.#lines(lines);
      return;
    }
    const message = ReadLogsResponse.create();
    if (part.kind === "found") for (const source of part.sources) this.#number(source, message);
    else message.notes.push(this.#note(part, message));
    yield message;
  }

  #lines(lines: readonly SourceLine[]): ReadLogsResponse {
    const message = ReadLogsResponse.create();
    for (const { source, line } of lines) {
      const { at: timeUnixNanos, stream, text } = line;
      message.lines.push({ source: this.#number(source, message), timeUnixNanos, stderr: stream === "stderr", text });
    }
    return message;
  }

  #note(part: Exclude<LogPart, { kind: "lines" | "found" }>, message: ReadLogsResponse): LogNote {
    const source = this.#number(part.source, message);
    switch (part.kind) {
      case "joined":
        return { source, kind: LogNoteKind.JOINED, text: "" };
      case "ended":
        return { source, kind: LogNoteKind.ENDED, text: "" };
      case "missing":
        return { source, kind: LogNoteKind.MISSING, text: part.why };
    }
  }

  #number({ id, name, host, owner }: LogSource, message: ReadLogsResponse): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#numbers.size + 1;
    this.#numbers.set(id, number);
    const { group, slot, generation, configRevision } = owner;
    const ref = { ...group, labels: [...group.labels] };
    message.sources.push({
      ...{ number, group: ref, name, slot, generation, host },
      configRevision: BigInt(configRevision),
    });
    return number;
  }
}

function* divided(lines: readonly SourceLine[]): Generator<readonly SourceLine[]> {
  let begin = 0;
  let length = 0;
  for (const [at, { line }] of lines.entries()) {
    const size = line.text.length + AROUND_TEXT;
    if (length > 0 && length + size > LONGEST) {
      yield lines.slice(begin, at);
      begin = at;
      length = 0;
    }
    length += size;
  }
  if (begin < lines.length) yield lines.slice(begin);
}
