// A store that stands still for longer than all heartbeats last withdraws nobody: whoever lives is found all the while,
// and whoever died meanwhile is gone after the grace, and nobody else. Seen on the wire, and in the store by etcdctl.

import { type Connection, connect } from "../../clients/connect.js";
import { keepAliveOnce } from "../../src/etcd/keep-alive-once.js";
import { heartbeatKey, infoKey } from "../../src/etcd/keys.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import { groupRef } from "../../src/model/reference.js";
import { systemClock as clock } from "../../src/system.js";
import { until } from "../support/until.js";
import type { Proof, Report, Size } from "./proof.js";
import { onStage, type Stage } from "./stage.js";

const GROUP = groupRef("guest", ["proof"]);
const ADDRESS = "10.1.1.1";
/** A new leader has to be found, and on a busy machine nothing is punctual. */
const SLACK_MS = 15_000;

type Measure = { readonly all: number; readonly dying: number; readonly ttlSeconds: number };

/** How a program makes itself known, and stays known. */
type Registry = {
  begin(name: string): Promise<void>;
  renew(name: string): Promise<void>;
  close(): void;
};

const secretOf = (name: string): string => `secret-0123456789-${name}`;

function byTheseus({ discovery }: Connection, { ttlSeconds }: Measure): Registry {
  const { service, labels } = GROUP;
  const group = { service, labels: [...labels] };
  const ttl = { seconds: BigInt(ttlSeconds), nanos: 0 };
  return {
    begin: async (name) => {
      const ports = [{ name: "http", external: 8080 }];
      await discovery.register({ group, name, address: ADDRESS, ports, ttl, registrationId: secretOf(name) });
    },
    renew: async (name) => {
      const container = { group, which: { $case: "name" as const, value: name } };
      await discovery.renew({ container, registrationId: secretOf(name) }, { deadline: (ttlSeconds * 1000) / 3 });
    },
    close: () => undefined,
  };
}

/** The defence is off: the records are under leases themselves. */
async function byLease(stage: Stage, { ttlSeconds }: Measure): Promise<Registry> {
  const wire = await createEtcdWire({ endpoints: [stage.etcd.endpoint], clock });
  const leases = new Map<string, bigint>();
  const begin = async (name: string): Promise<void> => {
    const { lease } = await wire.leaseGrant(ttlSeconds);
    const record = { instance_name: name, instance_host: ADDRESS, instance_port: 8080, port_mappings: {} };
    const key = infoKey({ ...GROUP, name });
    await wire.txn([], [{ op: "put", key, value: JSON.stringify(record), lease }]);
    leases.set(name, lease);
  };
  return {
    begin,
    renew: async (name) => {
      const lease = leases.get(name);
      if (lease === undefined || !(await keepAliveOnce({ wire, clock }, lease))) await begin(name);
    },
    close: () => wire.close(),
  };
}

/** One program: renews until it dies, whatever happens. */
class Program {
  readonly #end = new AbortController();
  readonly #life: Promise<void>;

  constructor(registry: Registry, name: string, ttlSeconds: number) {
    this.#life = (async () => {
      while (!this.#end.signal.aborted) {
        await clock.sleep((ttlSeconds * 1000) / 5, this.#end.signal).catch(() => undefined);
        if (!this.#end.signal.aborted) await registry.renew(name).catch(() => undefined);
      }
    })();
  }

  async die(): Promise<void> {
    this.#end.abort();
    await this.#life;
  }
}

async function readyNames({ discovery }: Connection): Promise<ReadonlySet<string>> {
  const { service, labels } = GROUP;
  const target = { $case: "group" as const, value: { service, labels: [...labels] } };
  const { endpoints } = await discovery.lookup({ target });
  return new Set(endpoints.map(({ container }) => container?.name ?? ""));
}

/** Looks all the time; each look that shows a wrong thing is kept, once for each name. */
class Watchman {
  looks = 0;
  readonly #wrong = new Set<string>();
  readonly #end = new AbortController();
  readonly #work: Promise<void>;

  constructor(connection: Connection, wrong: (ready: ReadonlySet<string>) => readonly string[]) {
    this.#work = (async () => {
      while (!this.#end.signal.aborted) {
        for (const text of wrong(await readyNames(connection))) this.#wrong.add(text);
        this.looks++;
        await clock.sleep(50, this.#end.signal).catch(() => undefined);
      }
    })();
    this.#work.catch(() => this.#end.abort());
  }

  async stop(): Promise<readonly string[]> {
    this.#end.abort();
    await this.#work;
    return [...this.#wrong];
  }
}

