// Waiting until a gateway has read the whole fleet: what a page shows before that is a state of its own.

import type { Snapshot } from "../../../clients/viewer/wire.js";
import { until } from "../../support/until.js";

const PATIENCE_MS = 60_000;

export async function untilKnown(url: string, containers: number): Promise<void> {
  const isKnown = async (): Promise<boolean> => {
    const found = await snapshotOf(url).catch(() => undefined);
    const { truth } = found ?? {};
    return truth?.state === "ok" && truth.problems.length === 0 && (found?.containers.length ?? 0) >= containers;
  };
  await until(`the viewer to know ${containers} containers`, isKnown, { withinMs: PATIENCE_MS, everyMs: 250 });
}

async function snapshotOf(url: string): Promise<Snapshot | undefined> {
  const stop = new AbortController();
  const { body } = await fetch(`${url}api/stream`, { signal: stop.signal });
  let text = "";
  try {
    const decoder = new TextDecoder();
    for await (const part of body ?? []) {
      text += decoder.decode(part as Uint8Array, { stream: true });
      const data = /^event: snapshot\n(?:id: .*\n)?data: ([^\n]*)\n/m.exec(text) ?? /^data: (\{"[^\n]*)\n/m.exec(text);
      if (data !== null) return JSON.parse(data[1] ?? "") as Snapshot;
    }
    return undefined;
  } finally {
    stop.abort();
  }
}
