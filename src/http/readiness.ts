// Whether this server can answer lookups with what is true now.

import type { Catalog } from "../model/catalog.js";
import { type Milliseconds, SECOND } from "../model/instant.js";

/** The store says something every few seconds; when it has been silent this long, answers may be old. */
const SILENT_AFTER: Milliseconds = 30 * SECOND;

/** What keeps it from that, in words; empty when nothing does. */
export function catalogProblems(catalog: Pick<Catalog, "cursor" | "age">): readonly string[] {
  if (catalog.cursor() === undefined) return ["the store has not been read yet"];
  const age = catalog.age();
  return age > SILENT_AFTER ? [`the store was last heard from ${Math.round(age / SECOND)} s ago`] : [];
}
