// A whole simulated cluster: one timeline, one etcd, one engine, some servers, the faults of its seed. Everything in it is
// the same for the same seed.

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
  /** Before each thing that reaches a server. */
  onPoint: (process: Process) => void = () => undefined;
  readonly #options: WorldOptions;
  readonly #watching: Watching;
  readonly #starts: number[] = [];

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
    for (let place = 0; place < this.#options.servers; place++) {
      this.timeline.after(place * 40, () => this.startServer(place));
    }
  }

  /** A new process in place of the one that ended. */
  startServer(place: number): void {
    const start = (this.#starts[place] ?? 0) + 1;
    this.#starts[place] = start;
    const name = `s${place + 1}.${start}`;
    const process = new Process(name, this.timeline);
    process.onPoint = (one) => this.onPoint(one);
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

  /** Ends it at once; it is started again so much later. */
  killServer(place: number, back: number): void {
    const server = this.servers[place];
    if (server === undefined || server.process.state === "dead") return;
    server.kill();
    this.timeline.after(back, () => this.startServer(place));
  }

  get alive(): readonly Server[] {
    return this.servers.filter(({ process }) => process.state === "running");
  }
}