async function pausedUnder(
  measure: Measure,
  open: (stage: Stage, to: Connection) => Promise<Registry>,
): Promise<Report> {
  return await onStage(async (stage) => {
    const server = await stage.startServer();
    const connection = connect(server.listeners.grpc);
    const registry = await open(stage, connection);
    const names = Array.from({ length: measure.all }, (_, i) => `g${i + 1}`);
    const programs = new Map<string, Program>();
    try {
      await until("the server to lead", async () => (await stage.etcd.ctl("get", "/theseus/leader")) !== "");
      for (const name of names) {
        await registry.begin(name);
        programs.set(name, new Program(registry, name, measure.ttlSeconds));
      }
      await until("all to be found", async () => (await readyNames(connection)).size === measure.all);
      return await pauseAndWatch(stage, connection, { measure, names, programs });
    } finally {
      stage.etcd.resume();
      await Promise.all([...programs.values()].map((program) => program.die()));
      registry.close();
      connection.close();
    }
  });
}

type Scene = {
  readonly measure: Measure;
  readonly names: readonly string[];
  readonly programs: ReadonlyMap<string, Program>;
};

async function pauseAndWatch(
  stage: Stage,
  connection: Connection,
  { measure, names, programs }: Scene,
): Promise<Report> {
  const dying = names.slice(0, measure.dying);
  const living = names.slice(measure.dying);
  const grace = measure.ttlSeconds * 1000;
  let graceEnds = Number.POSITIVE_INFINITY;
  const watchman = new Watchman(connection, (ready) => {
    const early = performance.now() < graceEnds ? dying : [];
    return [
      ...living.filter((name) => !ready.has(name)).map((name) => `${name} lives and was withdrawn`),
      ...early.filter((name) => !ready.has(name)).map((name) => `${name} was withdrawn before its grace was over`),
    ];
  });
  await stage.etcd.pause();
  const paused = clock.sleep(2 * grace);
  await Promise.all(dying.map((name) => programs.get(name)?.die()));
  await paused;
  graceEnds = performance.now() + grace;
  stage.etcd.resume();
  const isOver = async () => (await readyNames(connection)).size === living.length && performance.now() > graceEnds;
  await until("the grace to be over", isOver, { withinMs: grace + SLACK_MS }).catch(() => undefined);
  const violations = [...(await watchman.stop()), ...(await endViolations(stage, connection, { dying, living }))];
  return { cases: names.length, violations };
}

async function endViolations(
  stage: Stage,
  connection: Connection,
  { dying, living }: { readonly dying: readonly string[]; readonly living: readonly string[] },
): Promise<string[]> {
  const ready = await readyNames(connection);
  const keys = (await stage.etcd.ctl("get", "/theseus/heartbeats/", "--prefix", "--keys-only")).split("\n");
  const heard = new Set(keys.filter((key) => key !== ""));
  return [
    ...dying.filter((name) => ready.has(name)).map((name) => `${name} is dead and still found after the grace`),
    ...living.filter((name) => !ready.has(name)).map((name) => `${name} lives and is not found`),
    ...living.filter((name) => !heard.has(heartbeatKey({ ...GROUP, name }))).map((name) => `${name} has no heartbeat`),
    ...(heard.size === living.length ? [] : [`${heard.size} heartbeats, not ${living.length}`]),
  ];
}

const SMALL: Measure = { all: 30, dying: 4, ttlSeconds: 2 };
const FULL: Measure = { all: 200, dying: 20, ttlSeconds: 15 };

function check(size: Size): Promise<Report> {
  const measure = size === "full" ? FULL : SMALL;
  return pausedUnder(measure, async (_, connection) => byTheseus(connection, measure));
}

/** Only what was seen while the programs lived counts: heartbeats are not how these are kept. */
async function control(): Promise<Report> {
  const { cases, violations } = await pausedUnder(SMALL, (stage) => byLease(stage, SMALL));
  return { cases, violations: violations.filter((text) => text.includes("withdrawn")) };
}

export const registrations: Proof = { name: "registrations", check, control };
