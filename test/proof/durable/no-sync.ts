// A disk that does not take a sync: writes are refused and not acknowledged, reads go on, and the store goes on by itself
// when the disk does.

import { RangeRequest } from "../../../src/embedded/gen/etcd.js";
import { Child } from "../../support/child.js";
import { inFolder } from "../../support/temporary-folder.js";
import { until } from "../../support/until.js";
import { asked, lookAtAll } from "./kills.js";
import { Ledger } from "./ledger.js";
import { Victim } from "./victim.js";
import { Writers } from "./writers.js";

const WRITERS = 4;
const SOME = 40;

export type Refused = { readonly ledger: Ledger; readonly refusals: number; readonly violations: readonly string[] };

export async function failSyncs(times: number): Promise<Refused> {
  return await inFolder("durable", async (folder) => {
    const ledger = new Ledger();
    const victim = new Victim(folder);
    try {
      const { refusals, violations } = await underLoad(victim, ledger, times);
      await victim.child.kill9();
      return { ledger, refusals, violations: [...violations, ...(await lookAtAll(folder, ledger))] };
    } finally {
      await victim.child.kill9();
    }
  });
}

async function underLoad(victim: Victim, ledger: Ledger, times: number): Promise<Omit<Refused, "ledger">> {
  const violations: string[] = [];
  const address = await victim.listening();
  const writers = new Writers(address, ledger, "refused", WRITERS);
  await until("the first writes", () => writers.acknowledged > SOME);
  for (let time = 1; time <= times; time++) {
    violations.push(...(await failOnce(victim, writers, address)));
    const before = writers.acknowledged;
    await until("the store to write again by itself", () => writers.acknowledged > before + SOME);
  }
  await writers.stop();
  violations.push(...(await asked(address, (api) => ledger.violationsOf(api))));
  return { refusals: writers.refused, violations };
}

/** From the first refusal on nothing may be acknowledged. */
async function failOnce(victim: Victim, writers: Writers, address: string): Promise<string[]> {
  const calls = "fdatasync,fsync";
  const inject = ["-e", `trace=${calls}`, "-e", `inject=${calls}:error=EIO`];
  const refusedBefore = writers.refused;
  const tracer = new Child("strace", ["-f", "-p", String(victim.child.pid), ...inject, "-o", "/dev/null"]);
  try {
    const isRefusing = (atLeast: number) => () => {
      if (tracer.hasEnded) throw new Error(`strace ended: ${tracer.stderr}`);
      return writers.refused >= refusedBefore + atLeast;
    };
    await until("a refusal", isRefusing(1));
    const acknowledged = writers.acknowledged;
    await until("more refusals", isRefusing(SOME));
    const violations =
      writers.acknowledged === acknowledged ? [] : ["a write was acknowledged while no sync succeeded"];
    const read = await asked(address, (api) =>
      api.call("range", RangeRequest.fromPartial({ key: Buffer.from("own/") })),
    );
    if (!("ok" in read)) violations.push(`while the disk fails, a read is refused: ${read.text}`);
    return violations;
  } finally {
    await tracer.stop();
  }
}
