// One short line a record, for a person at a terminal: time, level, text, fields.

type Levelled = { readonly level?: unknown; readonly time?: unknown; readonly msg?: unknown };

const LEVELS: Readonly<Record<number, string>> = { 20: "debug", 30: "info", 40: "warn", 50: "error" };

/** Takes a record as JSON and gives its line, with the line feed. Text that is no record is passed on. */
export function lineOf(json: string): string {
  const record = parsed(json);
  if (record === undefined) return json;
  const { level, time, msg, ...fields } = record;
  const clock = new Date(typeof time === "number" ? time : 0).toISOString().slice(11, 23);
  const word = LEVELS[Number(level)] ?? String(level);
  const rest = Object.entries(fields).flatMap(([name, value]) => written(name, value));
  return `${[clock, word.padEnd(5), String(msg ?? ""), ...rest].join(" ")}\n`;
}

function parsed(json: string): (Levelled & Record<string, unknown>) | undefined {
  try {
    return JSON.parse(json) as Levelled & Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function written(name: string, value: unknown): string[] {
  if (value === undefined || value === "") return [];
  if (typeof value === "object" && value !== null && "message" in value) return [`${name}=${quoted(errorText(value))}`];
  return [`${name}=${typeof value === "string" ? quoted(value) : JSON.stringify(value)}`];
}

function errorText(error: { readonly message: unknown; readonly why?: unknown; readonly stack?: unknown }): string {
  if (typeof error.stack === "string") return error.stack;
  return Array.isArray(error.why) ? [error.message, ...error.why].join(": ") : String(error.message);
}

function quoted(text: string): string {
  return /^[\w.,:/@+-]*$/.test(text) ? text : JSON.stringify(text);
}
