// What people ask of a simulated cluster, at which times, through whichever server is there. A person who hears nothing asks
// again with the same request id, and remembers what was acknowledged.

import type { ChangeContext, ChangeResult, GroupChange } from "../../../src/model/change.js";
import { isReason } from "../../../src/model/errors.js";
import type { ConfigRecord, GroupConfig, UpdatePolicy } from "../../../src/model/group.js";
import type { Milliseconds } from "../../../src/model/instant.js";
import { type GroupRef, groupRef } from "../../../src/model/reference.js";
import type { SteeringAct } from "../../../src/model/steering.js";
import { BAD, GOOD } from "./images.js";
import { ACK_DEADLINE, type Judge } from "./judge.js";
import type { Seeded } from "./seeded.js";
import type { Server } from "./server.js";
import type { Size } from "./size.js";
import type { World } from "./world.js";

const PATIENCE: Milliseconds = 6000;
const TRIES = 60;
const LOOKS_EVERY: Milliseconds = 5000;
/** Of one request of which nothing was heard. */
const RESENDS = 3;

export type Wish =
  | { readonly kind: "image"; readonly image: string }
  | { readonly kind: "scale"; readonly instances: number }
  | { readonly kind: "restart" }
  | { readonly kind: "undo" }
  | { readonly kind: "steer"; readonly act: SteeringAct }
  | { readonly kind: "remove" }
  /** Whatever was asked before, this is how it is to be at last. */
  | { readonly kind: "settle"; readonly image: string; readonly instances: number };

export type Program = {
  readonly ref: GroupRef;
  readonly update: UpdatePolicy;
  readonly hasPorts: boolean;
  readonly wishes: readonly { readonly at: Milliseconds; readonly wish: Wish }[];
};

const ACTS: readonly SteeringAct[] = ["pause", "resume", "abort", "promote"];

/** Of one group. The last wish is to settle it, when it is to be calm. */
export function programOf(chance: Seeded, service: string, size: Size): Program {
  const { calmAt, mostInstances } = size;
  const order = chance.pick(["stop-first", "start-first", "auto"] as const) ?? "auto";
  const update: UpdatePolicy = {
    ...{ order, maxParallel: String(chance.whole(1, 2)), minHealthyTime: chance.whole(3, 20) * 100 },
    ...{ healthyDeadline: 8000, progressDeadline: 25_000 },
    onFailure: chance.pick(["rollback", "pause", "continue"] as const) ?? "rollback",
  };
  const begun = calmAt / 20;
  const rest = { ref: groupRef(service, ["dev"]), update, hasPorts: chance.chance(0.8) };
  if (isOfAChange(size) && chance.chance(0.7)) return { ...rest, wishes: oneRollout(chance, size) };
  const first = { at: chance.between(200, begun), wish: settling(chance, mostInstances) };
  const wishes: { at: Milliseconds; wish: Wish }[] = [first];
  for (let left = chance.whole(1, size.mostWishes); left > 0; left--) {
    wishes.push({ at: chance.between(begun, calmAt), wish: wishOf(chance, mostInstances) });
  }
  wishes.sort((a, b) => a.at - b.at);
  wishes.push({ at: calmAt, wish: settling(chance, mostInstances) });
  return { ...rest, wishes };
}

/** Its faults are aimed at a rollout. */
const isOfAChange = ({ aim }: Size): boolean => aim === "aimed reboot" || aim === "aimed unseen end";

/** Of what has run for a while, to the end. */
function oneRollout(chance: Seeded, { calmAt, mostInstances }: Size): Program["wishes"] {
  const [from, to] = chance.chance(0.5) ? GOOD : [GOOD[1], GOOD[2]];
  const instances = chance.whole(2, mostInstances);
  return [
    { at: 200, wish: { kind: "settle", image: from, instances } },
    { at: calmAt * chance.between(0.5, 0.8), wish: { kind: "image", image: to } },
    { at: calmAt, wish: { kind: "settle", image: to, instances } },
  ];
}

const settling = (chance: Seeded, most: number): Wish => ({
  ...{ kind: "settle", image: chance.pick(GOOD) ?? GOOD[0] },
  instances: Math.min(most, chance.whole(0, 4)),
});

function wishOf(chance: Seeded, most: number): Wish {
  const dice = chance.fraction();
  if (dice < 0.3) return { kind: "image", image: chance.pick(GOOD) ?? GOOD[0] };
  if (dice < 0.42) return { kind: "image", image: chance.pick(BAD) ?? BAD[0] };
  if (dice < 0.62) return { kind: "scale", instances: chance.whole(0, most) };
  if (dice < 0.74) return { kind: "restart" };
  if (dice < 0.82) return { kind: "undo" };
  if (dice < 0.94) return { kind: "steer", act: chance.pick(ACTS) ?? "pause" };
  return { kind: "remove" };
}

