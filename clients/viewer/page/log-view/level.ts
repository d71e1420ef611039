// How grave a log line is, read from its text as common loggers write it. Pure; a guess that is "" rather than wrong.

export const LEVELS = ["error", "warn", "info", "debug"] as const;
export type Level = (typeof LEVELS)[number];

const WORDS: Readonly<Record<string, Level>> = {
  fatal: "error",
  panic: "error",
  crit: "error",
  critical: "error",
  emerg: "error",
  alert: "error",
  error: "error",
  err: "error",
  warn: "warn",
  warning: "warn",
  notice: "info",
  info: "info",
  debug: "debug",
  trace: "debug",
};
const WORD = Object.keys(WORDS).join("|");
/** {"level":"warn"} {"severity":"ERROR"} */
const JSON_WORD = new RegExp(`"(?:level|severity|lvl)"\\s*:\\s*"(${WORD})"`, "i");
/** {"level":40} */
const JSON_NUMBER = /"level"\s*:\s*(\d{2})\b/;
/** level=warn */
const KEYED = new RegExp(`\\b(?:level|lvl|severity)=["']?(${WORD})\\b`, "i");
/** [WARN] <error> near the beginning, or a word in capitals. */
const BRACKETED = new RegExp(`[[<(](${WORD})[\\]>)]`, "i");
const CAPITALS = new RegExp(`\\b(${WORD.toUpperCase()})\\b`);
/** "error: …", "TypeError: …", "Warning: …" */
const LEADING = new RegExp(`^(?:[\\w.]*?)(${WORD}|exception)\\b:`, "i");

const LOOKED_AT = 400;

/** "" where the text does not say. */
export function levelOf(text: string): Level | "" {
  const head = text.slice(0, LOOKED_AT);
  const number = JSON_NUMBER.exec(head)?.[1];
  if (number !== undefined) return ofNumber(Number(number));
  const word = (JSON_WORD.exec(head) ?? KEYED.exec(head) ?? ofStart(head))?.[1]?.toLowerCase();
  if (word === "exception") return "error";
  return word === undefined ? "" : (WORDS[word] ?? "");
}

function ofStart(head: string): RegExpExecArray | null {
  const start = head.slice(0, 80);
  return BRACKETED.exec(start) ?? CAPITALS.exec(start) ?? LEADING.exec(start.trimStart());
}

/** As pino numbers them. */
function ofNumber(level: number): Level {
  if (level >= 50) return "error";
  if (level >= 40) return "warn";
  return level >= 30 ? "info" : "debug";
}

/** At least as grave as asked; a line that says nothing of it is not. "" asks for all. */
export function isAtLeast(level: Level | "", asked: Level | ""): boolean {
  if (asked === "") return true;
  return level !== "" && LEVELS.indexOf(level) <= LEVELS.indexOf(asked);
}
