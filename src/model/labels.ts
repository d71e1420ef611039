// Label sets: sorted, unique, and their form in a key. The empty set is "-".

export type LabelSet = readonly string[];

export function labelSet(labels: Iterable<string>): LabelSet {
  return [...new Set(labels)].sort();
}

export function encodeLabels(labels: LabelSet): string {
  // Most have one at most, and are asked for their group's name again and again.
  return labels.length < 2 ? (labels[0] ?? "-") : labelSet(labels).join(",");
}

/** The inverse of encodeLabels; undefined for text that encodeLabels never makes. */
export function decodeLabels(text: string): LabelSet | undefined {
  if (text === "-") return [];
  if (!text.includes(",")) return text === "" ? undefined : [text];
  const labels = labelSet(text.split(","));
  return encodeLabels(labels) === text && !labels.includes("") ? labels : undefined;
}
