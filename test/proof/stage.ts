// What a proof runs on: a store, an image and servers of its own on the machine's engine or on a private one, all of it
// gone afterwards.

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedFolder } from "../support/embedded-folder.js";
import { importBusyboxImage, removeImage } from "../support/images.js";
import { ObservedEngine } from "../support/observed-engine.js";
import { MACHINE_SOCKET, type PrivateEngine, startPrivateEngine } from "../support/start-docker.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { startEtcdCluster } from "../support/start-etcd-cluster.js";
import { type RunningServer, type ServerOptions, startServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import { ObservedStore } from "./observed-store.js";

/** Something that is up, and is taken down once however often that is asked for. */
class Standing {
  readonly #takeDown: () => Promise<void>;
  #struck: Promise<void> | undefined;

  constructor(takeDown: () => Promise<void>) {
    this.#takeDown = takeDown;
    standing.add(this);
  }

  /** Returns when it is down, whoever asked first. */
  strike(): Promise<void> {
    this.#struck ??= this.#takeDown().finally(() => standing.delete(this));
    return this.#struck;
  }
}

/** What is still up, the newest last; a signal strikes it all. */
const standing = new Set<Standing>();

/** Set-ups under way. */
const rising = new Set<Promise<unknown>>();
let isClosed = false;

/** For the end of the process: from then on nothing is set up any more. */
export async function strikeAll(): Promise<void> {
  isClosed = true;
  await Promise.allSettled(rising);
  for (const one of [...standing].reverse()) await one.strike().catch((error: unknown) => console.error(error));
}

/** Sets something up, or not at all: strikeAll waits for it. */
async function raise<T>(setUp: () => Promise<T>): Promise<T> {
  if (isClosed) throw new Error("the run was ended");
  const work = setUp();
  rising.add(work);
  try {
    return await work;
  } finally {
    rising.delete(work);
  }
}

/** An engine, and what to put before a command that is to run beside it. */
type Place = { readonly socket: string; readonly inside: readonly string[] };

const MACHINE: Place = { socket: MACHINE_SOCKET, inside: [] };

/** An etcd of its own, one of three members, or the embedded store of its only server, there only while that server runs. */
export type KindOfStore = "etcd" | "three" | "embedded";

/** One group as the group file has it. */
export type GroupText = { readonly image: string; readonly instances: number } & Readonly<Record<string, unknown>>;

export class Stage {
  readonly engine: ObservedEngine;
  readonly store: ObservedStore;
  readonly image: string;
  readonly kept: TestEtcd | EmbeddedFolder;
  /** Of an etcd of three members the other two. */
  readonly others: readonly TestEtcd[];
  readonly #folder: string;
  readonly #servers = new Set<RunningServer>();
  readonly #byHand: string[] = [];
  readonly #images: string[] = [];
  readonly #place: Place;
  readonly #standing: Standing;

  private constructor(
    place: Place,
    [kept, ...others]: readonly [Stage["kept"], ...TestEtcd[]],
    { folder, image }: { folder: string; image: string },
  ) {
    this.#place = place;
    this.engine = new ObservedEngine(place.socket);
    this.kept = kept;
    this.others = others;
    this.#folder = folder;
    this.image = image;
    this.store = new ObservedStore(kept);
    this.#standing = new Standing(() => this.#takeDown());
  }

  static async setUp(place = MACHINE, kind: KindOfStore = "etcd"): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), "theseus-proof-"));
    const image = `theseus-proof-${randomBytes(4).toString("hex")}:1`;
    const kept = await storeOf(kind, place).catch(async (error: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
    const stage = new Stage(place, kept, { folder, image });
    stage.keepImage(image);
    await importBusyboxImage(stage.engine.socket, image, { version: "1" });
    return stage;
  }

  /** For what only an etcd of its own can go through. */
  get etcd(): TestEtcd {
    if (this.kept instanceof EmbeddedFolder) throw new Error("this stage has no etcd");
    return this.kept;
  }

  async startServer(options: Omit<ServerOptions, "etcd" | "store"> = {}): Promise<RunningServer> {
    // A short time in office, so that a server that was killed is soon followed.
    const all =
      this.others.length === 0 ? [] : ["--etcd", [this.etcd, ...this.others].map((one) => one.endpoint).join()];
    const flags = ["--leader-ttl", "2", "--listen-http", "off", ...all, ...(options.flags ?? [])];
    const { socket: dockerSocket, inside } = this.#place;
    return await raise(async () => {
      const server = await startServer({ dockerSocket, inside, ...options, store: this.kept.serverFlags, flags });
      this.#servers.add(server);
      // Afterwards nobody is there to ask.
      if (this.kept instanceof EmbeddedFolder) await until("the cluster's id", () => this.store.clusterId());
      return server;
    });
  }

  /** Hands these groups to the server and waits until they are as asked. */
  async apply(server: RunningServer, groups: Readonly<Record<string, GroupText>>, ...flags: string[]): Promise<void> {
    const file = join(this.#folder, `${randomBytes(4).toString("hex")}.yaml`);
    await writeFile(file, JSON.stringify({ version: 1, groups }));
    await this.theseus(server, "apply", "-f", file, "--yes", ...flags);
  }

  /** One command, which has to succeed. */
  async theseus(server: RunningServer, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await server.theseus(args);
    if (code === 0) return stdout;
    throw new Error(
      `theseus ${args.join(" ")} ended with ${code}\n${stdout}${stderr}\n${server.child.stderr.slice(-2000)}`,
    );
  }

  /** A container made by hand, which goes with the stage. */
  async create(name: string, labels: Readonly<Record<string, string>>, more: object = {}): Promise<string> {
    const id = await this.engine.create(name, { Image: this.image, Labels: labels, ...more });
    this.#byHand.push(id);
    return id;
  }

  /** An image that goes with the stage. */
  keepImage(tag: string): void {
    this.#images.push(tag);
  }

  /** Takes down everything that is the stage's own. */
  strike(): Promise<void> {
    return this.#standing.strike();
  }

  /** The engine may still be creating what a server asked for that is gone: it is looked at until nothing more comes. */
  async #removeOurs(cluster: string | undefined): Promise<void> {
    if (cluster === undefined) return;
    const isTrial = (labels: Readonly<Record<string, string>>) => labels["theseus.trial"]?.startsWith(`${cluster}/`);
    const ours = async () =>
      (await this.engine.containers()).filter(
        ({ labels }) => labels["theseus.cluster"] === cluster || isTrial(labels) === true,
      );
    for (let found = await ours(); found.length > 0; found = await ours())
      await Promise.all(found.map(({ id }) => this.engine.remove(id)));
  }

  async #takeDown(): Promise<void> {
    try {
      for (const server of this.#servers) await server.child.kill9();
      await Promise.all(this.#byHand.map((id) => this.engine.remove(id)));
      await this.#removeOurs(await this.store.clusterId());
      for (const image of this.#images) await removeImage(this.engine.socket, image);
    } finally {
      for (const store of [this.kept, ...this.others]) await store.stop();
      await rm(this.#folder, { recursive: true, force: true });
    }
  }
}

async function storeOf(kind: KindOfStore, { inside }: Place): Promise<readonly [Stage["kept"], ...TestEtcd[]]> {
  if (kind === "embedded") return [await EmbeddedFolder.make(inside)];
  if (kind === "etcd") return [await startEtcd({ detached: true, inside })];
  const [first, ...others] = await startEtcdCluster(3);
  if (first === undefined) throw new Error("no etcd was started");
  return [first, ...others];
}

/** Runs `work` on a stage of its own, which is gone afterwards whatever happens. */
export async function onStage<T>(
  work: (stage: Stage) => Promise<T>,
  { place = MACHINE, kind = "etcd" }: { readonly place?: Place; readonly kind?: KindOfStore } = {},
): Promise<T> {
  const stage = await raise(() => Stage.setUp(place, kind));
  try {
    return await work(stage);
  } finally {
    await stage.strike();
  }
}

/**
 * The same beside an engine in a network namespace of its own, which may be stopped and started.
 * @param flags of its dockerd besides.
 */
export async function onPrivateStage<T>(
  work: (stage: Stage, engine: PrivateEngine) => Promise<T>,
  ...flags: readonly string[]
): Promise<T> {
  const { engine, house } = await raise(() => privateHouse(flags));
  try {
    return await onStage((stage) => work(stage, engine), { place: engine });
  } finally {
    await house.strike();
  }
}

async function privateHouse(flags: readonly string[]): Promise<{ engine: PrivateEngine; house: Standing }> {
  const engine = await startPrivateEngine(...flags);
  return { engine, house: new Standing(() => engine.cleanUp()) };
}
