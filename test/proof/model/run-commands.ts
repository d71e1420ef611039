// Runs of commands until as many as asked have run on both stores; the first difference ends it.

import fc from "fast-check";
import { presentable } from "./compared.js";
import { compact, deleteKeys, deleteRange, put, rangeStep } from "./kv-steps.js";
import {
  leaseExpiry,
  leaseGrant,
  leaseKeepAlive,
  leaseLeases,
  leaseRevoke,
  leaseTimeToLive,
  revoke,
  shortLease,
} from "./lease-steps.js";
import { about, everything, odd, restart } from "./life-steps.js";
import { Pair, type StartSide } from "./sides.js";
import { Stage, type Step } from "./step.js";
import { txn } from "./txn-steps.js";
import { largeValues, watchCancel, watchCreate, watchProgress, watchSettle } from "./watch-steps.js";
import { World } from "./world.js";

export type Asked = {
  readonly commands: number;
  readonly seed: number;
  /** Finds the shortest run that differs; each try begins with new stores. */
  readonly shrinks?: boolean;
  /** At most so many of each kind of slow command: restarts, leases that run out. */
  readonly slow: number;
};
export type Ran = {
  readonly byKind: ReadonlyMap<string, number>;
  readonly commands: number;
  readonly divergence?: string;
};

const LONGEST_RUN = 150;
/** Commands in a report: those before the one that differed. */
const SHOWN = 12;

const STEPS: readonly { readonly weight: number; readonly arbitrary: fc.Arbitrary<Step> }[] = [
  { weight: 24, arbitrary: put },
  { weight: 14, arbitrary: rangeStep },
  { weight: 9, arbitrary: deleteRange },
  { weight: 16, arbitrary: txn },
  { weight: 3, arbitrary: compact },
  { weight: 4, arbitrary: leaseGrant },
  { weight: 1, arbitrary: shortLease },
  { weight: 2, arbitrary: leaseRevoke },
  { weight: 2, arbitrary: leaseKeepAlive },
  { weight: 3, arbitrary: leaseTimeToLive },
  { weight: 2, arbitrary: leaseLeases },
  { weight: 6, arbitrary: watchCreate },
  { weight: 2, arbitrary: watchCancel },
  { weight: 2, arbitrary: watchProgress },
  { weight: 3, arbitrary: watchSettle },
  { weight: 1, arbitrary: largeValues },
  { weight: 1, arbitrary: about },
  { weight: 4, arbitrary: odd },
  { weight: 1, arbitrary: restart },
  { weight: 1, arbitrary: leaseExpiry },
];
const SLOW = /restart|runs out/;

/** Counts over all runs, and the pair of stores that they share as long as the two are equal. */
class Session {
  readonly byKind = new Map<string, number>();
  commands = 0;
  /** Of the present run. */
  trail: string[] = [];
  #isShrinking = false;
  #pair: Promise<Pair> | undefined;
  #world = new World();

  constructor(
    private readonly startEmbedded: StartSide,
    private readonly asked: Asked,
  ) {}

  get isDone(): boolean {
    return !this.#isShrinking && this.commands >= this.asked.commands;
  }

  /** Skips what the session has had enough of. */
  wants({ kind }: Step): boolean {
    return !this.isDone && (!SLOW.test(kind) || (this.byKind.get(kind) ?? 0) < this.asked.slow);
  }

  async stage(): Promise<Stage> {
    this.trail = [];
    this.#pair ??= Pair.start(this.startEmbedded);
    return new Stage(await this.#pair, this.#world);
  }

  async run(step: Step, stage: Stage): Promise<void> {
    this.trail.push(describe(step));
    await step.run(stage);
    if (this.#isShrinking) return;
    this.commands += 1;
    this.byKind.set(step.kind, (this.byKind.get(step.kind) ?? 0) + 1);
  }

  /** What a run leaves behind is compared once more, and taken away. */
  async tidy(stage: Stage): Promise<void> {
    await stage.settle();
    await stage.closeStreams();
    await stage.call("range", everything);
    for (const id of [...stage.world.leases]) await revoke(stage, id);
    await deleteKeys(stage, everything, true);
  }

  /** Two stores that differ are of no more use; runs after this one only look for a shorter one, and count no more. */
  async fail(stage: Stage): Promise<void> {
    this.#isShrinking = true;
    await stage.closeStreams();
    await this.drop();
  }

  async drop(): Promise<void> {
    const pair = await this.#pair?.catch(() => undefined);
    this.#pair = undefined;
    this.#world = new World();
    await pair?.stop();
  }
}

const describe = ({ kind, plan }: Step): string => `${kind} ${presentable(plan)}`;

class Command implements fc.AsyncCommand<object, Stage> {
  constructor(
    private readonly step: Step,
    private readonly session: Session,
  ) {}

  check(): boolean {
    return this.session.wants(this.step);
  }

  async run(_: object, stage: Stage): Promise<void> {
    await this.session.run(this.step, stage);
  }

  toString(): string {
    return describe(this.step);
  }
}

function told(error: unknown, lines: readonly string[]): string {
  return [error instanceof Error ? error.message : String(error), ...lines].join("\n    ");
}

/** Throws only when the stores cannot be started. */
export async function runCommands(startEmbedded: StartSide, asked: Asked): Promise<Ran> {
  const session = new Session(startEmbedded, asked);
  const command = fc.oneof(...STEPS).map((step) => new Command(step, session));
  const property = fc.asyncProperty(
    fc.commands([command], { maxCommands: LONGEST_RUN, size: "max" }),
    async (commands) => {
      if (session.isDone) return;
      const stage = await session.stage();
      try {
        await fc.asyncModelRun(() => ({ model: {}, real: stage }), commands);
        await session.tidy(stage);
      } catch (error) {
        await session.fail(stage);
        throw error;
      }
    },
  );
  try {
    const found = await fc.check(property, {
      seed: asked.seed,
      numRuns: asked.commands,
      endOnFailure: asked.shrinks !== true,
    });
    const ran = { byKind: session.byKind, commands: session.commands };
    if (!found.failed) return ran;
    // The commands as text are those that have run.
    const lines = asked.shrinks ? [String(found.counterexample?.[0])] : session.trail.slice(-SHOWN);
    return { ...ran, divergence: told(found.errorInstance, lines) };
  } finally {
    await session.drop();
  }
}
