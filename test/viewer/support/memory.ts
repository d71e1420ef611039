// What a page holds: its script's heap after a collection, and what its process has of the machine's memory.

import { readFile } from "node:fs/promises";
import type { BrowserContext, Page } from "playwright-core";
import { resident } from "../../bench/resident.js";
import { useBrowser } from "./browser.js";

export type Held = { readonly heap: number; readonly resident: number };

type Process = { readonly type: string; readonly id: number; readonly cpuTime: number };

/** In bytes; of all renderers together, of which the others do nothing. */
export async function held(context: BrowserContext, page: Page): Promise<Held> {
  const session = await context.newCDPSession(page);
  try {
    for (let turn = 0; turn < 2; turn++) await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = (await session.send("Runtime.getHeapUsage")) as { usedSize: number };
    const sizes = await Promise.all((await renderers()).map((pid) => residentOf(pid)));
    return { heap: usedSize, resident: sizes.reduce((sum, size) => sum + size, 0) };
  } finally {
    await session.detach();
  }
}

async function renderers(): Promise<readonly number[]> {
  const session = await (await useBrowser()).newBrowserCDPSession();
  try {
    const { processInfo } = (await session.send("SystemInfo.getProcessInfo")) as { processInfo: Process[] };
    return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
  } finally {
    await session.detach();
  }
}

async function residentOf(pid: number): Promise<number> {
  const isThere = await readFile(`/proc/${pid}/status`).catch(() => undefined);
  return isThere === undefined ? 0 : await resident(pid);
}
