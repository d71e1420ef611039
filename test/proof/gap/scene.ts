// An etcd with a writer, several followers behind a cutting proxy each, and the true history beside them.

import { createEtcdWire } from "../../../src/etcd/wire.js";
import type { EtcdWire } from "../../../src/model/ports.js";
import { systemClock } from "../../../src/system.js";
import { startEtcd, type TestEtcd } from "../../support/start-etcd.js";
import { until } from "../../support/until.js";
import { type Cuts, CuttingProxy, noCuts } from "./cutting-proxy.js";
import { EPOCHS } from "./range.js";
import type { Follower } from "./seen.js";
import { freshRead, type State, Stretch } from "./truth.js";
import { differences, Verdict } from "./verdict.js";
import { Writer } from "./writer.js";

export type SceneFacts = {
  readonly followers: number;
  readonly keys: number;
  /** How long a follower may take to be as it should be. */
  readonly patienceMs: number;
  readonly follow: (endpoint: string, number: number) => Promise<Follower>;
};

export type Watched = { readonly follower: Follower; readonly proxy: CuttingProxy; readonly verdict: Verdict };
export type Backup = { readonly file: string; readonly moment: Moment };
type Moment = { readonly state: State; readonly revision: number };

export class Scene {
  readonly etcd: TestEtcd;
  readonly wire: EtcdWire;
  readonly writer: Writer;
  readonly cuts: Cuts = noCuts();
  readonly watched: Watched[] = [];
  readonly violations: string[] = [];
  comparisons = 0;
  compactions = 0;
  readonly #facts: SceneFacts;
  readonly #chance: () => number;
  #stretch: Stretch;
  /** The last one that everybody was found at. */
  #settled: Moment = { state: new Map(), revision: 0 };

  private constructor(facts: SceneFacts, etcd: TestEtcd, wire: EtcdWire, chance: () => number) {
    this.#facts = facts;
    this.etcd = etcd;
    this.wire = wire;
    this.#chance = chance;
    this.writer = new Writer(wire, facts.keys, chance);
    this.#stretch = new Stretch(etcd, this.#settled);
  }

  static async open(facts: SceneFacts, chance: () => number): Promise<Scene> {
    const etcd = await startEtcd({ detached: true });
    const wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
    const scene = new Scene(facts, etcd, wire, chance);
    try {
      await scene.writer.fill();
      await Promise.all(Array.from({ length: facts.followers }, (_, number) => scene.#add(number)));
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.watched.map(({ follower }) => follower.stop()));
    for (const { follower } of this.watched) follower.close();
    await Promise.all(this.watched.map(({ proxy }) => proxy.close()));
    this.wire.close();
    await this.#stretch.stop();
    await this.etcd.stop();
  }

  get settledAt(): number {
    return this.#settled.revision;
  }

  shutAll(): void {
    for (const { proxy } of this.watched) proxy.shut();
  }

  openAll(): void {
    for (const { proxy } of this.watched) proxy.open();
  }

  /** The history recorded so far holds everything that was written. */
  async recorded(): Promise<void> {
    await until("etcdctl to have told all", () => this.#stretch.last >= this.writer.head);
  }

  /**
   * With nobody writing: every follower comes to what a fresh read shows, and what it was told on the way there is what
   * happened. @returns how many epochs were appended since the last time.
   */
  async compare(): Promise<number> {
    const moment = await this.#settle();
    const epochs = this.#stretch.between(this.#settled.revision, moment.revision).filter(appendsEpoch).length;
    for (const { verdict } of this.watched) {
      verdict.check(this.#stretch, moment.revision);
      this.violations.push(...verdict.violations.splice(0));
    }
    this.comparisons += this.watched.length;
    this.#stretch.forget(moment.revision);
    this.#settled = moment;
    return epochs;
  }

  async backUp(): Promise<Backup> {
    const file = `${this.etcd.folder}/backup-${this.#settled.revision}.db`;
    await this.etcd.ctl("snapshot", "save", file);
    const { revision } = JSON.parse(await this.etcd.ctl("snapshot", "status", file, "-w", "json")) as {
      revision: number;
    };
    if (revision !== this.#settled.revision) throw new Error("something was written while the backup was made");
    return { file, moment: this.#settled };
  }

  /** Puts the store back. History goes on from there, in another way. */
  async restore({ file, moment }: Backup): Promise<void> {
    await this.#stretch.stop();
    await this.etcd.restore(file);
    this.writer.wentBack(moment.revision);
    this.#settled = moment;
    this.#stretch = new Stretch(this.etcd, moment);
  }

  async compact(revision: number): Promise<void> {
    await this.wire.compact(BigInt(revision));
    this.compactions++;
  }

  async #add(number: number): Promise<void> {
    const proxy = await CuttingProxy.start({
      targetPort: this.etcd.port,
      cuts: this.cuts,
      head: () => this.writer.head,
      chance: this.#chance,
    });
    const follower = await this.#facts.follow(proxy.endpoint, number);
    this.watched.push({ follower, proxy, verdict: new Verdict(follower) });
    follower.start();
  }

  /** Somebody may append an epoch meanwhile: then it is read again. */
  async #settle(): Promise<Moment> {
    let moment = await freshRead(this.etcd);
    const isSettled = async (): Promise<boolean> => {
      if (this.#stretch.last > moment.revision) moment = await freshRead(this.etcd);
      const isTold = isSame(this.#stretch.stateAt(moment.revision), moment.state);
      return isTold && this.watched.every(({ follower }) => differences(follower, moment.state).length === 0);
    };
    try {
      await until("every follower to be as a fresh read", isSettled, { withinMs: this.#facts.patienceMs });
    } catch {
      this.#tellDifferences(moment);
    }
    return moment;
  }

  #tellDifferences({ state, revision }: Moment): void {
    if (this.#stretch.failure !== "") throw new Error(this.#stretch.failure);
    for (const { follower } of this.watched) {
      const wrong = differences(follower, state);
      if (wrong.length === 0) continue;
      const some = wrong.slice(0, 2).join("; ");
      this.violations.push(`${follower.name} differs from the store at ${revision} in ${wrong.length} keys: ${some}`);
    }
  }
}

const appendsEpoch = ({ changes }: { readonly changes: ReadonlyMap<string, unknown> }): boolean =>
  [...changes.keys()].some((key) => key.startsWith(EPOCHS));

function isSame(one: State, other: State): boolean {
  const same = [...other].every(([key, { modRevision }]) => one.get(key)?.modRevision === modRevision);
  return same && one.size === other.size;
}
