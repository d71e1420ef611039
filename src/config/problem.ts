// What is wrong with the settings, and how a person is told: four lines, or one JSON line.

export type Problem = {
  /** What is wrong, naming the flag. */
  readonly what: string;
  readonly why?: string;
  /** Commands that work as printed. */
  readonly next?: readonly string[];
};

/** For standard error; ends with a line feed. There has to be at least one problem. */
export function problemText(problems: readonly Problem[], form: "text" | "json"): string {
  const facts = factsOf(problems);
  if (form === "json") return `${JSON.stringify({ error: jsonOf(facts) })}\n`;
  const lines = [
    `${`error: ${facts.what}`.padEnd(74)} [USAGE]`,
    ...block("why", facts.why),
    ...block("now", [facts.now]),
    ...block("next", facts.next),
  ];
  return `${lines.join("\n")}\n`;
}

type Facts = {
  readonly what: string;
  readonly why: readonly string[];
  readonly now: string;
  readonly next: readonly string[];
};

const NOW = "the server was not started; nothing was changed";
const HELP = "theseus server start --help";

function factsOf(problems: readonly Problem[]): Facts {
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

function jsonOf({ what, why, now, next }: Facts): Record<string, unknown> {
  return { code: "USAGE", exit: 2, message: what, why: why.map((text) => ({ text })), now, next, retryable: false };
}

function block(name: string, texts: readonly string[]): string[] {
  const lines = texts.flatMap((text) => text.split("\n"));
  return lines.map((line, index) => `  ${(index === 0 ? name : "").padEnd(6)}${line}`);
}
