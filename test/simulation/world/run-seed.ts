// One run: a world from a seed, its people and its faults, until it has come to rest; and what was seen of it.

import type { Milliseconds } from "../../../src/model/instant.js";
import { Client } from "./client.js";
import { unlike } from "./converged.js";
import type { Commit } from "./etcd.js";
import { type Fault, type FaultPlan, planFaults } from "./faults.js";
import { watchHandOver } from "./hand-over.js";
import { Judge, type Violation } from "./judge.js";
import { Keeper } from "./keeper.js";
import { MirrorJudge } from "./mirror-judge.js";
import { letHappen, mend } from "./mischief.js";
import { Person, type Program, programOf } from "./people.js";
import type { Process } from "./process.js";
import { readKey } from "./raw-store.js";
import { Seeded } from "./seeded.js";
import { kindsOf, type Size, sizeOf } from "./size.js";
import { World } from "./world.js";

/** Back-off is that long at most; a world that has not come to rest then never will. */
const AT_LAST: Milliseconds = 900_000;
/** After it has become calm: an aimed fault may strike what people ask for at last. */
const TRAPS_LAST: Milliseconds = 1500;
/** How often it is asked whether all is at rest. */
const LOOKS_EVERY: Milliseconds = 250;

export type Options = {
  readonly off?: ReadonlySet<Fault>;
  /** In place of what the seed says. */
  readonly plan?: FaultPlan;
  readonly size?: Size;
  /** False: whatever is broken when it gets calm mends itself. */
  readonly mends?: boolean;
  readonly trace?: (line: string) => void;
  /** Called for each thing that reaches a server, with the number of it. */
  readonly atPoint?: (n: number, world: World, process: Process) => void;
};

export type Outcome = {
  readonly seed: number;
  readonly size: Size;
  readonly programs: readonly Program[];
  readonly planned: FaultPlan;
  readonly violations: readonly Violation[];
  readonly hash: string;
  readonly events: number;
  /** Things that reached servers. */
  readonly points: number;
  readonly virtual: Milliseconds;
  readonly faults: ReadonlyMap<Fault, number>;
  readonly commits: number;
  readonly deeds: number;
  /** How long it took after the last fault; undefined: it did not come to rest. */
  readonly restedAfter: Milliseconds | undefined;
};

/** The same seed and options give the same outcome. */
export function runSeed(seed: number, options: Options = {}): Promise<Outcome> {
  return new Run(seed, options).run();
}

class Run {
  readonly #seed: number;
  readonly #chance: Seeded;
  readonly #options: Options;
  readonly #plan: FaultPlan;
  readonly #size: Size;
  readonly #programs: readonly Program[];
  readonly #world: World;
  readonly #judge: Judge;
  readonly #people: readonly Person[];
  readonly #clients: readonly Client[];
  readonly #mirrors = new Map<string, MirrorJudge>();
  #hash = 2166136261;
  #points = 0;
  #commits = 0;
  #deeds = 0;

