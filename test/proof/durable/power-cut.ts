// Power lost right after an acknowledgement: of each file only what had been synced by then is left.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serveEtcdApi } from "../../../src/embedded/serve.js";
import { openEmbeddedStore } from "../../../src/embedded/store.js";
import { createLogger } from "../../../src/log.js";
import { systemClock, systemRng } from "../../../src/system.js";
import { inFolder } from "../../support/temporary-folder.js";
import { until } from "../../support/until.js";
import { asked } from "./kills.js";
import { Ledger } from "./ledger.js";
import { ACKNOWLEDGED, type Acknowledgement, cutBack, readTrace, tracing } from "./trace.js";
import { Victim } from "./victim.js";
import { Writers } from "./writers.js";

const WRITERS = 5;
/** Where LevelDB's files lie in the store's folder. */
const DISK = "db";

export type Cut = { readonly cuts: number; readonly ledger: Ledger; readonly violations: readonly string[] };
/** Never syncs, or does not wait for it. */
export type Defect = "unsynced" | "hasty";
type Asked = { readonly writes: number; readonly cuts: number; readonly defect?: Defect };

export async function cutPower({ writes, cuts, defect }: Asked): Promise<Cut> {
  return await inFolder("durable", async (base) => {
    const folder = join(base, "data");
    const ledger = new Ledger();
    const given = await traced(base, folder, { ledger, writes, defect });
    const violations: string[] = [];
    const chosen = spread(given, cuts);
    for (const [number, at] of chosen.entries()) {
      const target = join(base, `cut${number}`);
      await cutBack(join(folder, DISK), at.synced, join(target, DISK));
      const acknowledged = new Set(given.slice(0, given.indexOf(at) + 1).map(({ revision }) => revision));
      const found = await lookAt(target, ledger, acknowledged);
      violations.push(...found.map((text) => `cut after ${at.revision}: ${text}`));
    }
    return { cuts: chosen.length, ledger, violations };
  });
}

type Traced = { readonly ledger: Ledger; readonly writes: number; readonly defect: Defect | undefined };

async function traced(base: string, folder: string, { ledger, writes, defect }: Traced): Promise<Acknowledgement[]> {
  const [trace, acks] = [join(base, "trace"), join(base, "acks")];
  const victim = new Victim(
    folder,
    ["--acks", acks, ...(defect === undefined ? [] : ["--defect", defect])],
    tracing(trace),
  );
  try {
    const writers = new Writers(await victim.listening(), ledger, "cut", WRITERS);
    await until(`${writes} writes`, () => writers.acknowledged >= writes, { withinMs: 120_000 });
    await writers.stop();
  } finally {
    await victim.child.kill9();
  }
  const told = async () => (await readFile(trace, "latin1")).match(ACKNOWLEDGED)?.length ?? 0;
  await until("the trace to be complete", async () => (await told()) >= ledger.acknowledged);
  return await readTrace(trace, join(folder, DISK));
}

/** The last one, and others over the whole time. */
function spread(given: readonly Acknowledgement[], cuts: number): Acknowledgement[] {
  const every = Math.max(1, Math.floor(given.length / cuts));
  return given.filter((_, at) => (given.length - 1 - at) % every === 0).slice(-cuts);
}

/** Opened in this process: nothing is killed any more. */
async function lookAt(folder: string, ledger: Ledger, acknowledged: ReadonlySet<bigint>): Promise<string[]> {
  const log = createLogger({ level: "error", form: "line" });
  try {
    const store = await openEmbeddedStore({ folder, clock: systemClock, rng: systemRng, log });
    const api = await serveEtcdApi(store, { host: "127.0.0.1", port: 0 }, log);
    try {
      ledger.beginAgain();
      return await asked(api.address, (client) => ledger.violationsOf(client, acknowledged));
    } finally {
      await api.close();
      await store.close();
    }
  } catch (error) {
    return [`it does not open: ${String(error)}`];
  }
}
