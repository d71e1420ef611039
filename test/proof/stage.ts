// What a proof runs on: an etcd, an image and servers of its own on the machine's engine, all of it gone afterwards.

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importBusyboxImage, removeImage } from "../support/images.js";
import { ObservedEngine } from "../support/observed-engine.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { type RunningServer, type ServerOptions, startServer } from "../support/theseus.js";
import { ObservedStore } from "./observed-store.js";

/** Stages that are still up; a signal strikes them all. */
const standing = new Set<Stage>();

export async function strikeAll(): Promise<void> {
  await Promise.all([...standing].map((stage) => stage.strike()));
}

/** One group as the group file has it. */
export type GroupText = { readonly image: string; readonly instances: number } & Readonly<Record<string, unknown>>;

export class Stage {
  readonly engine = new ObservedEngine();
  readonly store: ObservedStore;
  readonly image: string;
  readonly #etcd: TestEtcd;
  readonly #folder: string;
  readonly #servers = new Set<RunningServer>();
  readonly #byHand: string[] = [];

  private constructor(etcd: TestEtcd, folder: string, image: string) {
    this.#etcd = etcd;
    this.#folder = folder;
    this.image = image;
    this.store = new ObservedStore(etcd);
    standing.add(this);
  }

  static async setUp(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), "theseus-proof-"));
    const image = `theseus-proof-${randomBytes(4).toString("hex")}:1`;
    const stage = new Stage(await startEtcd({ detached: true }), folder, image);
    await importBusyboxImage(stage.engine.socket, image, { version: "1" });
    return stage;
  }

  async startServer(options: Omit<ServerOptions, "etcd"> = {}): Promise<RunningServer> {
    // A short time in office, so that a server that was killed is soon followed.
    const flags = ["--leader-ttl", "2", "--listen-http", "off", ...(options.flags ?? [])];
    const server = await startServer({ ...options, etcd: this.#etcd.endpoint, flags });
    this.#servers.add(server);
    return server;
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
  async create(name: string, labels: Readonly<Record<string, string>>): Promise<string> {
    const id = await this.engine.create(name, { Image: this.image, Labels: labels });
    this.#byHand.push(id);
    return id;
  }

  async strike(): Promise<void> {
    if (!standing.delete(this)) return;
    try {
      for (const server of this.#servers) await server.child.kill9();
      const cluster = await this.store.clusterId();
      const ours = cluster === undefined ? [] : await this.engine.containers(["theseus.cluster", cluster]);
      await Promise.all([...ours.map(({ id }) => id), ...this.#byHand].map((id) => this.engine.remove(id)));
      await removeImage(this.engine.socket, this.image);
    } finally {
      await this.#etcd.stop();
      await rm(this.#folder, { recursive: true, force: true });
    }
  }
}

/** Runs `work` on a stage of its own, which is gone afterwards whatever happens. */
export async function onStage<T>(work: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = await Stage.setUp();
  try {
    return await work(stage);
  } finally {
    await stage.strike();
  }
}
