// The grammar of names and of selectors, as the server has it: checked here first, so that a mistyped name is
// explained before anything is sent.

import { Failure, usage } from "./failure.js";

const SERVICE = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL = /^[a-z0-9]([a-z0-9._=-]{0,61}[a-z0-9])?$/;
const PORT = /^[a-z][a-z0-9-]{0,14}$/;

export const DEFAULT_NAMESPACE = "default";
export const MAX_LABELS = 16;

export const isServiceName = (name: string): boolean => SERVICE.test(name);
export const isLabel = (label: string): boolean => LABEL.test(label);
export const isPortName = (name: string): boolean => PORT.test(name);

/** Says in words what breaks the label grammar; undefined for a good label. */
export function labelProblem(label: string): string | undefined {
  if (isLabel(label)) return undefined;
  return complaint(label, /[a-z0-9._=-]/, "start and end with a letter or digit");
}

/** Says in words what breaks the grammar of services and namespaces; undefined for a good name. */
export function serviceProblem(name: string): string | undefined {
  if (isServiceName(name)) return undefined;
  return complaint(name, /[a-z0-9-]/, "start with a letter and end with a letter or digit");
}

function complaint(name: string, good: RegExp, ends: string): string {
  if (name === "") return "it is empty";
  const bad = [...new Set([...name].filter((c) => !good.test(c)))].map(describeCharacter);
  if (bad.length > 0) return `found: ${bad.join(", ")}`;
  if (name.length > 63) return `it has ${name.length} characters`;
  return `it has to ${ends}`;
}

function describeCharacter(c: string): string {
  if (c === " ") return "space";
  if (/[A-Z]/.test(c)) return `capital ${c}`;
  const code = c.codePointAt(0) ?? 0;
  return code < 33 || code > 126 ? `character U+${code.toString(16).padStart(4, "0").toUpperCase()}` : `"${c}"`;
}

export const LABEL_RULE = "labels are a-z 0-9 . _ = - , at most 63, starting and ending with a letter or digit";
export const SERVICE_RULE = "names are a-z 0-9 - , at most 63, starting with a letter, ending with a letter or digit";

/** Names what is wrong with a selector; undefined for a good one. "a,b" all of, "!x" not, "a|b" either. */
export function selectorProblem(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  for (const word of text.split(/[,|]/)) {
    const label = word.trim().replace(/^!/, "");
    const problem = labelProblem(label);
    if (problem !== undefined) return `"${word.trim()}" is not a label: ${problem}`;
  }
  return undefined;
}

/** The selector of -l as it is sent. */
export function checkedSelector(text: string | undefined): string {
  const problem = text === undefined ? undefined : selectorProblem(text);
  if (problem !== undefined)
    throw usage(`"${text}" is not a selector`, [problem, `"a,b" all of, "!x" not, "a|b" either; ${LABEL_RULE}`]);
  return text ?? "";
}

/** A namespace as it is sent. */
export function checkedNamespace(name: string): string {
  const problem = serviceProblem(name);
  if (problem === undefined) return name;
  throw new Failure("BAD_NAME", {
    what: `"${name}" is not a namespace`,
    why: [`${SERVICE_RULE}; ${problem}`],
    now: "nothing was sent or changed",
    next: ["theseus get namespaces"],
  });
}
