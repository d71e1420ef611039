// Ten thousand containers in a thousand groups, as Theseus writes them: how soon a server answers, what it holds, and
// whether its lookups take longer than those of a server that has a hundred. The engine is silent, as far as both know:
// nothing is done with the containers but to tell of them.

import { type Connection, connect } from "../../clients/index.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { type RunningServer, startServer } from "../support/theseus.js";
import { type Bench, type Figure, inTurns, median, medianRatio, once } from "./bench.js";
import { fill, GROUP_SIZE, groupRef } from "./large-store.js";
import { onEtcd } from "./raw-etcd.js";
import { calmResident, megabytes, resident, untilIdle } from "./resident.js";

const [MANY, FEW] = [1_000, 10];
const STARTS = 3;
const [ROUNDS, WARM_UP, LOOKUPS] = [20, 3, 50];
/** A line of log for each container would be many more. */
const MOST_LINES = 100;

/** However long it takes: what counts is said by the figure. */
const PATIENCE = { deadline: 30_000, connectTimeout: 30_000, retryFor: 30_000 };

/** A running server and a client of it. */
type House = { readonly server: RunningServer; readonly client: Connection; readonly groups: number };

type Ask = Parameters<Connection["discovery"]["lookup"]>[0];

/** @returns milliseconds from the start of the process to the first answer. */
async function opened(etcd: string, groups: number): Promise<House & { readonly firstAnswerMs: number }> {
  const begun = performance.now();
  const flags = ["--docker", "tcp://127.0.0.1:1", "--listen-http", "off", "--log-level", "info"];
  const server = await startServer({ etcd, flags });
  const client = connect(server.listeners.grpc, PATIENCE);
  const house = { server, client, groups };
  try {
    await asked(client, exactly(groups - 1));
    return { ...house, firstAnswerMs: performance.now() - begun };
  } catch (error) {
    await close(house);
    throw error;
  }
}

async function close({ server, client }: House): Promise<void> {
  client.close();
  await server.child.stop();
}

/** One lookup, which has to find a whole group. */
async function asked(client: Connection, ask: Ask): Promise<void> {
  const { endpoints } = await client.discovery.lookup(ask);
  if (endpoints.length !== GROUP_SIZE) throw new Error(`a lookup found ${endpoints.length} of ${GROUP_SIZE}`);
}

function exactly(group: number): Ask {
  const { service, labels } = groupRef(group);
  return { target: { $case: "group", value: { service, labels } } };
}

const questions = { asked: 0 };

/** Over all services, by a label of one group; nobody has asked in these words before. */
function newly(group: number): Ask {
  questions.asked += 1;
  return { target: { $case: "selector", value: { labels: `dev,team=${group},!x${questions.asked}` } } };
}

/** @returns what one lookup takes: ten groups from the first to the last are asked for in turn. */
async function lookups({ client, groups }: House, ask: (group: number) => Ask): Promise<number> {
  const begun = performance.now();
  for (let i = 0; i < LOOKUPS; i++) await asked(client, ask(Math.floor(((i % FEW) * groups) / FEW)));
  return (performance.now() - begun) / LOOKUPS;
}

async function compared(many: House, few: House, ask: (group: number) => Ask) {
  const sides = { many: () => lookups(many, ask), few: () => lookups(few, ask) };
  await inTurns(sides, WARM_UP);
  const times = await inTurns(sides, ROUNDS);
  const ratio = medianRatio(times.many, times.few);
  return { ratio, many_ms: hundredths(median(times.many)), few_ms: hundredths(median(times.few)) };
}

const hundredths = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;

function fewLines({ server }: House): number {
  const lines = `${server.child.stdout}${server.child.stderr}`.split("\n").length;
  if (lines > MOST_LINES) throw new Error(`the server logged ${lines} lines`);
  return lines;
}

type Figures = { readonly start: Figure; readonly memory: Figure; readonly lookup: Figure };

async function figures(etcd: string, smallEtcd: string): Promise<Figures> {
  const starts: number[] = [];
  for (let start = 1; start < STARTS; start++) {
    const house = await opened(etcd, MANY);
    starts.push(house.firstAnswerMs);
    await close(house);
  }
  const few = await opened(smallEtcd, FEW);
  const many = await opened(etcd, MANY);
  try {
    const { pid } = many.server.child;
    const first = await resident(pid);
    // A new leader looks at every group: what that costs is not what a lookup costs.
    for (const house of [few, many]) await untilIdle(house.server.child.pid);
    const known = await compared(many, few, exactly);
    const worked = await resident(pid);
    const fresh = await compared(many, few, newly);
    const calm = await calmResident(pid);
    const small = await calmResident(few.server.child.pid);
    starts.push(many.firstAnswerMs);
    return {
      start: {
        ratio: median(starts) / 1000,
        detail: { slowest_s: hundredths(Math.max(...starts) / 1000), starts: STARTS, containers: MANY * GROUP_SIZE },
      },
      memory: {
        ratio: Math.max(first, worked, calm) / 1e6,
        detail: {
          ...{ first_answer_mb: megabytes(first), after_lookups_mb: megabytes(worked), in_the_end_mb: megabytes(calm) },
          ...{ of_a_hundred_mb: megabytes(small), log_lines: fewLines(many) },
        },
      },
      lookup: {
        ratio: Math.max(known.ratio, fresh.ratio),
        detail: {
          ...{ exact_ratio: hundredths(known.ratio), exact_many_ms: known.many_ms, exact_few_ms: known.few_ms },
          ...{ new_ratio: hundredths(fresh.ratio), new_many_ms: fresh.many_ms, new_few_ms: fresh.few_ms },
          runs: ROUNDS,
        },
      },
    };
  } finally {
    await close(many);
    await close(few);
  }
}

const filled = <T>(groups: number, work: (etcd: string) => Promise<T>): Promise<T> =>
  onEtcd(async ({ wire, endpoint }: { wire: EtcdWire; endpoint: string }) => {
    await fill(wire, groups);
    return await work(endpoint);
  });

const measured = once(() => filled(MANY, (etcd) => filled(FEW, (small) => figures(etcd, small))));

export const catalogStart: Bench = {
  name: "catalog-start",
  unit: "s",
  limit: { atMost: 3 },
  measure: async () => (await measured()).start,
};

export const catalogMemory: Bench = {
  name: "catalog-memory",
  unit: "MB",
  limit: { atMost: 300 },
  measure: async () => (await measured()).memory,
};

/** The slower of two: a question that is asked all the time, and one that nobody has asked before. */
export const catalogLookup: Bench = {
  name: "catalog-lookup",
  limit: { atMost: 1.2 },
  measure: async () => (await measured()).lookup,
};
