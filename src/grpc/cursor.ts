// Cursors as callers see them: opaque text, made of the epoch and the revision in it.

import type { Cursor } from "../model/history.js";
import type { Report } from "./violations.js";

/** The first letter says which form it is. */
const FORM = /^w([0-9]{1,19})\.(.{0,128})$/s;
const LONGEST = 256;

export function writeCursor({ epoch, revision }: Cursor): string {
  return Buffer.from(`w${revision}.${epoch}`).toString("base64url");
}

/** Undefined for an empty text, and, reported, for one that no cursor has. */
export function readCursor(text: string, report: Report): Cursor | undefined {
  if (text === "") return undefined;
  const decoded = text.length > LONGEST ? "" : Buffer.from(text, "base64url").toString();
  const [, revision, epoch] = FORM.exec(decoded) ?? [];
  if (revision === undefined || epoch === undefined || writeCursor({ epoch, revision: BigInt(revision) }) !== text) {
    report("", "it is none that a watch has given");
    return undefined;
  }
  return { epoch, revision: BigInt(revision) };
}
