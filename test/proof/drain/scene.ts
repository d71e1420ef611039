// Three servers over one etcd, the third through a link that can be cut; a group; watchers behind round_robin; and what is
// seen of all that.

import { Client, credentials } from "@grpc/grpc-js";
import type { SeenEvent } from "../../support/observed-engine.js";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.js";
import type { RunningServer, ServerOptions } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import { Watching } from "../../support/watching.js";
import type { Stage } from "../stage.js";
import { DrainLog, type SeenDrain } from "./drain-log.js";
import { channelOver, firstOf, openWatchers, type Target, Watcher } from "./watchers.js";

export const GROUP = "web/dev";
const TARGET: Target = { service: "web", labels: ["dev"] };
const WATCHERS = 6;
/** How long the handler of a watcher takes that is cut off meanwhile: much longer than all others. */
const GUEST_MS = 900;
const SERVERS = "/theseus/servers/";

export type Member = { readonly id: string; readonly server: RunningServer };

export class Scene {
  readonly log: DrainLog;
  watchers: readonly Watcher[] = [];
  readonly #close: (() => unknown)[] = [];
  #instances: number;

  private constructor(
    readonly stage: Stage,
    /** Leads. */
    readonly first: Member,
    readonly second: Member,
    /** Reaches etcd through the link alone. */
    readonly third: Member,
    readonly link: TcpProxy,
    facts: {
      readonly events: { readonly seen: readonly SeenEvent[]; close(): void };
      readonly instances: number;
      readonly log: DrainLog;
    },
  ) {
    this.log = facts.log;
    this.#events = facts.events;
    this.#instances = facts.instances;
  }

  readonly #events: { readonly seen: readonly SeenEvent[]; close(): void };

  static async setUp(
    stage: Stage,
    { instances, deadlineMs }: { readonly instances: number; readonly deadlineMs: number },
    opened?: (drain: SeenDrain) => void,
  ): Promise<Scene> {
    const link = await startTcpProxy(stage.etcd.port);
    const first = await join(stage, []);
    await until("a leader", async () => (await stage.store.under("/theseus/leader")).size > 0);
    const linked = ["--etcd", `http://127.0.0.1:${link.port}`];
    const [second, third] = await Promise.all([join(stage, []), join(stage, linked)]);
    const config = { image: stage.image, instances, ports: { http: 8080 } };
    const stop = { grace: "2s", ack_deadline: `${deadlineMs / 1000}s` };
    const events = await stage.engine.follow();
    const log = new DrainLog(stage.etcd, opened);
    const scene = new Scene(stage, first, second, third, link, { events, instances, log });
    await stage.apply(first.server, { [GROUP]: { ...config, stop, update: { min_healthy_time: "0s" } } });
    await scene.#openWatchers();
    return scene;
  }

  get members(): readonly Member[] {
    return [this.first, this.second, this.third];
  }

  /** Fewer by that many; the drains of those that left, once they are gone. */
  async scaleDown(count: number): Promise<readonly SeenDrain[]> {
    await until("everybody to watch", () => this.watchers.every(({ isWatching }) => isWatching));
    const before = new Set(this.log.drains.keys());
    this.#instances -= count;
    await this.stage.theseus(this.first.server, "scale", GROUP, String(this.#instances), "--yes");
    return await until("the drains to be over", () => {
      const drains = [...this.log.drains.values()].filter(({ container }) => !before.has(container));
      return drains.length >= count && drains.every(({ goneAt }) => goneAt !== undefined) ? drains : undefined;
    });
  }

  /** When the engine was told to end that container, in milliseconds since 1970. */
  killedAt(container: string): number | undefined {
    return this.#events.seen.find(({ action, attributes }) => action === "kill" && attributes["name"] === container)
      ?.at;
  }

  /** A watcher at this server whose bytes will be swallowed; the answer frees it. */
  async darken({ server }: Member, name: string): Promise<() => Promise<void>> {
    const proxy = await startTcpProxy(Number(server.listeners.grpc.split(":")[1]));
    const client = new Client(`127.0.0.1:${proxy.port}`, credentials.createInsecure());
    const request = { target: { $case: "group", value: TARGET }, acknowledges: true, watcherId: name };
    const watching = new Watching(client, request);
    await watching.first();
    proxy.swallow();
    return async () => {
      client.close();
      await proxy.close();
    };
  }

  /** A watcher whose connection is cut once it has heard that a container left, and that comes back to the other one. */
  async openGuest(from: Member, to: Member): Promise<{ watcher: Watcher; close: () => Promise<void> }> {
    const ports = [from, to].map(({ server }) => Number(server.listeners.grpc.split(":")[1]));
    const proxies = await Promise.all(ports.map((port) => startTcpProxy(port)));
    const client = firstOf(proxies.map(({ port }) => `127.0.0.1:${port}`));
    const watcher = new Watcher("guest", client, TARGET, () => GUEST_MS);
    const close = async () => {
      watcher.stop();
      client.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
    };
    this.#close.push(close);
    await until("the guest to watch", () => watcher.isWatching);
    const { length } = watcher.names;
    const cut = () => watcher.names.length < length && proxies[0]?.refuse();
    watcher.onMessage = cut;
    return { watcher, close };
  }

  /** Until every watcher knows what the first server knows now. */
  async settled(): Promise<void> {
    await until("all watchers to show the same", () => {
      const [names, ...others] = this.watchers.map((watcher) => watcher.names.join(" "));
      return this.watchers.every(({ isWatching }) => isWatching) && others.every((other) => other === names);
    });
  }

  async strike(): Promise<void> {
    for (const watcher of this.watchers) watcher.stop();
    for (const close of this.#close) await close();
    this.#events.close();
    await this.log.stop();
    await this.link.close();
  }

  async #openWatchers(): Promise<void> {
    const client = channelOver(this.members.map(({ server }) => server.listeners.grpc));
    this.#close.push(() => client.close());
    const servers = this.members.map(({ id }) => id);
    this.watchers = await openWatchers(client, { target: TARGET, count: WATCHERS, servers });
  }
}

export async function join(
  stage: Stage,
  flags: readonly string[],
  more: Pick<ServerOptions, "env" | "bin"> = {},
): Promise<Member> {
  const server = await stage.startServer({ ...more, flags: ["--listen-discovery", "127.0.0.1:0", ...flags] });
  const isRegistered = async () => {
    const servers = [...(await stage.store.under(SERVERS))];
    const told = (value: string) => (JSON.parse(value) as { discovery: string }).discovery;
    return servers.find(([, value]) => told(value) === server.listeners.discovery)?.[0].slice(SERVERS.length);
  };
  // A program is started for each look.
  const id = await until("it to be registered", isRegistered, { everyMs: 100 });
  return { id, server };
}
