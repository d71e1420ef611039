// Builds everything that one term works with, runs it until the term ends, and leaves nothing running.

import { isReason } from "../model/errors.js";
import { SECOND } from "../model/instant.js";
import type { GroupRef } from "../model/reference.js";
import type { GroupSnapshot } from "../model/store.js";
import { within } from "./alarm.js";
import { Batch } from "./batch.js";
import { Echoes } from "./echoes.js";
import { Engine } from "./engine.js";
import { followEvents } from "./engine-events.js";
import { createExecutors } from "./execute.js";
import { Fleet } from "./fleet.js";
import { GroupLedger } from "./group-ledger.js";
import { type PassDeps, passOver } from "./group-pass.js";
import { HostBook } from "./host-book.js";
import { HostKeeper } from "./hosts.js";
import { Housekeeping } from "./housekeeping.js";
import { Images } from "./images.js";
import { Observer } from "./observe.js";
import type { Office } from "./office.js";
import { persistently } from "./persist.js";
import { Prober } from "./prober.js";
import { createQueue, type Queue } from "./queue.js";
import { RecoveryDesk } from "./recovery-desk.js";
import { Registrar } from "./registrar.js";
import type { SchedulerDeps } from "./scheduler-deps.js";
import { Progress, type SchedulerStatus } from "./scheduler-status.js";
import { SharedReading } from "./shared-reading.js";
import { Sweeper } from "./sweeper.js";

const GROUPS_AT_ONCE = 4;
const SERVERS_KEEP = 2 * SECOND;
/** What still waits for an engine then is left to itself: it can do nothing any more. */
const FAREWELL = SECOND / 5;

export class TermWork {
  readonly #office: Office;
  readonly #deps: SchedulerDeps;
  readonly #book = new HostBook();
  readonly #echoes = new Echoes();
  readonly #progress = new Progress();
  readonly #hosts: readonly { readonly engine: Engine; readonly keeper: HostKeeper }[];
  readonly #fleet: Fleet;
  readonly #queue: Queue;
  readonly #batch: Batch;
  readonly #sweeper: Sweeper;
  readonly #housekeeping: Housekeeping;
  readonly #desk: RecoveryDesk;

