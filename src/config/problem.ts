// What is wrong with the settings, and how a person is told: four lines, or one JSON line.

export type Problem = {
  /** What is wrong, naming the flag. */
  readonly what: string;
  readonly why?: string;
  /** Commands that work as printed. */
  readonly next?: readonly string[];
};

/** A failure as a person reads it. */
export type Told = {
  readonly what: string;
  readonly why: readonly string[];
  readonly now: string;
  readonly next: readonly string[];
};

/** For standard error; ends with a line feed. There has to be at least one problem. */
export function problemText(problems: readonly Problem[], form: "text" | "json"): string {
  return toldText(factsOf(problems), { code: "USAGE", exit: 2 }, form);
}

/** For standard error; ends with a line feed. */
export function toldText(
  { what, why, now, next }: Told,
  { code, exit }: { readonly code: string; readonly exit: number },
  form: "text" | "json",
): string {
  if (form === "json") {
    const error = { code, exit, message: what, why: why.map((text) => ({ text })), now, next, retryable: false };
    return `${JSON.stringify({ error })}\n`;
  }
  const lines = [
    `${`error: ${what}`.padEnd(74)} [${code}]`,
    ...block("why", why),
    ...block("now", [now]),
    ...block("next", next),
  ];
  return `${lines.join("\n")}\n`;
}

const NOW = "the server was not started; nothing was changed";
const HELP = "theseus server start --help";

function factsOf(problems: readonly Problem[]): Told {
  const next = [...new Set(problems.flatMap((problem) => problem.next ?? []))];
  const [only, ...others] = problems;
  if (only !== undefined && others.length === 0) {
    return {
      what: only.what,
      why: only.why === undefined ? [] : [only.why],
      now: NOW,
      next: next.length ? next : [HELP],
    };
  }
  const why = problems.map((problem) => (problem.why === undefined ? problem.what : `${problem.what}: ${problem.why}`));
  return { what: `${problems.length} settings of the server are wrong`, why, now: NOW, next: [...next, HELP] };
}

function block(name: string, texts: readonly string[]): string[] {
  const lines = texts.flatMap((text) => text.split("\n"));
  return lines.map((line, index) => `  ${(index === 0 ? name : "").padEnd(6)}${line}`);
}
