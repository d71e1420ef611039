// What a process holds and uses, as the kernel counts it.

import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

const LOOK_MS = 1_000;
const CALM_LOOKS = 3;
const MOST_LOOKS = 60;

/** Resident bytes. */
export async function resident(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** The same, once it has changed by less than one hundredth for three seconds in a row; after a minute as it is then. */
export async function calmResident(pid: number | undefined): Promise<number> {
  let last = await resident(pid);
  for (let look = 0, calm = 0; calm < CALM_LOOKS && look < MOST_LOOKS; look++) {
    await pause(LOOK_MS);
    const now = await resident(pid);
    calm = Math.abs(now - last) < last / 100 ? calm + 1 : 0;
    last = now;
  }
  return last;
}

/** Until it has used less than a fifth of a processor for three seconds in a row; a minute at most. */
export async function untilIdle(pid: number | undefined): Promise<void> {
  let last = await processorTime(pid);
  for (let look = 0, idle = 0; idle < CALM_LOOKS && look < MOST_LOOKS; look++) {
    await pause(LOOK_MS);
    const now = await processorTime(pid);
    idle = now - last < LOOK_MS / 5 ? idle + 1 : 0;
    last = now;
  }
}

/** Milliseconds of a processor that a process has used so far, as the kernel counts them: in hundredths of a second. */
export async function processorTime(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // After the name, which may have anything in it: user time and system time are the 12th and 13th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

export const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
