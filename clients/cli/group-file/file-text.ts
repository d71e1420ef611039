// The bytes of a file as text, or why they cannot be a group file. Bounded before anything is parsed.

import { formatSize } from "../quantities.js";
import type { Problem } from "./problems.js";

/** 256 KiB: far above any group file, far below what would hurt. */
export const LARGEST_FILE = 256 * 1024;

export function textOf(bytes: Uint8Array): { readonly text: string } | { readonly problem: Problem } {
  const size = formatSize(LARGEST_FILE);
  if (bytes.length > LARGEST_FILE)
    return start(`the file is larger than ${size}`, `at most ${size}; split it, every -f is read`);
  if (isUtf16(bytes)) return start("the file is UTF-16", "UTF-8");
  const nul = bytes.indexOf(0);
  if (nul >= 0) return { problem: { ...placeOf(bytes, nul), path: "", what: "a NUL byte", expected: "text" } };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return start("the file is not valid UTF-8", "UTF-8");
  }
}

function start(what: string, expected: string): { readonly problem: Problem } {
  return { problem: { line: 1, col: 1, path: "", what, expected } };
}

/** By its byte order mark, or by every second byte of the beginning being zero. */
function isUtf16(bytes: Uint8Array): boolean {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  const head = bytes.subarray(0, 64);
  const zeros = (parity: number) => head.filter((byte, i) => i % 2 === parity && byte === 0).length;
  const most = Math.floor(head.length / 2) - 1;
  return head.length >= 4 && (zeros(0) >= most || zeros(1) >= most);
}

function placeOf(bytes: Uint8Array, at: number): { line: number; col: number } {
  const before = bytes.subarray(0, at);
  const line = before.filter((byte) => byte === 10).length + 1;
  return { line, col: at - before.lastIndexOf(10) };
}
