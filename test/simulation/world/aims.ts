// Faults that wait for the worst moment: something is late until what it was sent for is over, or somebody sleeps, dies or
// is cut off just when it matters. Nothing happens here that could not happen by chance, only seldom.

import { HOUR, MINUTE, type Milliseconds } from "../../../src/model/instant.js";
import type { Op } from "../../../src/model/ports.js";
import type { AimedFault, Sent, Trap } from "./faults.js";
import { readKey } from "./raw-store.js";
import type { Seeded } from "./seeded.js";
import type { World } from "./world.js";

/** Nothing is held for longer. */
const LONGEST: Milliseconds = 14_000;
/** A leader's lease is over then, and somebody else leads. */
const TERM_IS_OVER: readonly [Milliseconds, Milliseconds] = [5500, 9000];
/** By then a leader has had an answer to its first keepalive. */
const IN_OFFICE: Milliseconds = 2300;
const PHASES = ["creating", "running", "draining", "stopping"] as const;

/** What a fault has to do with: the server of that place, and for how long. */
export type Stricken = {
  readonly world: World;
  readonly place: number;
  readonly chance: Seeded;
  readonly length: Milliseconds;
};

export const AIMED: Readonly<Record<AimedFault, (on: Stricken) => undefined>> = {
  "aimed late write": (on) => (on.chance.chance(0.5) ? lateForItsTerm(on) : lateForItsContainer(on)),
  "aimed late create": lateCreate,
  "aimed sleep": sleepAtAWrite,
  "aimed client cuts": cutAfterChanges,
  "aimed wrong clock": wrongClock,
  "aimed reboot": (on) => atAChange(on, () => reboot(on.world, on.chance)),
  "aimed unseen end": (on) => atAChange(on, () => endUnseen(on.world, on.chance)),
};

/** It arrives when somebody else leads, or nobody; whoever sent it sleeps, is dead, or is just stopping. */
function lateForItsTerm({ world, chance }: Stricken): undefined {
  const phase = chance.pick(PHASES);
  const isOfConfig = chance.of("config").chance(0.3);
  const isAgain = chance.of("again").chance(0.3);
  let go: (() => void) | undefined;
  const trap: Trap = {
    isSprung: false,
    keeps: (sent, release) => {
      const isIt = isOfConfig ? isOwnConfig(sent) : intentIn(sent, phase) !== undefined;
      if (go !== undefined || !isIt) return false;
      go = once(world, trap, release);
      if (isAgain) leadsAgain(world, sent.by, chance);
      else endsItsTerm(world, sent.by, chance);
      return true;
    },
    committed: ({ changes }) => {
      const ends = changes.some(
        ({ key, deleted }) => readKey(key).kind === "leader" && (!deleted || (!isAgain && chance.chance(0.3))),
      );
      if (ends && go !== undefined) world.timeline.after(chance.between(0, 40), go);
    },
  };
  world.fate.traps.add(trap);
}

/** It arrives when what it is about has been written again, or is gone. */
function lateForItsContainer({ world, chance }: Stricken): undefined {
  const phase = chance.pick(PHASES);
  const isForGone = chance.chance(0.6);
  let held: { readonly key: string; readonly go: () => void } | undefined;
  const trap: Trap = {
    isSprung: false,
    keeps: (sent, release) => {
      const key = intentIn(sent, phase);
      if (held !== undefined || key === undefined) return false;
      held = { key, go: once(world, trap, release) };
      return true;
    },
    committed: ({ changes }) => {
      const change = changes.find(({ key }) => key === held?.key);
      if (change === undefined || held === undefined || (isForGone && !change.deleted)) return;
      world.timeline.after(chance.between(0, 40), held.go);
    },
  };
  world.fate.traps.add(trap);
}