type Request = { readonly change: GroupChange; readonly context: ChangeContext };

const isRefused = (error: unknown): boolean =>
  isReason(error, "CONFLICT", "NO_SUCH_GROUP", "GROUP_EXISTS", "GROUP_REMOVING");

type Settle = Extract<Wish, { kind: "settle" }>;

const isAsAsked = ({ config }: ConfigRecord, { image, instances }: Settle): boolean =>
  config.image === image && (config.instances ?? 1) === instances;

/** Undefined: there is nothing to change. */
type Step = { readonly change: GroupChange } | "done";

export class Person {
  readonly #world: World;
  readonly #judge: Judge;
  readonly #chance: Seeded;
  readonly #program: Program;
  /** The configs that were acknowledged, newest last; what an undo goes back to. */
  readonly #former: { readonly revision: number; readonly config: GroupConfig }[] = [];
  /** The last that was acknowledged. */
  #acknowledged: { readonly revision: bigint; readonly configRevision: number } | undefined;
  #requests = 0;
  isSettled = false;

  constructor(program: Program, parts: { world: World; judge: Judge; chance: Seeded }) {
    this.#program = program;
    this.#world = parts.world;
    this.#judge = parts.judge;
    this.#chance = parts.chance;
  }

  /** One wish after the other, each when its time has come and the one before it is through. */
  run(): void {
    void this.#all().catch((error: unknown) => this.#judge.violated("people", String(error)));
  }

  async #all(): Promise<void> {
    for (const { at, wish } of this.#program.wishes) {
      await this.#until(at);
      await this.#fulfil(wish);
    }
    this.isSettled = true;
    for (;;) {
      await this.#until(this.#world.timeline.now + LOOKS_EVERY);
      // What was asked at last may have gone with the store, or a container of before was taken up with its own config.
      const last = this.#program.wishes.at(-1)?.wish;
      if (this.#judge.hasWord && last !== undefined) await this.#fulfil(last);
      const failed = await this.#sawItFail();
      if (failed === undefined) continue;
      // Taken back to something that cannot run: restarting that would never end, and nobody wants it.
      const isLast = last?.kind !== "settle" || isAsAsked(failed, last);
      await this.#fulfil(isLast ? { kind: "restart" } : last);
    }
  }