  constructor(seed: number, options: Options) {
    this.#seed = seed;
    this.#chance = new Seeded(`seed ${seed}`);
    this.#options = options;
    this.#size = options.size ?? sizeOf(this.#chance.of("size"));
    this.#plan = options.plan ?? this.#planned(options.off ?? new Set());
    const chance = this.#chance.of("world");
    const { servers, services } = this.#size;
    const watching = {
      fed: (server: { process: Process }, message: Parameters<MirrorJudge["fed"]>[0]) =>
        this.#judge.isRestored || this.#mirrorOf(server.process.name).fed(message),
      sending: (server: { process: Process }, call: string, id: string) => {
        this.#judge.sending(server.process.name, call, id);
        this.#note(`${server.process.name} asks ${call} ${id}`);
      },
      started: (server: { process: Process; serverId: string }) =>
        this.#judge.started(server.process.name, server.serverId),
      told: (who: string, text: string) => options.trace?.(`${this.#time()} ${who} ${text}`),
      broken: (who: string, text: string) => this.#judge.violated("unexpected", `${who}: ${text}`),
    };
    this.#world = new World({ chance, plan: this.#plan, servers }, watching);
    this.#judge = new Judge(this.#world.timeline, this.#world.engine);
    const parts = { world: this.#world, judge: this.#judge };
    this.#programs = services.map((service) => programOf(this.#chance.of(`people ${service}`), service, this.#size));
    this.#people = this.#programs.map((program) => {
      return new Person(program, { ...parts, chance: this.#chance.of(`person ${program.ref.service}`) });
    });
    this.#clients = services.map((service) => {
      return new Client(`client-${service}`, service, { ...parts, chance: this.#chance.of(`client ${service}`) });
    });
  }

  #planned(off: ReadonlySet<Fault>): FaultPlan {
    const kinds = kindsOf(this.#seed, this.#size, this.#chance.of("kinds"));
    const left = new Set([...kinds].filter((fault) => !off.has(fault)));
    return planFaults(this.#chance.of("faults"), this.#size.calmAt, left);
  }

  async run(): Promise<Outcome> {
    this.#judge.holders = this.#clients;
    const { timeline, etcd, engine } = this.#world;
    etcd.onCommit = (commit) => {
      this.#commits++;
      this.#judge.committed(commit);
      this.#strike(commit);
      this.#note(`rev ${commit.revision} by ${commit.by ?? "etcd"}: ${commit.changes.map(({ key }) => key).join(" ")}`);
    };
    etcd.onRestore = (revision, all) => {
      this.#note(`the store is as it was at revision ${revision}`);
      this.#judge.restored(revision, all);
      new Keeper({ world: this.#world, judge: this.#judge, chance: this.#chance.of("keeper") }).run();
    };
    engine.onDeed = (deed) => {
      this.#deeds++;
      this.#judge.did(deed);
      this.#note(`${deed.by ?? "engine"} ${deed.act} ${deed.container.spec.name}`);
    };
    this.#world.onPoint = (process) => {
      this.#points++;
      this.#options.atPoint?.(this.#points, this.#world, process);
    };
    this.#world.leader = () => this.#judge.store.leader;
    this.#world.onStop = (server) => watchHandOver(this.#world, this.#judge, server);
    await this.#world.start();
    letHappen(this.#world, this.#plan, (text) => this.#note(`fault: ${text}`));
    for (const person of this.#people) person.run();
    for (const client of this.#clients) client.run();
    timeline.after(this.#size.calmAt, () => this.#calm());
    const restedAfter = await this.#rest();
    return {
      ...{ seed: this.#seed, violations: this.#judge.violations, hash: (this.#hash >>> 0).toString(16), restedAfter },
      ...{ events: timeline.events, points: this.#points, virtual: timeline.now, faults: this.#world.fate.happened },
      ...{ commits: this.#commits, deeds: this.#deeds },
      ...{ size: this.#size, programs: this.#programs, planned: this.#plan },
    };
  }

  #strike(commit: Commit): void {
    const { by, changes } = commit;
    this.#world.fate.committed(commit);
    const isIntent = changes.some(({ key }) => readKey(key).kind === "intent");
    if (by === undefined || !isIntent) return;
    const { atNextIntent } = this.#world;
    atNextIntent.shift()?.(by);
  }

  #calm(): void {
    const { fate, timeline, atNextIntent } = this.#world;
    fate.isOver = true;
    // What was to strike the next intent may still strike the first ones of the last wish.
    timeline.after(LOOKS_EVERY, () => atNextIntent.splice(0));
    timeline.after(TRAPS_LAST, () => fate.disarm());
    if (this.#options.mends === false) return;
    // Who is frozen or cut off comes back in its own time: perhaps when another one leads.
    mend(this.#world);
    for (const [later, all] of [
      [4000, false],
      [15_000, true],
    ] as const) {
      this.#world.timeline.after(later, () => mend(this.#world, all));
    }
  }

  async #rest(): Promise<Milliseconds | undefined> {
    const { timeline, etcd } = this.#world;
    const { calmAt, quietFor } = this.#size;
    let restedAt: Milliseconds | undefined;
    let looked = 0;
    const look = (): boolean => {
      etcd.look();
      if (this.#judge.violations.length > 0) return false;
      if (timeline.now - looked < LOOKS_EVERY || timeline.now < calmAt) return true;
      looked = timeline.now;
      const isAtRest = this.#people.every(({ isSettled }) => isSettled) && this.#unlike() === undefined;
      if (!isAtRest) restedAt = undefined;
      else restedAt ??= timeline.now;
      return (
        restedAt === undefined ||
        timeline.now - Math.max(restedAt, this.#judge.lastChange, this.#world.fate.lastsUntil) < quietFor
      );
    };
    // Also that it goes round in circles.
    await timeline.run(AT_LAST, look).catch((error: unknown) => this.#judge.violated("unexpected", String(error)));
    if (this.#judge.violations.length > 0) return undefined;
    if (restedAt === undefined) this.#judge.violated("convergence", this.#unlike() ?? "the people are not settled");
    else if (timeline.now >= AT_LAST) this.#judge.violated("quiet", "it does not stop writing or acting");
    return restedAt === undefined ? undefined : restedAt - calmAt;
  }

  #unlike(): string | undefined {
    return unlike(this.#world, this.#judge, this.#clients);
  }

  #mirrorOf(name: string): MirrorJudge {
    const mirror = this.#mirrors.get(name) ?? new MirrorJudge(this.#judge, name);
    this.#mirrors.set(name, mirror);
    return mirror;
  }

  /** What makes two runs the same. */
  #note(line: string): void {
    const text = `${this.#time()} ${line}`;
    for (let i = 0; i < text.length; i++) this.#hash = Math.imul(this.#hash ^ text.charCodeAt(i), 16777619);
    this.#options.trace?.(text);
  }

  #time(): string {
    return this.#world.timeline.now.toFixed(3).padStart(10);
  }
}
