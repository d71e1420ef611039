// Holds the promises against what the raw store and the raw engine did, one after the other as they happen. It shares no
// code with what it judges, and takes nobody's word.

import type { Milliseconds } from "../../../src/model/instant.js";
import type { Container, Deed, Engine } from "./engine.js";
import type { Commit } from "./etcd.js";
import { belowFloor, type Serving, type SlotsOfOne, servingSlots, tooManyBeside } from "./floor.js";
import { OfficeJudge } from "./office-judge.js";
import { OnceJudge } from "./once-judge.js";
import { type RawConfig, type RawIntent, RawStore, readKey } from "./raw-store.js";
import type { Timeline } from "./timeline.js";
import { ToldJudge } from "./told-judge.js";

export type Violation = { readonly invariant: string; readonly at: Milliseconds; readonly text: string };

/** How it was before a write, as far as the write is about it. */
type Before = {
  readonly intents: ReadonlyMap<string, RawIntent>;
  readonly ready: ReadonlySet<string>;
};

/** What changes with work; a heartbeat is none. */
const WORK = new Set(["intent", "info", "drain", "slots", "rollouts", "evidence", "config", "group", "recovery"]);
const PHASES = ["creating", "running", "draining", "stopping"];
/** The phase that has to be written before an engine is asked. */
const PAID_BY: Readonly<Record<string, string>> = { create: "creating", start: "running", stop: "stopping" };
/** Of every group here. */
export const ACK_DEADLINE: Milliseconds = 2500;
/** No leader acts on a listing that is older: it may have slept for a term, and have waited for some reads. */
const DEATH_IS_KNOWN: Milliseconds = 10_000;

export class Judge {
  readonly store = new RawStore();
  readonly violations: Violation[] = [];
  readonly #once = new OnceJudge(this.store, (invariant, text) => this.violated(invariant, text));
  readonly #told = new ToldJudge(this.store, (invariant, text) => this.violated(invariant, text));
  readonly #office = new OfficeJudge(this.store, (invariant, text) => this.violated(invariant, text));
  /** Names of all intents that ever were, with the phases that they had. */
  readonly #phases = new Map<string, Set<string>>();
  readonly #gone = new Set<string>();
  readonly #startedAs = new Map<string, string>();
  /** Group to the most containers that were ever asked of it. */
  readonly #most = new Map<string, number>();
  /** Of containers, by their ids; kept when they are gone. */
  readonly #names = new Map<string, string>();
  readonly #diedAt = new Map<string, Milliseconds>();
  /** When each container began to leave. */
  readonly #leftAt = new Map<string, Milliseconds>();
  /** Who uses what is told. */
  holders: readonly { holdsSince(name: string): Milliseconds | undefined }[] = [];
  /** The store was put back: what proves that is left to people. */
  isRestored = false;
  /** A person has said what is to become of it. */
  hasWord = false;
  /** Ids of containers that the store did not know when it was put back, but for those that were leaving. */
  readonly #younger = new Set<string>();
  /** Containers whose end was on its way to the engine before the store was put back. */
  readonly #endings = new Set<string>();
  /** When something last happened that is no heartbeat. */
  lastChange: Milliseconds = 0;

  constructor(
    readonly timeline: Timeline,
    readonly engine: Engine,
  ) {}

  readonly started = (process: string, serverId: string): unknown => this.#office.started(process, serverId);

  violated(invariant: string, text: string): void {
    this.violations.push({ invariant, at: this.timeline.now, text });
  }

  /** Names and revisions come again; nothing that the store does not know may be touched without a person's word. */
  restored(revision: number, all: Commit["changes"]): void {
    this.isRestored = true;
    const had = (name: string, phase: string): boolean => this.#phases.get(name)?.has(phase) === true;
    const wasLeaving = (name: string): boolean => had(name, "draining") || had(name, "stopping");
    this.store.restart(revision, all);
    for (const { id, spec, wasStarted } of this.engine.containers.values()) {
      const isUnderWay = this.#endings.has(id) || wasLeaving(spec.name);
      if (wasStarted && !this.store.intents.has(spec.name) && !isUnderWay) this.#younger.add(id);
    }
    this.#startedAs.clear();
    this.#office.restored();
    this.#once.restored();
  }

