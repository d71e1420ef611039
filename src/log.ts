// The logger: JSON lines for machines, short lines for a terminal. The only importer of pino; what it hides is in
// log/presentable.ts.

import { type DestinationStream, type Logger as Pino, pino } from "pino";
import { lineOf } from "./log/line.js";
import { presentable } from "./log/presentable.js";
import type { Logger } from "./model/ports.js";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogOptions = {
  readonly level: LogLevel;
  /** "line" for people, "json" for programs. */
  readonly form: "line" | "json";
  /** Takes whole lines; absent: standard error, written before the call returns. */
  readonly write?: (text: string) => void;
};

/** Every field goes through presentable(), whatever its name. */
export function createLogger({ level, form, write }: LogOptions): Logger {
  const output: DestinationStream = write === undefined ? standardError() : { write: (text) => write(text) };
  const destination = form === "json" ? output : { write: (json: string) => void output.write(lineOf(json)) };
  return adapted(pino({ level, base: null, serializers: { err: (plain: unknown) => plain } }, destination));
}

/** Nobody reading the log any more is no reason to stop serving. */
function standardError(): DestinationStream {
  const stream = pino.destination({ fd: 2, sync: true });
  stream.on("error", () => undefined);
  return stream;
}

function adapted(log: Pino): Logger {
  const at =
    (level: LogLevel) =>
    (fields: Readonly<Record<string, unknown>>, text: string): void => {
      if (log.isLevelEnabled(level)) log[level](presentable(fields), text);
    };
  return {
    isDebugging: log.isLevelEnabled("debug"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => adapted(log.child(presentable(fields))),
  };
}
