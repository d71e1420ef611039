// Leaders that are killed while versions change are followed in time, and one that is told to stop hands over at once;
// neither breaks what is promised of the change, and under a steady load nobody notices.

import { setTimeout as pause } from "node:timers/promises";
import type { Proof, Report, Size } from "../proof.js";
import { onStage } from "../stage.js";
import { WatchedGroup } from "./group.js";
import { House, percentile, type Succession } from "./house.js";
import { underLoad } from "./under-load.js";

const SERVERS = 3;
/** That of the stage's servers. */
const TTL_MS = 2_000;
const ACTS_WITHIN_MS = TTL_MS + 2_000;
const MOSTLY_ACTS_WITHIN_MS = TTL_MS + 1_000;
const HANDED_OVER_WITHIN_MS = 500;
const PATIENCE_MS = 15_000;
/** The leader ends at any moment of an update. */
const LATEST_MS = 1_500;

type Measure = { readonly kills: number; readonly stops: number; readonly underLoad: number };
type Ends = { readonly killed: readonly Succession[]; readonly stopped: readonly Succession[] };

async function succeedDuring(house: House, group: WatchedGroup, how: "kill" | "stop"): Promise<Succession | undefined> {
  await house.complete();
  if (!(await group.isUnderWay())) await group.ask(house.addresses);
  await pause(Math.random() * LATEST_MS);
  const isUnderWay = await group.isUnderWay();
  const seen = await house.succeed(how, { withinMs: PATIENCE_MS });
  // Just then there was nothing to do any more: what nobody has worked on since was done before.
  if (!isUnderWay || (seen.acted === undefined && !(await group.isUnderWay()))) return undefined;
  return seen;
}

async function duringUpdates({ kills, stops }: Measure): Promise<Report> {
  return await onStage(async (stage) => {
    const house = await House.open(stage, SERVERS);
    const { member } = await house.leader();
    const group = await WatchedGroup.make(stage, member.server);
    try {
      const ends = { killed: [] as Succession[], stopped: [] as Succession[] };
      for (const [how, count, seen] of [
        ["kill", kills, ends.killed],
        ["stop", stops, ends.stopped],
      ] as const) {
        while (seen.length < count) {
          const one = await succeedDuring(house, group, how);
          if (one !== undefined) seen.push(one);
        }
      }
      await group.settled().catch(() => undefined);
      const figures = await group.looks();
      const violations = [...judged(ends), ...(await group.faults()), ...(await group.violations())];
      console.error(`failover: ${toldOf("killed", ends.killed)}; ${toldOf("told to stop", ends.stopped)}; ${figures}`);
      return { cases: kills + stops, violations };
    } finally {
      await group.close();
      await house.close();
    }
  });
}

function judged({ killed, stopped }: Ends): string[] {
  const idle = [...killed, ...stopped].filter(({ acted }) => acted === undefined).length;
  const late = percentile(killed.map(actedOf), 99);
  const mostly = percentile(killed.map(actedOf), 50);
  const slow = percentile(
    stopped.map(({ elected }) => elected),
    99,
  );
  return [
    ...(idle > 0 ? [`${idle} leaders did nothing in ${PATIENCE_MS} ms`] : []),
    ...(late > ACTS_WITHIN_MS ? [`after a kill nothing was done for ${late} ms`] : []),
    ...(mostly > MOSTLY_ACTS_WITHIN_MS ? [`after half of the kills nothing was done for ${mostly} ms`] : []),
    ...(slow > HANDED_OVER_WITHIN_MS ? [`a leader that was told to stop handed over after ${slow} ms`] : []),
  ];
}

const actedOf = ({ acted = PATIENCE_MS }: Succession): number => acted;

function toldOf(what: string, seen: readonly Succession[]): string {
  const figures = (of: (one: Succession) => number) => [50, 99].map((part) => percentile(seen.map(of), part)).join("/");
  return `${seen.length} ${what}, next leader after ${figures(({ elected }) => elected)} ms, its work after ${figures(actedOf)}`;
}

const FULL: Measure = { kills: 100, stops: 20, underLoad: 20 };
const SMALL: Measure = { kills: 3, stops: 1, underLoad: 0 };

async function check(size: Size): Promise<Report> {
  const measure = size === "full" ? FULL : SMALL;
  const parts = [await duringUpdates(measure)];
  if (measure.underLoad > 0) parts.push(await underLoad(measure.underLoad));
  return {
    cases: parts.reduce((sum, { cases }) => sum + cases, 0),
    violations: parts.flatMap(({ violations }) => violations),
  };
}

/** A leader that is killed has told nobody, and with nobody standing by nothing is done. */
async function control(): Promise<Report> {
  return await onStage(async (stage) => {
    const house = await House.open(stage, 2);
    const group = await WatchedGroup.make(stage, (await house.leader()).member.server);
    try {
      await group.ask(house.addresses);
      const untold = judged({
        killed: [],
        stopped: [await house.succeed("kill", { withinMs: PATIENCE_MS, comesBack: false })],
      });
      const alone = judged({
        killed: [await house.succeed("kill", { withinMs: ACTS_WITHIN_MS + 500, comesBack: false })],
        stopped: [],
      });
      const isBlind = untold.length === 0 || alone.length === 0;
      return { cases: 2, violations: isBlind ? [] : [...untold, ...alone] };
    } finally {
      await group.close();
      await house.close();
    }
  });
}

export const failover: Proof = { name: "failover", check, control };
