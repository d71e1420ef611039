// How much memory a process takes, as the kernel counts it.

import { readFileSync } from "node:fs";

const PAGE = 4096;
const EVERY_MS = 25;

/** Bytes that are resident. */
export function residentBytes(pid: number): number {
  const [, resident = ""] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  return Number(resident) * PAGE;
}

/** The most that the process took while the work went on, in bytes. */
export async function mostWhile(pid: number, work: () => Promise<unknown>): Promise<number> {
  let most = residentBytes(pid);
  const timer = setInterval(() => {
    most = Math.max(most, residentBytes(pid));
  }, EVERY_MS);
  try {
    await work();
    return Math.max(most, residentBytes(pid));
  } finally {
    clearInterval(timer);
  }
}
