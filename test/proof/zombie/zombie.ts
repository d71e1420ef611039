// A leader that stands still for twice its time in office and wakes up late writes nothing more and leads nobody, whatever
// it was doing; nor does one that stood still while it waited for its turn.

import { setTimeout as pause } from "node:timers/promises";
import type { SeenEvent } from "../../support/observed-engine.js";
import { WatchedGroup } from "../failover/group.js";
import type { Proof, Report, Size } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { judge, type Takeover } from "./judge.js";
import { freeze, thaw, type Wired, WiredHouse } from "./wired-house.js";

const SERVERS = 3;
/** Twice that of the stage's servers. */
const STANDS_STILL_MS = 4_000;
const REACHED_WITHIN_MS = 30_000;

/** The leader stops at its so many-th fenced transaction, or changing call, of an update. */
type Point = { readonly of: "txn" | "call"; readonly count: number; readonly where: "before" | "after" };

class Scene {
  readonly takeovers: Takeover[] = [];
  readonly #names = new Map<string, string>();

  constructor(
    readonly house: WiredHouse,
    readonly group: WatchedGroup,
    private readonly events: readonly SeenEvent[],
  ) {}

  readonly nameOf = (id: string): string | undefined => {
    for (const event of this.events) {
      const { name } = event.attributes;
      if (event.attributes["theseus.group-uid"] !== undefined && name !== undefined) this.#names.set(event.id, name);
    }
    return this.#names.get(id);
  };

  /** @param undefended what is late is passed on without what it compares. */
  async standStill(point: Point, undefended: boolean): Promise<void> {
    const { member: zombie, term } = await this.house.leader();
    const { reached, release } = stopAt(zombie, point, undefended ? BigInt(term) : undefined);
    try {
      const others = this.house.members.filter(({ id }) => id !== zombie.id);
      await this.group.ask(others.map(({ server }) => server.listeners.grpc));
      const since = await reached;
      const { term: next, at } = await this.house.leader(term);
      this.takeovers.push({ zombie: zombie.id, term, next, at });
      await pause(Math.max(0, since + STANDS_STILL_MS - performance.now()));
    } finally {
      release();
      // What was held arrives before anything that the zombie still has to say.
      await pause(50);
      thaw(zombie);
    }
    await this.group.settled();
  }

  /** A server that waits for its turn stands still while the leader dies and another one follows. */
  async standStillInLine(): Promise<void> {
    const { member: leader, term } = await this.house.leader();
    const zombie = this.house.members.find(({ id }) => id !== leader.id);
    if (zombie === undefined) throw new Error("nobody stands by");
    freeze(zombie);
    try {
      await pause(STANDS_STILL_MS);
      await leader.server.child.kill9();
      await this.house.leader(term);
    } finally {
      thaw(zombie);
    }
    const alive = this.house.members.filter(({ id }) => id !== leader.id);
    await this.group.ask(alive.map(({ server }) => server.listeners.grpc));
    await this.group.settled();
  }
}

/** @param undefended the term whose late transactions are passed on without compares. */
function stopAt(zombie: Wired, point: Point, undefended: bigint | undefined) {
  let count = 0;
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the point was not reached")), REACHED_WITHIN_MS);
    late.unref();
    const gate = () => {
      count += 1;
      if (count !== point.count) return undefined;
      const stop = (): Promise<void> => {
        freeze(zombie);
        clearTimeout(late);
        resolve(performance.now());
        return released;
      };
      return { [point.where]: stop };
    };
    if (point.of === "call") zombie.engine.gate = gate;
    else zombie.etcd.gate = ({ term }) => (term === undefined ? undefined : gate());
    const isUndefended = (term: bigint | undefined) =>
      term !== undefined && term === undefended && count >= point.count;
    zombie.etcd.rewrite = ({ term }, request) => (isUndefended(term) ? { ...request, compare: [] } : request);
  });
  return {
    reached,
    release: () => {
      zombie.etcd.gate = () => undefined;
      zombie.engine.gate = () => undefined;
      release();
    },
  };
}

async function onScene(work: (scene: Scene) => Promise<void>): Promise<Report & { refused: number }> {
  return await onStage(async (stage: Stage) => {
    const house = await WiredHouse.open(stage, SERVERS);
    const events = await stage.engine.follow();
    const group = await WatchedGroup.make(stage, (await house.leader()).member.server);
    try {
      const scene = new Scene(house, group, events.seen);
      const stuck = await work(scene).then(
        () => [],
        (error: unknown) => [String(error)],
      );
      const faults = [...stuck, ...(await group.faults()), ...(await group.violations())];
      const { refused, lateCalls, violations } = judge(house, scene.takeovers, scene.nameOf);
      console.error(
        `zombie: ${scene.takeovers.length} leaders stood still, ${refused} late writes refused, ` +
          `${lateCalls} late calls to Docker, ${await group.looks()}`,
      );
      return { cases: scene.takeovers.length, refused, violations: [...faults, ...violations] };
    } finally {
      for (const member of house.members) thaw(member);
      await group.close();
      events.close();
      await stage.strike();
      await house.close();
    }
  });
}

const SMALL: readonly Point[] = [{ of: "txn", count: 5, where: "before" }];
const FULL: readonly Point[] = Array.from({ length: 10 }, (_, i) => i).flatMap((i): Point[] => [
  { of: "txn", count: 1 + 4 * i, where: i % 3 === 2 ? "after" : "before" },
  { of: "call", count: 1 + 2 * i, where: i % 2 === 1 ? "after" : "before" },
]);

async function check(size: Size): Promise<Report> {
  const { refused, ...report } = await onScene(async (scene) => {
    for (const point of size === "full" ? FULL : SMALL) await scene.standStill(point, false);
    if (size === "full") await scene.standStillInLine();
  });
  // Else nobody has tried anything.
  const blind = refused === 0 ? ["no late write was refused"] : [];
  return { cases: report.cases, violations: [...report.violations, ...blind] };
}

/** Only what the store took too late counts. */
async function control(): Promise<Report> {
  const point: Point = { of: "txn", count: 5, where: "before" };
  const { cases, violations } = await onScene((scene) => scene.standStill(point, true));
  return { cases, violations: violations.filter((text) => text.startsWith("of term ")) };
}

export const zombie: Proof = { name: "zombie", check, control };
