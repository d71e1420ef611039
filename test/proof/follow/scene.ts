// An etcd with a writer, servers before it, watchers before the servers, proxies everywhere in between, and the true
// history beside them.

import { startEtcd, type TestEtcd } from "../../support/start-etcd.js";
import { until } from "../../support/until.js";
import { noCuts as noStoreCuts, type Cuts as StoreCuts } from "../gap/cutting-proxy.js";
import { freshRead, type State, Stretch } from "../gap/truth.js";
import { type Cuts, CuttingLink, noCuts, Shears } from "./cutting-link.js";
import { differences, Judge, projected } from "./judge.js";
import { PackageWatcher } from "./package-watcher.js";
import { QUESTIONS, type Question } from "./questions.js";
import { WatchedServer } from "./servers.js";
import type { Watcher } from "./told.js";
import { type Manners, WireWatcher } from "./wire-watcher.js";
import { Writer } from "./writer.js";

export type SceneFacts = {
  readonly servers: number;
  /** With the client package: every other one acknowledges. */
  readonly packages: number;
  /** By hand. */
  readonly wires: number;
  readonly manners?: Manners;
  /** How long a watcher may take to be as it should be. */
  readonly patienceMs: number;
};

export type Seat = {
  readonly name: string;
  readonly kind: "package" | "wire";
  readonly question: Question;
  readonly shears: Shears;
  /** One to each server. */
  readonly links: readonly CuttingLink[];
  readonly watcher: Watcher;
  readonly judge: Judge;
};

export type Backup = { readonly file: string; readonly moment: Moment };
type Moment = { readonly state: State; readonly revision: number };

export class Scene {
  readonly etcd: TestEtcd;
  readonly writer: Writer;
  readonly cuts: Cuts = noCuts();
  readonly storeCuts: StoreCuts = noStoreCuts();
  readonly servers: WatchedServer[] = [];
  readonly seats: Seat[] = [];
  readonly violations: string[] = [];
  comparisons = 0;
  readonly #facts: SceneFacts;
  readonly #chance: () => number;
  #stretch: Stretch;
  #settled: Moment = { state: new Map(), revision: 0 };

  private constructor(facts: SceneFacts, etcd: TestEtcd, chance: () => number) {
    this.#facts = facts;
    this.etcd = etcd;
    this.#chance = chance;
    this.writer = new Writer(etcd.endpoint, chance);
    this.#stretch = new Stretch(etcd, this.#settled);
  }

  static async open(facts: SceneFacts, chance: () => number): Promise<Scene> {
    const scene = new Scene(facts, await startEtcd({ detached: true }), chance);
    try {
      await scene.writer.fill();
      await Promise.all(Array.from({ length: facts.servers }, () => scene.#addServer()));
      const kinds = [
        ...Array.from({ length: facts.packages }, () => "package" as const),
        ...Array.from({ length: facts.wires }, () => "wire" as const),
      ];
      await Promise.all(kinds.map((kind, number) => scene.#addSeat(kind, number)));
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.seats.map(({ watcher }) => watcher.close()));
    await Promise.all(this.seats.flatMap(({ links }) => links.map((link) => link.close())));
    await Promise.all(this.servers.map((server) => server.close()));
    this.writer.close();
    await this.#stretch.stop();
    await this.etcd.stop();
  }

  /**
   * With nobody writing: every watcher comes to hold what a fresh read shows. What it was told on the way there has to be
   * what happened, unless the store was put back since the last time.
   */
  async compare(way: "on the way too" | "only where it ends"): Promise<void> {
    const moment = await this.#settle();
    for (const { judge, watcher } of this.seats) {
      if (way === "only where it ends") judge.begin(watcher, moment.state, moment.revision);
      else judge.check(watcher, this.#stretch.between(this.#settled.revision, moment.revision), moment.revision);
      this.violations.push(...judge.violations.splice(0));
    }
    this.comparisons += this.seats.length;
    this.#stretch.forget(moment.revision);
    this.#settled = moment;
  }

  async backUp(): Promise<Backup> {
    const moment = this.#settled;
    const file = `${this.etcd.folder}/backup-${moment.revision}.db`;
    await this.etcd.ctl("snapshot", "save", file);
    return { file, moment };
  }

  /** Puts the store back. History goes on from there, in another way. */
  async restore({ file }: Backup): Promise<void> {
    await this.#stretch.stop();
    await this.etcd.restore(file);
    const moment = await freshRead(this.etcd);
    this.writer.wentBack(moment.revision);
    this.#settled = moment;
    this.#stretch = new Stretch(this.etcd, moment);
  }

  async #addServer(): Promise<void> {
    const { etcd, storeCuts: cuts } = this;
    const head = () => this.writer.head;
    this.servers.push(await WatchedServer.start({ etcd, cuts, head, chance: this.#chance }));
  }

  async #addSeat(kind: Seat["kind"], number: number): Promise<void> {
    const question = QUESTIONS[number % QUESTIONS.length] as Question;
    const shears = new Shears(this.cuts, this.#chance);
    // Not everybody begins at the same server.
    const order = this.servers.map((_, i) => this.servers[(i + number) % this.servers.length] as WatchedServer);
    const links = await Promise.all(order.map((server) => CuttingLink.start(() => server.address, shears)));
    const name = `${kind} watcher ${number}`;
    const watcher =
      kind === "package"
        ? new PackageWatcher({ ...this.#common(name, question, links), acknowledge: number % 2 === 0 })
        : new WireWatcher({ ...this.#common(name, question, links), manners: this.#facts.manners ?? "by the rules" });
    this.seats.push({ name, kind, question, shears, links, watcher, judge: new Judge(name, question) });
  }

  #common(name: string, question: Question, links: readonly CuttingLink[]) {
    return { name, question, addresses: links.map(({ address }) => address) };
  }

  /** Epochs and the like may be written meanwhile: then it is read again. */
  async #settle(): Promise<Moment> {
    let moment = await freshRead(this.etcd);
    const isSettled = async (): Promise<boolean> => {
      if (this.#stretch.last > moment.revision) moment = await freshRead(this.etcd);
      const isTold = this.#stretch.last >= this.writer.head;
      return isTold && this.seats.every((seat) => wrongIn(seat, moment).length === 0);
    };
    try {
      await until("every watcher to be as a fresh read", isSettled, { withinMs: this.#facts.patienceMs });
    } catch {
      this.#tellDifferences(moment);
    }
    return moment;
  }

  #tellDifferences(moment: Moment): void {
    if (this.#stretch.failure !== "") throw new Error(this.#stretch.failure);
    for (const seat of this.seats) {
      const wrong = wrongIn(seat, moment);
      if (wrong.length === 0) continue;
      const some = wrong.slice(0, 2).join("; ");
      this.violations.push(`${seat.name} differs from the store at ${moment.revision} in ${wrong.length}: ${some}`);
    }
  }
}

const wrongIn = ({ watcher, question }: Seat, { state }: Moment): string[] =>
  differences(watcher.state, projected(question, state));