  committed(commit: Commit): void {
    const { revision, changes, sentAt } = commit;
    const before = this.#before(changes);
    const { leader } = this.store;
    // Only the write of an intent takes something out.
    const serving = before.intents.size > 0 ? servingSlots(this.store, this.#deadAt(sentAt)) : undefined;
    this.store.apply(revision, changes);
    this.#office.committed(commit, leader, this.timeline.now);
    for (const change of changes) this.#changed(change, before, sentAt);
    this.#once.committed(changes);
    if (serving !== undefined) this.#floor(before, serving, sentAt);
  }

  /** That request has had its effect. Of another history nothing is known. */
  wasDone(requestId: string): boolean {
    return !this.isRestored && this.#once.has(requestId);
  }

  #before(changes: Commit["changes"]): Before {
    const before = { intents: new Map<string, RawIntent>(), ready: new Set<string>() };
    for (const { key } of changes) {
      const known = readKey(key);
      if (known.kind !== "intent" && known.kind !== "info") continue;
      const intent = this.store.intents.get(known.name);
      if (intent !== undefined) before.intents.set(known.name, intent);
      const info = this.store.infos.get(known.name);
      if (info?.state === "ready") before.ready.add(known.name);
    }
    return before;
  }

  #changed({ key, deleted }: Commit["changes"][number], before: Before, sentAt: Milliseconds): void {
    const known = readKey(key);
    if (WORK.has(known.kind)) this.lastChange = this.timeline.now;
    if (known.kind === "config") this.#asked(known.group);
    if (known.kind === "intent") this.#intent(known.name, deleted, before.intents.get(known.name));
    if (known.kind !== "info" || this.isRestored) return;
    if (!before.ready.has(known.name)) this.#told.told(known.name, this.timeline.now);
    else this.#told.withdrawn(known.name, before.intents.get(known.name), { now: this.timeline.now, sentAt });
  }

  /** A call that changes a container leaves a process: what pays for it is in the store by then. */
  sending(process: string, call: string, id: string): void {
    this.lastChange = this.timeline.now;
    if (this.isRestored) return;
    if (call === "stop" || call === "remove") this.#endings.add(id);
    const name = this.#names.get(id) ?? id;
    this.#office.sending(process, `${call} ${name}`);
    const paid = PAID_BY[call];
    if (paid === undefined || this.#phases.get(name)?.has(paid) === true) return;
    this.violated("intent first", `${process} asks for "${call} ${name}" before it is written as ${paid}`);
  }

  did(deed: Deed): void {
    const { act, container, by } = deed;
    const { name } = container.spec;
    this.#names.set(container.id, name);
    this.#told.did(deed, this.timeline.now);
    if (act === "die") this.#diedAt.set(name, this.timeline.now);
    if (act === "start") this.#diedAt.delete(name);
    if (by !== undefined) this.#doneFor(deed, by);
  }

  #doneFor({ act, container }: Deed, by: string): void {
    const { name } = container.spec;
    this.lastChange = this.timeline.now;
    const phases = this.#phases.get(name);
    if (act === "create" && phases === undefined) {
      this.violated("intent first", `${by} created ${name}, of which there was no intent`);
    }
    if (act === "start" && !this.isRestored) this.#wasStarted(container, by, phases?.has("running") === true);
    if ((act === "stop" || act === "remove") && this.#younger.has(container.id) && !this.hasWord) {
      this.violated("restored", `${by}: ${act} of ${name}, which the restored store does not know`);
    }
    if (this.isRestored) return;
    if (act === "stop" && phases?.has("stopping") !== true) {
      this.violated("intent first", `${by} stopped ${name}, whose stop was not written`);
    }
    if (act === "stop") this.#heard(name);
    if (act === "remove" && container.wasStarted && phases === undefined) {
      this.violated("intent first", `${by} removed ${name}, which was never ours`);
    }
  }

  /** Who was sent it, and is there, knows that it left, or has had its time. */
  #heard(name: string): void {
    const leftAt = this.#leftAt.get(name) ?? this.timeline.now;
    for (const holder of this.holders) {
      const since = holder.holdsSince(name);
      const isWaitedFor = since !== undefined && since < leftAt && this.timeline.now < leftAt + ACK_DEADLINE;
      if (isWaitedFor) this.violated("heard", `${name} was stopped while it was still used`);
    }
  }

  #wasStarted(container: Container, by: string, isConfirmed: boolean): void {
    const { name } = container.spec;
    if (!isConfirmed) this.violated("intent first", `${by} started ${name}, which was not confirmed`);
    this.#single(container);
    this.#ceiling(container);
  }

  #asked(group: string): void {
    const config = this.store.configs.get(group);
    if (config !== undefined) this.#most.set(group, Math.max(this.#most.get(group) ?? 0, config.instances));
  }

  #intent(name: string, isDeleted: boolean, before: RawIntent | undefined): void {
    if (isDeleted) {
      this.#gone.add(name);
      return;
    }
    const intent = this.store.intents.get(name);
    if (intent === undefined) return;
    const phases = this.#phases.get(name) ?? new Set<string>();
    this.#phases.set(name, phases);
    phases.add(intent.phase);
    if (intent.phase === "draining" && before?.phase !== "draining") this.#leftAt.set(name, this.timeline.now);
    if (!this.isRestored) this.#inOrder(intent, before);
  }

  #inOrder(intent: RawIntent, before: RawIntent | undefined): void {
    const { name, phase } = intent;
    if (before === undefined && this.#gone.has(name)) this.violated("generation", `${name} was given out twice`);
    if (before === undefined) this.#beside(intent);
    if (before === undefined && phase !== "creating") this.violated("phases", `${name} began as ${phase}`);
    if (before !== undefined && PHASES.indexOf(phase) < PHASES.indexOf(before.phase)) {
      this.violated("phases", `${name} went from ${before.phase} back to ${phase}`);
    }
  }

  #beside(intent: RawIntent): void {
    const config = this.store.configs.get(intent.group);
    // It was decided on what was asked for before.
    if (config === undefined || config.revision !== intent.configRevision) return;
    const problem = tooManyBeside(this.store, config, intent, (name) => this.#named(name)?.isUp === true);
    if (problem !== undefined) this.violated("ceiling", problem);
  }

  /** At most one container ever ran under one generation; of a slot one, or two while one replaces the other. */
  #single(container: Container): void {
    const { name, owner } = container.spec;
    const former = this.#startedAs.get(name);
    if (former !== undefined && former !== container.id)
      this.violated("single", `${name} was started as two containers`);
    this.#startedAs.set(name, container.id);
    const ofSlot = this.#ofGroup(container).filter(({ spec }) => spec.owner.slot === owner.slot);
    const most = this.#configOf(container)?.order === "stop-first" ? 1 : 2;
    if (ofSlot.length > most) {
      this.violated("single", `slot ${owner.slot} has ${ofSlot.map(({ spec }) => spec.name).join(", ")} running`);
    }
  }

  #ceiling(container: Container): void {
    const config = this.#configOf(container);
    if (config === undefined) return;
    const most = this.#most.get(groupOf(container)) ?? 0;
    const bound = most + (config.order === "stop-first" ? 0 : config.maxParallel);
    // From when its stop is committed one counts as gone.
    const running = this.#ofGroup(container).filter(
      ({ spec }) => this.store.intents.get(spec.name)?.phase !== "stopping",
    );
    if (running.length > bound)
      this.violated("ceiling", `${running.length} run of ${groupOf(container)}, at most ${bound} may`);
  }

  /** No write takes one that serves away below what was promised, by what is asked at that moment. */
  #floor(before: Before, serving: Serving, sentAt: Milliseconds): void {
    if (this.isRestored) return;
    for (const [name, intent] of before.intents) {
      const after = this.store.intents.get(name);
      const isTaken = intent.phase === "running" && after !== undefined && isLeaving(after) && before.ready.has(name);
      const config = this.store.configs.get(intent.group);
      if (!isTaken || config === undefined) continue;
      const serve = servingSlots(this.store, this.#deadAt(sentAt)).get(intent.group);
      const problem = brokenBy(config, intent, serving.get(intent.group), serve);
      if (problem !== undefined) this.violated("floor", `${name} was taken out: ${problem}`);
    }
  }

  /** For so long that whoever sent something then knew it. */
  #deadAt(sentAt: Milliseconds): (name: string) => boolean {
    return (name) => sentAt - (this.#diedAt.get(name) ?? Number.POSITIVE_INFINITY) > DEATH_IS_KNOWN;
  }

  #ofGroup(container: Container): readonly Container[] {
    const { groupUid } = container.spec.owner;
    return this.engine.running().filter(({ spec }) => spec.owner.groupUid === groupUid);
  }

  #configOf(container: Container): RawConfig | undefined {
    return this.store.configs.get(groupOf(container));
  }

  #named(name: string): Container | undefined {
    for (const container of this.engine.containers.values()) if (container.spec.name === name) return container;
    return undefined;
  }
}

/** Undefined also of one that nobody asks for. */
function brokenBy(config: RawConfig, { slot }: RawIntent, ...serving: readonly [SlotsOfOne, SlotsOfOne]) {
  return config.isRemoving || slot > config.instances ? undefined : belowFloor(config, ...serving);
}

const isLeaving = ({ phase }: RawIntent): boolean => phase === "draining" || phase === "stopping";

export const groupOf = ({ spec }: Container): string => {
  const { service, labels } = spec.owner.group;
  return `${service}/${labels.length === 0 ? "-" : labels.join(",")}`;
};
