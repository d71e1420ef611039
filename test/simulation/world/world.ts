// A whole simulated cluster: one timeline, one etcd, one engine, some servers, the faults of its seed. Everything in it is
// the same for the same seed.

import type { Milliseconds } from "../../../src/model/instant.js";
import type { Feed } from "../../../src/model/store.js";
import { Engine } from "./engine.js";
import { Etcd } from "./etcd.js";
import { Fate, type FaultPlan } from "./faults.js";
import { Images } from "./images.js";
import { Process } from "./process.js";
import { telling } from "./quiet.js";
import type { Seeded } from "./seeded.js";
import { Server } from "./server.js";
import { Timeline } from "./timeline.js";

export type WorldOptions = {
  readonly chance: Seeded;
  readonly plan: FaultPlan;
  readonly servers: number;
};

/** Who looks on. */
export type Watching = {
  readonly fed: (server: Server, message: Feed) => void;
  readonly sending: (server: Server, call: string, id: string) => void;
  readonly started: (server: Server) => void;
  readonly told: (who: string, text: string) => void;
  readonly broken: (who: string, text: string) => void;
};

export class World {
  readonly timeline = new Timeline();
  readonly etcd: Etcd;
  readonly engine: Engine;
  readonly images: Images;
  readonly fate: Fate;
  /** By their places; the one that is there now. */
  readonly servers: Server[] = [];
  /** What is to happen when a server next writes an intent, before it is answered. */
  readonly atNextIntent: ((by: string) => void)[] = [];
  /** A server is told to stop. */
  onStop: (server: Server) => void = () => undefined;
  /** Id of the server that leads, as the store has it. */
  leader: () => string | undefined = () => undefined;
  /** Before each thing that reaches a server. */
  onPoint: (process: Process) => void = () => undefined;
  readonly #options: WorldOptions;
  readonly #watching: Watching;
  readonly #starts: number[] = [];
  /** How far the clock of each machine is off, whatever runs on it. */
  readonly #offsets: Milliseconds[] = [];

  constructor(options: WorldOptions, watching: Watching) {
    const { chance, plan } = options;
    this.#options = options;
    this.#watching = watching;
    this.etcd = new Etcd(this.timeline, chance.of("etcd"));
    this.images = new Images(chance.of("images"));
    this.engine = new Engine(this.timeline, this.images);
    this.fate = new Fate(plan, chance);
  }

  async start(): Promise<void> {
    await this.etcd.start();
    const { servers, chance } = this.#options;
    const starts = chance.of("starts");
    for (let [place, at] = [0, 0]; place < servers; place++) {
      this.timeline.after(at, () => this.startServer(place));
      // Now and then they race for the office.
      at += starts.between(0, 40);
    }
  }

  /** A new process in place of the one that ended. */
  startServer(place: number): void {
    const start = (this.#starts[place] ?? 0) + 1;
    this.#starts[place] = start;
    const name = `s${place + 1}.${start}`;
    const process = new Process(name, this.timeline);
    process.onPoint = (one) => this.onPoint(one);
    process.wallOffset = this.#offsets[place] ?? 0;
    const { etcd, engine, images, fate } = this;
    const { told, broken, sending, fed, started } = this.#watching;
    const server: Server = new Server({
      ...{ process, etcd, engine, images, fate },
      chance: this.#options.chance.of(`server ${name}`),
      log: telling(
        (level, text) => told(name, `${level}: ${text}`),
        (text) => broken(name, text),
      ),
      sending: (call, id) => sending(server, call, id),
      fed: (message) => fed(server, message),
    });
    this.servers[place] = server;
    started(server);
    process.deliver(() => server.start());
  }

  /** The wall clock of that machine is off by so much more. */
  setClock(place: number, by: Milliseconds): undefined {
    this.#offsets[place] = (this.#offsets[place] ?? 0) + by;
    const process = this.servers[place]?.process;
    if (process !== undefined) process.wallOffset += by;
  }

  /** Ends it at once; it is started again so much later. */
  killServer(place: number, back: number): void {
    const server = this.servers[place];
    if (server === undefined || server.process.state === "dead") return;
    server.kill();
    this.timeline.after(back, () => this.startServer(place));
  }

  /** Connections of clients: they come back, and go on where they were. */
  cutClients(): undefined {
    for (const { onCut } of this.alive) for (const cut of [...onCut]) cut();
  }

  get alive(): readonly Server[] {
    return this.servers.filter(({ process }) => process.state === "running");
  }
}
