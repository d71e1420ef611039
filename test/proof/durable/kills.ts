// kill -9 at any moment: in the middle of writes, and while it opens.

import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { EtcdApiClient } from "../../support/etcd-api.js";
import { inFolder } from "../../support/temporary-folder.js";
import { Ledger } from "./ledger.js";
import { Victim } from "./victim.js";
import { Writers } from "./writers.js";

export type Killed = {
  readonly underLoad: number;
  readonly whileOpening: number;
  readonly ledger: Ledger;
  readonly violations: readonly string[];
};

const WRITERS = 6;
const LONGEST_LOAD_MS = 400;
const LONGEST_OPENING_MS = 500;
/** One more kill while it opens, after so many under load. */
const WHILE_OPENING_EVERY = 5;

/** So many kills under load of stores on one folder, each started on what the last one left, and some while opening. */
export async function killManyTimes(kills: number): Promise<Killed> {
  return await inFolder("durable", async (folder) => {
    const ledger = new Ledger();
    const violations: string[] = [];
    let whileOpening = 0;
    for (let round = 1; round <= kills && violations.length === 0; round++) {
      violations.push(...(await killUnderLoad(folder, ledger, `round${round}`)));
      if (round % WHILE_OPENING_EVERY !== 0) continue;
      whileOpening += 1;
      await killWhileOpening(folder);
    }
    violations.push(...(await lookAtAll(folder, ledger)));
    return { underLoad: kills, whileOpening, ledger, violations };
  });
}

/** What the last one left is looked at first. */
async function killUnderLoad(folder: string, ledger: Ledger, name: string): Promise<string[]> {
  const victim = new Victim(folder);
  try {
    const address = await victim.listening();
    const violations = await asked(address, (api) => ledger.violationsOf(api));
    const writers = new Writers(address, ledger, name, WRITERS);
    // The moment is the point here.
    await pause(randomInt(LONGEST_LOAD_MS));
    const dead = victim.child.kill9();
    await writers.stop();
    await dead;
    return violations.map((text) => `before ${name}: ${text}`);
  } finally {
    await victim.child.kill9();
  }
}

async function killWhileOpening(folder: string): Promise<void> {
  const victim = new Victim(folder);
  await pause(randomInt(LONGEST_OPENING_MS));
  await victim.child.kill9();
}

/** From the first revision on, by a new process on the folder. */
export async function lookAtAll(folder: string, ledger: Ledger): Promise<string[]> {
  const victim = new Victim(folder);
  try {
    ledger.beginAgain();
    return await asked(await victim.listening(), (api) => ledger.violationsOf(api));
  } finally {
    await victim.child.kill9();
  }
}

export async function asked<T>(address: string, work: (api: EtcdApiClient) => Promise<T>): Promise<T> {
  const api = new EtcdApiClient(address);
  try {
    return await work(api);
  } finally {
    api.close();
  }
}
