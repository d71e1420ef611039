// The grammar of names, contracts.md 1. One place for every pattern of the server side.

const SERVICE = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL = /^[a-z0-9]([a-z0-9._=-]{0,61}[a-z0-9])?$/;
const CONTAINER = /^[a-z0-9]([a-z0-9._-]{0,126}[a-z0-9])?$/;
const PORT = /^[a-z][a-z0-9-]{0,14}$/;

export const DEFAULT_NAMESPACE = "default";
export const MAX_LABELS = 16;

export const isServiceName = (name: string): boolean => SERVICE.test(name);
export const isNamespaceName = (name: string): boolean => SERVICE.test(name);
export const isLabel = (label: string): boolean => LABEL.test(label);
export const isContainerName = (name: string): boolean => CONTAINER.test(name);
export const isPortName = (name: string): boolean => PORT.test(name);

/** Says in words which characters break the label grammar, for the `why` line of BAD_LABEL. */
export function labelComplaint(label: string): string {
  if (label === "") return "it is empty";
  const bad = [...new Set([...label].filter((c) => !/[a-z0-9._=-]/.test(c)))].map(describeCharacter);
  if (bad.length > 0) return `found: ${bad.join(", ")}`;
  if (label.length > 63) return `it has ${label.length} characters`;
  return "it has to start and end with a letter or digit";
}

function describeCharacter(c: string): string {
  if (c === " ") return "space";
  if (/[A-Z]/.test(c)) return `capital ${c}`;
  const code = c.codePointAt(0) ?? 0;
  return code < 33 || code > 126 ? `character U+${code.toString(16).padStart(4, "0").toUpperCase()}` : `"${c}"`;
}