/** It is created when nobody wants it any more; perhaps whoever asked for it is dead. */
function lateCreate({ world, chance }: Stricken): undefined {
  let held: { readonly name: string; readonly go: () => void } | undefined;
  const trap: Trap = {
    isSprung: false,
    keeps: (sent, release) => {
      if (held !== undefined || sent.what !== "create") return false;
      held = { name: sent.name, go: once(world, trap, release) };
      if (chance.chance(0.5)) world.timeline.after(chance.between(0, 500), () => killLeader(world, chance));
      return true;
    },
    committed: ({ changes }) => {
      if (held === undefined) return;
      const { name, go } = held;
      const isGone = changes.some(({ key, deleted }) => {
        const known = readKey(key);
        return deleted && known.kind === "intent" && known.name === name;
      });
      if (isGone) world.timeline.after(chance.between(0, 300), go);
    },
  };
  world.fate.traps.add(trap);
}

/** The leader sleeps through its term when what pays for its next call has been written, before it is answered. */
function sleepAtAWrite({ world, chance }: Stricken): undefined {
  const phase = chance.pick(["running", "stopping"] as const);
  const length = chance.between(...TERM_IS_OVER);
  const trap: Trap = {
    isSprung: false,
    committed: ({ by, changes }) => {
      const isIt = changes.some(({ key, deleted, kv }) => !deleted && isIntent(key, kv.value.toString(), phase));
      const process = world.servers.find((one) => one.process.name === by)?.process;
      if (trap.isSprung || !isIt || process === undefined) return;
      spring(world, trap, length + 1000);
      world.fate.traps.delete(trap);
      process.freeze();
      world.timeline.after(length, () => process.thaw());
    },
  };
  world.timeline.after(Math.max(0, IN_OFFICE - world.timeline.now), () => world.fate.traps.add(trap));
}

/** Clients lose their connection each time that they have just been told something. */
function cutAfterChanges({ world, chance }: Stricken): undefined {
  let left = chance.whole(2, 8);
  const trap: Trap = {
    isSprung: false,
    committed: ({ changes }) => {
      if (!changes.some(({ key }) => readKey(key).kind === "info")) return;
      world.timeline.after(chance.between(5, 14), () => world.cutClients());
      if (--left <= 0) world.fate.traps.delete(trap);
    },
  };
  world.fate.traps.add(trap);
}

/** A leader's clock is wrong; a container ends by another hand, the leader dies over what it notes, and its clock is set right. */
function wrongClock({ world, chance }: Stricken): undefined {
  const wrong = chance.between(6 * MINUTE, HOUR) * (chance.chance(0.75) ? 1 : -1);
  const isSetRight = chance.chance(0.3);
  world.setClock(0, wrong);
  const back = chance.between(500, 8000);
  const trap: Trap = {
    isSprung: false,
    committed: ({ by, changes }) => {
      const infos = changes.flatMap(({ key, deleted }) => (deleted ? [] : [readKey(key)]));
      const ready = infos.find(({ kind }) => kind === "info");
      if (!trap.isSprung && ready !== undefined && "name" in ready) {
        spring(world, trap, 0);
        world.timeline.after(chance.between(50, 1500), () => vanish(world, ready.name));
      }
      const failed = changes.some(({ key, deleted, kv }) => {
        return readKey(key).kind === "slots" && !deleted && kv.value.toString().includes('"not_before"');
      });
      const place = world.servers.findIndex((one) => one.process.name === by);
      if (!failed || place < 0) return;
      world.fate.traps.delete(trap);
      world.timeline.after(chance.between(0, 400), () => world.killServer(place, back));
      if (isSetRight) world.timeline.after(back / 2, () => world.setClock(0, -wrong));
    },
  };
  world.fate.traps.add(trap);
}

/** All containers are started anew. */
function reboot({ engine, timeline }: World, chance: Seeded): void {
  engine.kill(false);
  timeline.after(chance.between(100, 2500), () => engine.start());
}

/** A container ends while nobody leads, or while its engine says nothing. */
function endUnseen(world: World, chance: Seeded): void {
  const { engine, timeline } = world;
  const one = chance.pick(engine.running());
  if (chance.chance(0.4)) killLeader(world, chance);
  else {
    engine.freeze();
    timeline.after(chance.between(10_500, 13_000), () => engine.thaw());
  }
  timeline.after(chance.between(0, 300), () => one !== undefined && engine.stopByHand(one));
}