  /** What was asked at last may fail by a fault that came before, and stand still until a person asks again. */
  async #sawItFail(): Promise<ConfigRecord | undefined> {
    const server = this.#chance.pick(this.#world.alive);
    if (server === undefined) return undefined;
    const seen = await this.#ask(server, () => server.store.readGroup(this.#program.ref)).catch(() => undefined);
    const record = seen?.record?.value;
    const present = seen?.rollouts?.value.rollouts.find(({ to }) => to === record?.configRevision);
    return present?.state === "failed" || present?.state === "rollback_failed" ? record : undefined;
  }

  async #fulfil(wish: Wish): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      if (await this.#try(wish)) return;
      await this.#until(this.#world.timeline.now + this.#chance.between(300, 1500));
      if (wish.kind !== "settle" && tries > 4) return;
    }
    throw new Error(`nobody takes ${wish.kind}`);
  }

  /** True: it is done, or there is nothing to do. */
  async #try(wish: Wish): Promise<boolean> {
    const server = this.#chance.pick(this.#world.alive);
    if (server === undefined) return false;
    const { ref } = this.#program;
    try {
      const known = await this.#ask(server, () => server.store.readConfig(ref));
      const present = known?.record;
      this.#remembered(known?.revision ?? 0n, present);
      const step = this.#step(wish, present);
      if (step === "done") return true;
      // Who looks again and then asks gives a token of its own: what was answered once may have been put back since.
      const requestId = `${this.#program.ref.service}-${++this.#requests}`;
      const change = { actor: "person", command: wish.kind, message: "", time: server.process.clock.now() };
      const context = { namespace: "default", requestId, digest: wish.kind, change };
      await this.#request({ change: step.change, context }, server);
      return wish.kind !== "settle";
    } catch (error) {
      if (isReason(error, "INTERNAL")) this.#judge.violated("people", `${wish.kind}: ${String(error)}`);
      return isRefused(error) && wish.kind !== "settle";
    }
  }

  /** Who does not hear whether it was done asks for the same again, of whoever is there: what was done is not refused. */
  async #request(request: Request, first: Server): Promise<void> {
    const { change, context } = request;
    let server: Server | undefined = first;
    for (let tries = 0; ; tries++) {
      try {
        const asked = server;
        if (asked === undefined) throw new Error("nobody is there");
        this.#acknowledge(await this.#ask(asked, () => asked.store.changeGroups([change], context)), change);
        return;
      } catch (error) {
        // It says that nothing was changed: neither now nor, where it is sent again, before.
        const saysNothing = isRefused(error) || (tries === 0 && isReason(error, "STORE_UNREACHABLE"));
        if (saysNothing && this.#judge.wasDone(context.requestId)) {
          this.#judge.violated("once", `${context.requestId} was done, and is refused: ${String(error)}`);
        }
        if (isRefused(error) || isReason(error, "INTERNAL") || tries >= RESENDS) throw error;
      }
      await this.#until(this.#world.timeline.now + this.#chance.between(100, 800));
      server = this.#chance.pick(this.#world.alive);
    }
  }

  #step(wish: Wish, present: ConfigRecord | undefined): Step {
    const { ref } = this.#program;
    if (present === undefined) {
      if (wish.kind !== "settle") return "done";
      return { change: { kind: "create", ref, config: this.#config(wish.image, wish.instances) } };
    }
    const { configRevision: from, config } = present;
    const replaced = (next: GroupConfig): Step => ({ change: { kind: "replace", ref, from, config: next } });
    switch (wish.kind) {
      case "image":
        return replaced({ ...config, image: wish.image });
      case "scale":
        return replaced({ ...config, instances: wish.instances });
      case "restart":
        return { change: { kind: "restart", ref, from } };
      case "undo": {
        const former = this.#former.findLast(({ revision }) => revision < from);
        if (former === undefined) return "done";
        const instances = config.instances ?? 1;
        const next = { ...former.config, instances };
        return { change: { kind: "replace", ref, from, config: next, madeFrom: former.revision } };
      }
      case "steer":
        return { change: { kind: "steer", ref, from, act: wish.act } };
      case "remove":
        return { change: { kind: "remove", ref, from, volumes: false } };
      case "settle":
        return this.#settled(wish, present, replaced);
    }
  }

  #settled(settle: Settle, present: ConfigRecord, replaced: (config: GroupConfig) => Step): Step {
    const { steering, configRevision: from } = present;
    const { image, instances } = settle;
    const { ref } = this.#program;
    if (present.removing !== undefined || !isAsAsked(present, settle)) return replaced(this.#config(image, instances));
    if (steering?.paused !== undefined) return { change: { kind: "steer", ref, from, act: "resume" } };
    if (steering?.aborted !== undefined) return replaced(this.#config(image, instances));
    return "done";
  }

  #config(image: string, instances: number): GroupConfig {
    const ports = this.#program.hasPorts ? { ports: [{ name: "http", container: 8080 }] } : {};
    const stop = { grace: 1500, ackDeadline: ACK_DEADLINE };
    return { image, instances, ...ports, stop, update: this.#program.update };
  }

  #acknowledge({ revision, groups }: ChangeResult, change: GroupChange): void {
    const configRevision = groups[0]?.configRevision ?? 0;
    this.#acknowledged = { revision, configRevision };
    if ("config" in change) this.#former.push({ revision: configRevision, config: change.config });
  }

  /** What was acknowledged is there: nothing that is read later is older. */
  #remembered(revision: bigint, present: ConfigRecord | undefined): void {
    const before = this.#acknowledged;
    if (before === undefined || present === undefined || revision < before.revision || this.#judge.isRestored) return;
    if (present.configRevision < before.configRevision) {
      const text = `rev ${before.configRevision} was acknowledged, and now rev ${present.configRevision} is there`;
      this.#judge.violated("acknowledged", text);
    }
  }

  /** In the server's process; fails when nothing is heard for too long. */
  #ask<T>(server: Server, call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const { timeline } = this.#world;
      const late = timeline.after(PATIENCE, () => reject(new Error("no answer")));
      server.process.deliver(() => {
        const settle = (act: () => void): void => {
          timeline.cancel(late);
          act();
        };
        call().then(
          (value) => settle(() => resolve(value)),
          (error: unknown) => settle(() => reject(error)),
        );
      });
    });
  }

  #until(at: Milliseconds): Promise<void> {
    const { timeline } = this.#world;
    return new Promise((resolve) => timeline.after(at - timeline.now, () => resolve()));
  }
}