  constructor(office: Office, deps: SchedulerDeps) {
    this.#office = office;
    this.#deps = deps;
    this.#housekeeping = new Housekeeping(office);
    this.#fleet = new Fleet({ office, book: this.#book, reservations: deps.reservations }, [...deps.runtimes.keys()]);
    this.#hosts = [...deps.runtimes.values()].map((runtime) => this.#host(new Engine(runtime, office)));
    const prober = new Prober({ ...deps, changed: (group) => this.#queue.wake(group) }, office.end);
    const engines = this.#hosts.map(({ engine }) => engine);
    const images = new Images(office, engines);
    this.#batch = this.#createBatch(prober, images);
    const wake = (group: GroupRef): void => this.#queue.wakeAfresh(group);
    this.#desk = new RecoveryDesk({ office, keepers: this.#hosts.map(({ keeper }) => keeper), wake });
    const { configs } = deps;
    const seeing = { office, hosts: this.#hosts, fleet: this.#fleet, images, prober, desk: this.#desk, configs };
    const observer = new Observer(seeing);
    this.#queue = this.#createQueue({
      office,
      plan: deps.plan,
      observer,
      prober,
      batch: this.#batch,
      echoes: this.#echoes,
      progress: this.#progress,
      desk: this.#desk,
      openLedger: this.#openLedger,
    });
    this.#sweeper = new Sweeper({ office, hosts: this.#hosts, wake });
  }

  status(): SchedulerStatus {
    const hosts = this.#hosts.map(({ keeper: { host, problem } }) =>
      problem === undefined ? { host, reachable: true } : { host, reachable: false, problem: problem.text },
    );
    return { leading: !this.#office.end.aborted, groups: this.#progress.groups(), hosts };
  }

  /** Returns when the term is over and no store write of it is in flight; never throws. */
  async run(): Promise<void> {
    const stopListening = this.#deps.wake((group, revision) => this.#told(group, revision));
    try {
      await this.#begin();
      await this.#untilEnd();
    } finally {
      stopListening();
      this.#office.stepDown();
      await within(this.#office.clock, FAREWELL, this.#batch.settled());
      await this.#office.writesDone();
    }
  }

  /** The epoch is the first write, and a group is looked at only when its hosts are known. */
  async #begin(): Promise<void> {
    await this.#housekeeping.begin();
    await persistently(this.#office, "reading the hosts", () => this.#fleet.read());
    await Promise.all([this.#desk.begin(), ...this.#hosts.map(({ keeper }) => keeper.begin())]);
  }

  async #untilEnd(): Promise<void> {
    const { clock, end } = this.#office;
    const ended = new Promise<void>((resolve) => {
      if (end.aborted) resolve();
      else end.addEventListener("abort", () => resolve(), { once: true });
    });
    const loops = Promise.all([
      this.#queue.run(),
      this.#sweeper.run(),
      this.#housekeeping.run(),
      this.#office.store.followRecords(() => this.#edited(), end),
      this.#desk.run(),
      new Registrar(this.#office, this.#deps.registrations).run(),
      ...this.#hosts.map(({ keeper }) => keeper.run()),
      ...this.#hosts.map(({ engine }) => this.#follow(engine)),
    ]);
    await Promise.race([loops, ended]);
    await within(clock, FAREWELL, loops);
  }

  #host(engine: Engine): { engine: Engine; keeper: HostKeeper } {
    const keeper = new HostKeeper({
      office: this.#office,
      book: this.#book,
      engine,
      settings: this.#deps.hostSettings,
      changed: () => {
        this.#fleet.touch();
        this.#sweeper.soon();
        this.#desk.soon();
      },
    });
    return { engine, keeper };
  }

  #createBatch(prober: Prober, images: Images): Batch {
    const office = this.#office;
    const servers = new SharedReading(this.#deps.discoveryServers, office.clock, SERVERS_KEEP);
    const executors = createExecutors({
      office,
      engines: new Map(this.#hosts.map(({ engine }) => [engine.host, engine])),
      images,
      prober,
      configs: this.#deps.configs,
      discoveryServers: async () => (await servers.get()).value,
      openLedger: this.#openLedger,
      lookAgain: (group) => this.#queue.wake(group),
    });
    return new Batch({
      office,
      executors,
      ended: (group, within) => this.#queue.wakeWithin(group, within),
      unanswered: (host) => this.#hosts.find(({ engine }) => engine.host === host)?.keeper.doubt(),
      outdated: () => this.#fleet.touch(),
    });
  }

  #createQueue(pass: PassDeps): Queue {
    const { clock, rng, end, log } = this.#office;
    return createQueue({
      clock,
      rng,
      end,
      width: GROUPS_AT_ONCE,
      pass: (group) => passOver(pass, group),
      failed: (group, error, failures) => {
        // Of a host that does not answer its keeper speaks, once for all groups.
        const silent = isReason(error, "HOST_UNREACHABLE");
        if (!silent) this.#fleet.touch();
        if (failures === 1 && !end.aborted) {
          log[silent ? "debug" : "warn"]({ group, err: error }, "pass failed, trying again");
        }
      },
    });
  }

  readonly #openLedger = (snapshot: GroupSnapshot): GroupLedger =>
    new GroupLedger(
      {
        office: this.#office,
        book: this.#book,
        writing: (group) => this.#echoes.begun(group),
        written: (group, revision) => {
          if (this.#echoes.ended(group, revision)) this.#news(group);
        },
        reserved: (revision) => this.#fleet.touch(revision),
        promise: (group, intents, config) => this.#fleet.promise(group, intents, config),
      },
      snapshot,
    );

  #follow(engine: Engine): Promise<void> {
    return followEvents({
      office: this.#office,
      engine,
      connected: () => this.#sweeper.soon(),
      happened: ({ group, name }) => {
        if (!this.#batch.isHandling(group, name)) this.#queue.wake(group);
      },
    });
  }

  /** Another hand has changed what we go by: hosts, slots, the recovery record, the leader key. */
  #edited(): void {
    this.#fleet.touch();
    this.#desk.soon();
    this.#told("all", undefined);
  }

  #told(group: GroupRef | "all", revision: bigint | undefined): void {
    if (group === "all") {
      this.#housekeeping.soon();
      this.#sweeper.soon();
      this.#desk.soon();
    } else if (revision === undefined || this.#echoes.isNews(group, revision)) this.#news(group);
  }

  /** Others wrote something of it. */
  #news(group: GroupRef): void {
    this.#fleet.touch();
    this.#queue.wake(group);
  }
}
