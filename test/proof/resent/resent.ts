// The same request is sent again because its answer was lost on the way, while others have changed the same group
// meanwhile: it has its effect once, and what others did stays.

import { randomBytes } from "node:crypto";
import { StoreLog } from "../../support/store-log.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage } from "../stage.js";
import { Caller } from "./caller.js";

const CALLERS = 4;
const SERVERS = 2;
const ROUNDS = { small: 20, full: 1_000 } as const;

/** @param forgets the request id changes with each attempt: the defence is off. */
async function play(rounds: number, forgets: boolean): Promise<Report> {
  return await onStage(async (stage) => {
    const log = new StoreLog(stage.etcd);
    const callers: Caller[] = [];
    try {
      const servers = await Promise.all(Array.from({ length: SERVERS }, () => stage.startServer()));
      const addresses = servers.map(({ listeners }) => listeners.grpc);
      const asked = { image: stage.image, addresses, log, requestId: () => randomBytes(8).toString("hex"), forgets };
      for (let i = 1; i <= CALLERS; i += 1) callers.push(await Caller.start(`k${i}`, asked));
      let left = rounds;
      const work = async (caller: Caller): Promise<void> => {
        for (; left > 0; ) {
          left -= 1;
          await caller.round();
        }
      };
      await Promise.all(callers.map(work));
      const lost = callers.reduce((sum, caller) => sum + caller.lost, 0);
      console.error(`resent: ${rounds} requests, ${lost} answers lost, each request sent again`);
      const few = lost < rounds ? [`only ${lost} answers were lost`] : [];
      return { cases: rounds, violations: [...few, ...callers.flatMap(({ violations }) => violations)] };
    } finally {
      for (const caller of callers) await caller.stop();
      await log.stop();
    }
  });
}

const check = (size: Size): Promise<Report> => play(ROUNDS[size], false);

/** Each attempt is a request of its own. */
const control = (): Promise<Report> => play(4, true);

export const resent: Proof = { name: "resent", check, control };
