// Programs that make themselves known: processes of their own, of which each may be killed. Theirs is the client package as
// it is built, or, for the control, nothing but leases on their records.

import { fileURLToPath } from "node:url";
import { Child } from "../../support/child.js";
import { until } from "../../support/until.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const GROUP = "guest/proof";
export const UNDER = `/services/${GROUP}/containers/`;
const AT_ONCE = 3;
const PATIENCE = { withinMs: 60_000 };
const ADDRESS = "10.1.1.1";

/** Says a word when all is registered; does not outlive whoever has started it, however that ends. */
const PROGRAM = `
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(), 1000);
`;

const BY_THESEUS = `
import { randomUUID } from "node:crypto";
import { register } from "theseus-client";
${PROGRAM}
const { servers, group, address, ttl, names } = JSON.parse(process.env.GUEST);
const onError = ({ reason }) => console.error(reason);
async function one(name) {
  const asked = { group, name, address, ports: { http: 8080 }, ttl, onError, registrationId: randomUUID() };
  for (;;) {
    try {
      return await register(servers, asked);
    } catch (error) {
      if (!error.retryable) throw error;
    }
  }
}
const held = [];
for (const name of names) held.push(await one(name));
console.log("registered");
for (const { name, ended } of held) ended.catch((error) => console.error(name + " is lost: " + error.message));
`;

const BY_LEASE = `
import { Etcd3 } from "etcd3";
${PROGRAM}
const { etcd, address, ttl, names, under } = JSON.parse(process.env.GUEST);
const store = new Etcd3({ hosts: etcd });
async function hold(name) {
  const lease = store.lease(ttl / 1000);
  lease.on("lost", () => setTimeout(() => hold(name).catch(() => undefined), 50));
  const record = { instance_name: name, instance_host: address, instance_port: 8080, port_mappings: {} };
  await lease.put(under + name + "/info").value(JSON.stringify(record));
}
await Promise.all(names.map(hold));
console.log("registered");
`;

export type Measure = {
  /** Each of them a process of its own. */
  readonly dying: number;
  readonly living: number;
  /** Of those that live, each with its share of them. */
  readonly processes: number;
  readonly ttlMs: number;
};

export type Registry =
  | { readonly by: "theseus"; readonly servers: readonly string[] }
  | { readonly by: "lease"; readonly etcd: string };

export class Guests {
  /** Names, in the order of their processes. */
  readonly dying: readonly string[];
  readonly living: readonly string[];
  readonly #doomed: Child[] = [];
  readonly #others: Child[] = [];

  constructor({ dying, living }: Measure) {
    this.dying = Array.from({ length: dying }, (_, i) => `dies${i + 1}`);
    this.living = Array.from({ length: living }, (_, i) => `lives${i + 1}`);
  }

  /** Returns when every program says that it is registered. */
  async start(registry: Registry, { processes, ttlMs }: Measure): Promise<void> {
    const share = Math.ceil(this.living.length / processes);
    const shares = Array.from({ length: processes }, (_, i) => this.living.slice(i * share, (i + 1) * share));
    await this.#startEach(shares, this.#others, registry, ttlMs);
    const alone = this.dying.map((name) => [name]);
    await this.#startEach(alone, this.#doomed, registry, ttlMs);
  }

  /** A few at a time: the machine has something else to do. */
  async #startEach(shares: readonly (readonly string[])[], to: Child[], registry: Registry, ttlMs: number) {
    for (const [turn, names] of shares.entries()) {
      to.push(program(registry, names, { ttlMs, turn }));
      const isNear = () => to.filter((child) => !isRegistered(child)).length < AT_ONCE;
      await until("programs to be registered", isNear, PATIENCE);
    }
    await until("all programs to be registered", () => to.every(isRegistered), PATIENCE);
  }

  /** By SIGKILL, all of them at once. */
  async kill(): Promise<void> {
    await Promise.all(this.#doomed.map((child) => child.kill9()));
  }

  /** What those who should live have to say of an end that they met. */
  complaints(): string[] {
    const ended = this.#others.filter(({ hasEnded }) => hasEnded).map(({ stderr }) => `a program ended: ${stderr}`);
    const lost = this.#others.flatMap(({ stderr }) => stderr.split("\n").filter((line) => line.includes(" is lost: ")));
    return [...ended, ...lost];
  }

  async end(): Promise<void> {
    await Promise.all(this.#all().map((child) => child.kill9()));
  }

  #all(): Child[] {
    return [...this.#doomed, ...this.#others];
  }
}

function isRegistered(child: Child): boolean {
  if (child.hasEnded) throw new Error(`a program ended before it was registered: ${child.stderr}`);
  return child.stdout.includes("registered");
}

/** @param turn each asks another server first. */
function program(registry: Registry, names: readonly string[], how: { ttlMs: number; turn: number }): Child {
  const asked = { names, group: GROUP, under: UNDER, address: ADDRESS, ttl: how.ttlMs, ...where(registry, how.turn) };
  const text = registry.by === "theseus" ? BY_THESEUS : BY_LEASE;
  const env = { GUEST: JSON.stringify(asked) };
  return new Child(process.execPath, ["--input-type=module", "--eval", text], { cwd: ROOT, env });
}

function where(registry: Registry, turn: number): object {
  if (registry.by === "lease") return { etcd: registry.etcd };
  const { servers } = registry;
  const first = turn % servers.length;
  return { servers: [...servers.slice(first), ...servers.slice(0, first)] };
}
