// Lets the faults of a plan happen at their times, and ends them again.

import { HOUR, type Milliseconds } from "../../../src/model/instant.js";
import { AIMED, type Stricken } from "./aims.js";
import type { Container, Engine } from "./engine.js";
import type { AimedFault, FaultPlan, TimedFault } from "./faults.js";
import type { Seeded } from "./seeded.js";
import type { World } from "./world.js";

/** Long enough for every lease of a leader to end, now and then. */
const SHORT: readonly [Milliseconds, Milliseconds] = [200, 4000];
const LONG: readonly [Milliseconds, Milliseconds] = [4000, 14_000];
/** Connections to a process that is frozen for longer break. */
const DEAD_AFTER: Milliseconds = 8000;

/** What ends it, where it lasts. */
type End = (() => void) | undefined;

const HAPPENINGS: Readonly<Record<TimedFault | AimedFault, (on: Stricken) => End>> = {
  ...AIMED,
  "store frozen": ({ world: { etcd, timeline }, length }) => {
    etcd.freeze();
    if (length > DEAD_AFTER) timeline.after(DEAD_AFTER, () => etcd.breakConnections());
    return () => etcd.thaw();
  },
  "store killed": ({ world: { etcd } }) => {
    etcd.kill();
    return () => void (etcd.wire === undefined && etcd.start());
  },
  "store full": ({ world: { etcd } }) => {
    etcd.fill(true);
    return () => etcd.fill(false);
  },
  "store compacted": ({ world, chance }) => {
    compact(world);
    // Who has to come back after that finds nothing of what was before.
    if (chance.chance(0.5)) world.timeline.after(1, () => world.etcd.breakConnections());
    return undefined;
  },
  "store restored": ({ world: { etcd } }) => {
    const restore = etcd.backUp();
    return () => void restore();
  },
  "store partition": ({ world, place, length }) => {
    const link = world.servers[place]?.storeLink;
    link?.part();
    world.fate.lasts(world.timeline.now + length);
    return () => link?.heal();
  },
  "engine partition": ({ world, place }) => {
    const link = world.servers[place]?.engineLink;
    link?.part();
    return () => link?.heal();
  },
  "engine frozen": ({ world: { engine } }) => {
    engine.freeze();
    return () => engine.thaw();
  },
  "engine killed": ({ world }) => killEngine(world, true),
  "engine rebooted": ({ world }) => killEngine(world, false),
  "server killed": ({ world, place, chance, length }) =>
    at(world, place, chance, (struck) => world.killServer(struck, length / 4)),
  "server frozen": ({ world, place, chance, length }) =>
    at(world, place, chance, (struck) => {
      const process = world.servers[struck]?.process;
      process?.freeze();
      world.fate.lasts(world.timeline.now + length);
      world.timeline.after(length, () => process?.thaw());
    }),
  "server stopped": ({ world, place }) => {
    const server = world.servers[place];
    if (server !== undefined && !server.isStopping) {
      world.onStop(server);
      server.stop();
    }
    return () => world.servers[place] === server && world.killServer(place, 100);
  },
  "server clock set": ({ world, place, chance }) => world.setClock(place, chance.between(-HOUR, HOUR)),
  "client cut": ({ world }) => world.cutClients(),
  "container exits": ({ world, chance }) =>
    toContainer(world, chance, (engine, one) => engine.exits(one, chance.whole(0, 2))),
  "container vanishes": ({ world, chance }) => toContainer(world, chance, (engine, one) => engine.vanish(one)),
  "container stopped by hand": ({ world, chance }) =>
    toContainer(world, chance, (engine, one) => engine.stopByHand(one)),
};

export function letHappen(world: World, plan: FaultPlan, told: (text: string) => void): void {
  for (const { fault, at, chance } of plan.times) {
    world.timeline.after(at, () => {
      if (world.fate.isOver) return;
      world.fate.note(fault);
      told(fault);
      const length = chance.between(...(chance.chance(0.5) ? SHORT : LONG));
      const place = placeOf(world, chance);
      const end = HAPPENINGS[fault]({ world, place, chance, length });
      if (end !== undefined) world.timeline.after(length, end);
    });
  }
}

/** Half of the time the one that leads. */
function placeOf({ servers, leader }: World, chance: Seeded): number {
  const any = chance.whole(0, servers.length - 1);
  const leading = servers.findIndex(({ serverId }) => serverId === leader());
  return leading >= 0 && chance.chance(0.5) ? leading : any;
}

/** Now; or, where it is worst, right after the next write of an intent, to the server that wrote it. */
function at(world: World, place: number, chance: Seeded, strike: (place: number) => void): undefined {
  if (chance.chance(0.4)) strike(place);
  else world.atNextIntent.push((by) => strike(world.servers.findIndex(({ process }) => process.name === by)));
}

function killEngine({ engine }: World, survives: boolean): End {
  engine.kill(survives);
  return () => engine.start();
}

function toContainer({ engine }: World, chance: Seeded, act: (engine: Engine, one: Container) => void): undefined {
  const container = chance.pick(engine.running());
  if (container !== undefined && engine.isUp) act(engine, container);
}

/** By another hand, and further than anybody expects. */
function compact({ etcd }: World): undefined {
  const { visible } = etcd;
  if (visible === undefined || !etcd.isUp) return;
  etcd.arrive(
    "etcdctl",
    (wire) => void wire.compact(BigInt(visible.revision)).catch(() => undefined),
    () => undefined,
  );
}

/** Everything that is broken now works again. @param all also who is frozen, and cut off from the store. */
export function mend(world: World, all = false): void {
  const { etcd, engine } = world;
  etcd.thaw();
  if (etcd.wire === undefined) void etcd.start();
  etcd.fill(false);
  engine.thaw();
  engine.start();
  world.servers.forEach((server, place) => {
    if (all) server.process.thaw();
    if (all) server.storeLink.heal();
    server.engineLink.heal();
    if (server.hasEnded) world.killServer(place, 10);
  });
}
