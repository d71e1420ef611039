// Two configs of a group side by side, field by field. Pure.

import type { RevisionDetail } from "../../wire.js";

export type Fields = RevisionDetail["fields"];

export interface FieldRow {
  readonly path: string;
  /** undefined: not set there. */
  readonly left: string | undefined;
  readonly right: string | undefined;
  readonly kind: "same" | "changed" | "added" | "removed";
}

/** Every field of either, by path: the image first, as it is what people look for. */
export function compareFields(left: Fields, right: Fields): FieldRow[] {
  const [before, after] = [new Map(left), new Map(right)];
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort(byPath);
  return paths.map((path) => {
    const [from, to] = [before.get(path), after.get(path)];
    return { path, left: from, right: to, kind: kindOf(from, to) };
  });
}

/** "image web:1 → web:2, mem 512MiB → 768MiB and 2 more"; "" where nothing differs. */
export function changeText(rows: readonly FieldRow[], most = 3): string {
  const changed = rows.filter(({ kind }) => kind !== "same");
  const texts = changed
    .slice(0, most)
    .map(({ path, left, right }) => `${path} ${left ?? "unset"} → ${right ?? "unset"}`);
  const more = changed.length > most ? ` and ${changed.length - most} more` : "";
  return texts.join(", ") + more;
}

function byPath(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "image") return -1;
  if (b === "image") return 1;
  return a < b ? -1 : 1;
}

function kindOf(from: string | undefined, to: string | undefined): FieldRow["kind"] {
  if (from === to) return "same";
  if (from === undefined) return "added";
  return to === undefined ? "removed" : "changed";
}
