// One caller with a group of its own, which it changes through a link that loses answers, and a rival who changes the same
// group in between; what became of it is read from the store's whole history.

import { type Connection, connect } from "../../../clients/connect.js";
import { insist } from "../../../clients/insist.js";
import type { StoreLog } from "../../support/store-log.js";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.js";
import { until } from "../../support/until.js";

const DEADLINE_MS = 10_000;
const PATIENCE_MS = 20_000;
/** How often the answer is lost before one is let through. */
const LOSSES = [1, 2, 1, 3];

type Around = {
  readonly image: string;
  readonly addresses: readonly string[];
  readonly log: StoreLog;
  readonly requestId: () => string;
  readonly forgets: boolean;
};

type Kind = "update" | "restart" | "remove" | "create";
const KINDS: readonly Kind[] = ["update", "restart", "update", "remove", "create"];

type Link = { readonly proxy: TcpProxy; readonly address: string };

export class Caller {
  lost = 0;
  readonly violations: string[] = [];
  readonly #around: Around;
  readonly #links: readonly Link[];
  /** Answers always reach the rival. */
  readonly #rival: Connection;
  readonly #group: { readonly namespace: string; readonly service: string; readonly labels: readonly string[] };
  readonly #key: string;
  #rounds = 0;
  #value = 0;

  private constructor(label: string, around: Around, links: readonly Link[]) {
    this.#around = around;
    this.#links = links;
    this.#rival = connect(around.addresses);
    this.#group = { namespace: "default", service: "resent", labels: [label] };
    this.#key = `/services/resent/${label}/config`;
  }

  static async start(label: string, around: Around): Promise<Caller> {
    const ports = around.addresses.map((address) => Number(address.split(":").at(-1)));
    const proxies = await Promise.all(ports.map((port) => startTcpProxy(port)));
    const links = proxies.map((proxy) => ({ proxy, address: `127.0.0.1:${proxy.port}` }));
    const caller = new Caller(label, around, links);
    await caller.#create(caller.#rival, "");
    return caller;
  }

  async stop(): Promise<void> {
    this.#rival.close();
    for (const { proxy } of this.#links) await proxy.close();
  }

  /** One request, its lost answers, the rival in between, and what is left of them in the store. */
  async round(): Promise<void> {
    const kind = KINDS[this.#rounds % KINDS.length] ?? "update";
    const losses = LOSSES[this.#rounds % LOSSES.length] ?? 1;
    this.#rounds += 1;
    // Only what is there can be removed, only what is not can be made.
    if (kind === "create") {
      await this.#remove(this.#rival, "");
      await until("it to be gone", () => this.#writes(0).at(-1)?.value === undefined, { everyMs: 1 });
    }
    const from = this.#around.log.revision;
    this.#value += 1;
    const own = `own${this.#value}`;
    const requestId = this.#around.requestId();
    const id = (): string => (this.#around.forgets ? this.#around.requestId() : requestId);
    for (let i = 0; i < losses; i += 1) {
      await this.#inVain(
        i,
        (connection) => this.#send(connection, { kind, own, id: id() }),
        i === 0 ? from : undefined,
      );
      if (i === 0) await this.#rivalActs(kind);
    }
    const link = this.#links[losses % this.#links.length];
    const connection = connect(link?.address ?? "", { retryFor: 0, deadline: DEADLINE_MS });
    const failed = await this.#send(connection, { kind, own, id: id() }).then(() => undefined, String);
    connection.close();
    if (failed !== undefined) this.violations.push(`${kind} sent again: ${failed}`);
    await this.#judge({ kind, own, from });
  }

  /** The server does it, and nobody hears of it. @param from the first time: until its effect is in the store. */
  async #inVain(turn: number, send: (at: Connection) => Promise<unknown>, from: number | undefined): Promise<void> {
    const link = this.#links[turn % this.#links.length];
    if (link === undefined) return;
    const connection = connect(link.address, { retryFor: 0, deadline: DEADLINE_MS });
    try {
      await connection.theseus.getServerStatus({});
      link.proxy.deafen();
      const answered = send(connection).then(
        () => true,
        () => false,
      );
      const isDone = () => from === undefined || this.#writes(from).length > 0;
      await until("the request to have its effect", isDone, { everyMs: 1 });
      link.proxy.release();
      if (await answered) this.violations.push("an answer came through that should have been lost");
      else this.lost += 1;
    } finally {
      connection.close();
    }
  }

  /** Something that a second effect of the first request would undo. */
  async #rivalActs(kind: Kind): Promise<void> {
    if (kind === "remove") return await this.#remake("");
    if (kind === "create") await this.#remove(this.#rival, "");
    else await this.#update(this.#rival, `rival${this.#value}`, "");
  }

  async #judge({ kind, own, from }: { kind: Kind; own: string; from: number }): Promise<void> {
    const marker = `rival${this.#value}-seen`;
    // What was written before it is in the log by then.
    if (kind !== "create") await this.#update(this.#rival, marker, "");
    else await this.#remake(marker);
    const isLast = () => this.#writes(from).some(({ value }) => value?.includes(marker));
    await until("the log to be complete", isLast, { everyMs: 1 });
    const writes = this.#writes(from).flatMap(({ value }) => (value === undefined ? ["-"] : told(value)));
    const wanted = {
      update: [own, `rival${this.#value}`, marker],
      restart: ["restart", `rival${this.#value}`, marker],
      remove: ["-", "", marker],
      create: [own, "-", marker],
    }[kind];
    const seen = kind === "restart" ? ["restart", ...writes.slice(1)] : writes;
    if (seen.join() !== wanted.join())
      this.violations.push(`${kind}: ${writes.join(", ")} instead of ${wanted.join(", ")}`);
  }

  /** Of the group's config: each is one effect. */
  #writes(from: number) {
    return this.#around.log.writes.filter(({ key, revision }) => key === this.#key && revision > from);
  }

  #send(connection: Connection, { kind, own, id }: { kind: Kind; own: string; id: string }): Promise<unknown> {
    switch (kind) {
      case "update":
        return this.#update(connection, own, id);
      case "restart":
        return connection.theseus.restartGroup({ group: this.#group, requestId: id });
      case "remove":
        return this.#remove(connection, id);
      case "create":
        return this.#create(connection, own, id);
    }
  }

  async #update(connection: Connection, value: string, requestId: string): Promise<void> {
    const config = { env: { V: value } };
    await connection.theseus.updateGroup({ group: this.#group, config, updateMask: ["env.V"], requestId });
  }

  async #remove(connection: Connection, requestId: string): Promise<void> {
    await connection.theseus.removeGroup({ group: this.#group, requestId });
  }

  /** Once what was removed is gone. */
  #remake(value: string): Promise<void> {
    return insist(() => this.#create(this.#rival, value), { patience: PATIENCE_MS });
  }

  async #create(connection: Connection, value: string, requestId = ""): Promise<void> {
    const config = { image: this.#around.image, instances: 0, env: { V: value } };
    await connection.theseus.createGroup({ group: this.#group, config, requestId });
  }
}

/** The value that it gives; nothing while it is being removed, which its end tells. */
function told(config: string): string[] {
  const record = JSON.parse(config) as { removing?: object; config: { env?: { V?: string } } };
  return record.removing === undefined ? [record.config.env?.V ?? ""] : [];
}