/** Something else is asked of a group that runs; or its rollout has just tried out what it is to run. */
function atAChange({ world, chance }: Stricken, strike: () => void): undefined {
  const kind = chance.pick(["config", "rollouts", "rollouts"] as const);
  const delay = chance.pick([0, 0, 2, 30]) ?? 0;
  const trap: Trap = {
    isSprung: false,
    committed: ({ changes }) => {
      const isIt = changes.some(({ key, deleted, kv }) => {
        if (deleted || readKey(key).kind !== kind) return false;
        return kind === "config" || kv.value.toString().includes('"tried":true');
      });
      if (!isIt || world.engine.running().length === 0 || !world.engine.isUp) return;
      world.fate.traps.delete(trap);
      world.fate.lasts(world.timeline.now + TERM_IS_OVER[0]);
      world.timeline.after(delay, strike);
    },
  };
  world.fate.traps.add(trap);
}

function killLeader(world: World, chance: Seeded): void {
  const leader = world.leader();
  const place = world.servers.findIndex(({ serverId }) => serverId === leader);
  if (place >= 0) world.killServer(place, chance.between(200, 6000));
}

function endsItsTerm(world: World, by: string, chance: Seeded): void {
  const { timeline, fate, servers } = world;
  const place = servers.findIndex(({ process }) => process.name === by);
  const server = servers[place];
  if (server === undefined) return;
  const length = chance.between(...TERM_IS_OVER);
  fate.lasts(timeline.now + length + 1000);
  const dice = chance.fraction();
  if (dice < 0.4) {
    server.process.freeze();
    timeline.after(length, () => server.process.thaw());
  } else if (dice < 0.7) world.killServer(place, length / 4);
  else if (!server.isStopping) {
    world.onStop(server);
    server.stop();
    timeline.after(length, () => servers[place] === server && world.killServer(place, 100));
  }
}

/** It sleeps through its term while no other server is there: when it wakes, it is elected once more. */
function leadsAgain(world: World, by: string, chance: Seeded): void {
  const { servers, timeline, fate } = world;
  const length = chance.between(...TERM_IS_OVER);
  fate.lasts(timeline.now + length + 1000);
  for (const [place, { process }] of servers.entries()) {
    if (process.name !== by) {
      world.killServer(place, length + 1000);
      continue;
    }
    process.freeze();
    timeline.after(length, () => process.thaw());
  }
}

function vanish({ engine }: World, name: string): void {
  const one = engine.running().find(({ spec }) => spec.name === name);
  if (one !== undefined && engine.isUp) engine.vanish(one);
}

/** It goes on when it is told to, once, and after a while in any case. */
function once(world: World, trap: Trap, release: () => void): () => void {
  let isGone = false;
  spring(world, trap, 3500);
  const go = (): void => {
    if (isGone) return;
    isGone = true;
    world.fate.traps.delete(trap);
    world.fate.lasts(world.timeline.now + 1000);
    release();
  };
  world.timeline.after(LONGEST, go);
  return go;
}

function spring({ fate, timeline }: World, trap: Trap, lasts: Milliseconds): void {
  trap.isSprung = true;
  fate.lasts(timeline.now + lasts);
}

/** The key of an intent that is written with that phase. */
function intentIn(sent: Sent, phase: string | undefined): string | undefined {
  if (sent.what !== "write") return undefined;
  return sent.ops.find((op: Op) => op.op === "put" && isIntent(op.key, op.value, phase))?.key;
}

/** A config that no person has asked for: with its image pinned, or taken back. */
const isOwnConfig = (sent: Sent): boolean =>
  sent.what === "write" &&
  sent.ops.some((op) => op.op === "put" && readKey(op.key).kind === "config") &&
  !sent.ops.some((op) => op.op === "put" && op.key.startsWith("/theseus/requests/"));

const isIntent = (key: string, value: string, phase: string | undefined): boolean =>
  readKey(key).kind === "intent" && JSON.parse(value).phase === phase;
