// Three servers behind proxies and a group that changes its version, for leaders that are held up at some point of that.

import type { SeenCall } from "../../support/engine-proxy.js";
import type { SeenEvent } from "../../support/observed-engine.js";
import { WatchedGroup } from "../failover/group.js";
import type { Report } from "../proof.js";
import { onStage, type Stage } from "../stage.js";
import { judge, type Takeover } from "./judge.js";
import type { Made } from "./paid.js";
import { freeze, type ServerParts, thaw, type Wired, WiredHouse } from "./wired-house.js";

const SERVERS = 3;
const REACHED_WITHIN_MS = 30_000;

/** The leader stops at its so many-th fenced transaction, or changing call, of an update. */
export type Point = {
  readonly of: "txn" | "call";
  readonly count: number;
  readonly where: "before" | "after";
  /** Only such calls are counted, by method and path; all unless told otherwise. */
  readonly like?: RegExp;
};

/** Late writes that were refused: none means that nobody has tried anything. */
export type Seen = Report & { readonly refused: number };

export class Scene {
  readonly takeovers: Takeover[] = [];
  readonly #made = new Map<string, Made>();

  constructor(
    readonly house: WiredHouse,
    readonly group: WatchedGroup,
    private readonly events: readonly SeenEvent[],
  ) {}

  /** Of a container that was ever made, by its id. */
  readonly madeOf = (id: string): Made | undefined => {
    for (const { id: one, attributes } of this.events) {
      const isTrial = attributes["theseus.trial"] !== undefined;
      const isOurs = isTrial || attributes["theseus.group-uid"] !== undefined;
      const { name } = attributes;
      if (isOurs && name !== undefined) this.#made.set(one, { name, isTrial });
    }
    return this.#made.get(id);
  };
}

/** @param work says what it found wrong. @param more of the servers. */
export async function onScene(
  name: string,
  work: (scene: Scene) => Promise<readonly string[]>,
  more: ServerParts = {},
): Promise<Seen> {
  return await onStage(async (stage: Stage) => {
    const house = await WiredHouse.open(stage, SERVERS, more);
    const events = await stage.engine.follow();
    const group = await WatchedGroup.make(stage, (await house.leader()).member.server);
    try {
      const scene = new Scene(house, group, events.seen);
      const stuck = await work(scene).then(
        (found) => found,
        (error: unknown) => [String(error)],
      );
      const faults = [...stuck, ...(await group.faults()), ...(await group.violations())];
      const { refused, lateCalls, violations } = judge(house, scene.takeovers, scene.madeOf);
      console.error(
        `${name}: ${scene.takeovers.length} leaders stood still and were followed, ${refused} late writes refused, ` +
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

/** How many fenced transactions and changing calls of its leader an undisturbed update has. */
async function passedIn({ house, group }: Scene): Promise<Readonly<Record<Point["of"], number>>> {
  const { member } = await house.leader();
  const passed = { txn: 0, call: 0 };
  member.etcd.gate = ({ term }) => {
    if (term !== undefined) passed.txn += 1;
    return undefined;
  };
  member.engine.gate = () => {
    passed.call += 1;
    return undefined;
  };
  try {
    await group.ask(house.members.map(({ server }) => server.listeners.grpc));
    await group.settled();
  } finally {
    pass(member);
  }
  return passed;
}

/**
 * So many of each kind, from the first to three quarters of what there is: one update is some transactions shorter than
 * another, and they go by the one order and the other in turn.
 */
export async function pointsOf(scene: Scene, ofEach: number): Promise<readonly Point[]> {
  const seen = [await passedIn(scene), await passedIn(scene)];
  const fewest = (of: Point["of"]) => Math.min(...seen.map((passed) => passed[of]));
  const at = (i: number, most: number) => 1 + Math.floor((i * 0.75 * most) / (ofEach - 1));
  return Array.from({ length: ofEach }, (_, i) => i).flatMap((i): Point[] => [
    { of: "txn", count: at(i, fewest("txn")), where: i % 3 === 2 ? "after" : "before" },
    { of: "call", count: at(i, fewest("call")), where: i % 2 === 1 ? "after" : "before" },
  ]);
}

function pass({ etcd, engine }: Wired): void {
  etcd.gate = () => undefined;
  engine.gate = () => undefined;
}

type Manner = {
  /** What is done to the leader there; it is frozen unless told otherwise. */
  readonly halt?: (zombie: Wired) => void;
  /** The term whose late transactions are passed on without compares. */
  readonly undefended?: bigint | undefined;
};

/** Holds what it was about to do, or the answer to it, until that is released. */
export function stopAt(zombie: Wired, point: Point, { halt = freeze, undefended }: Manner) {
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
        halt(zombie);
        clearTimeout(late);
        resolve(performance.now());
        return released;
      };
      return { [point.where]: stop };
    };
    const isMeant = ({ method, path }: SeenCall) => point.like?.test(`${method} ${path}`) ?? true;
    if (point.of === "call") zombie.engine.gate = (call) => (isMeant(call) ? gate() : undefined);
    else zombie.etcd.gate = ({ term }) => (term === undefined ? undefined : gate());
    const isUndefended = (term: bigint | undefined) =>
      term !== undefined && term === undefended && count >= point.count;
    zombie.etcd.rewrite = ({ term }, request) => (isUndefended(term) ? { ...request, compare: [] } : request);
  });
  return {
    reached,
    release: () => {
      pass(zombie);
      release();
    },
  };
}
