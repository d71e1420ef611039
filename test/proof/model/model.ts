// The embedded store does what etcd does: the same commands, made up at random, to both, answer by answer, watch by watch.
// A run is repeated with MODEL_SEED=number; MODEL_SHRINK=1 besides finds the shortest one that differs.

import { randomInt } from "node:crypto";
import type { EmbeddedStore } from "../../../src/embedded/api.js";
import type { Proof, Report, Size } from "../proof.js";
import { type Asked, runCommands } from "./run-commands.js";
import { embeddedSide, startEmbeddedSide } from "./sides.js";

const COMMANDS: Readonly<Record<Size, number>> = { small: 300, full: 10_000 };
/** Restarts of either, and leases that run out, so many of each: they take seconds. */
const SLOW: Readonly<Record<Size, number>> = { small: 1, full: 30 };
const SMALL_SEED = 20_261_122;
const HIGHEST_SEED = 2 ** 31 - 1;

function seedFor(size: Size): number {
  const given = process.env["MODEL_SEED"];
  if (given !== undefined) return Number(given);
  return size === "small" ? SMALL_SEED : randomInt(HIGHEST_SEED);
}

async function check(size: Size): Promise<Report> {
  const asked: Asked = {
    commands: COMMANDS[size],
    slow: SLOW[size],
    seed: seedFor(size),
    shrinks: process.env["MODEL_SHRINK"] !== undefined,
  };
  console.error(`model: seed ${asked.seed}`);
  const { byKind, commands, divergence } = await runCommands(startEmbeddedSide, asked);
  const kinds = [...byKind].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`);
  console.error(`model: ${commands} commands, ${divergence === undefined ? 0 : 1} divergences: ${kinds.join(", ")}`);
  const few = commands < asked.commands ? [`${commands} commands were run, not ${asked.commands}`] : [];
  return {
    cases: commands,
    violations: divergence === undefined ? few : [`seed ${asked.seed}: ${divergence}`, ...few],
  };
}

type Fault = (store: EmbeddedStore) => EmbeddedStore;

/** Stores that are wrong in one thing only. */
const FAULTS: Readonly<Record<string, Fault>> = {
  "an old revision is answered with the present": (store) =>
    inOneThing(store, { range: async (request) => await store.range({ ...request, revision: 0n }) }),
  "watches never tell the value before": (store) =>
    inOneThing(store, {
      watch: () => {
        const watch = store.watch();
        return {
          request: (request) => watch.request(request),
          close: () => watch.close(),
          async *[Symbol.asyncIterator]() {
            for await (const { events, ...rest } of watch) {
              yield { ...rest, events: events.map((event) => ({ ...event, prevKv: undefined })) };
            }
          },
        };
      },
    }),
};

function inOneThing(store: EmbeddedStore, wrong: Partial<EmbeddedStore>): EmbeddedStore {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(name in wrong ? wrong : target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Each fault has to be seen. */
async function control(): Promise<Report> {
  const asked: Asked = { commands: 500, slow: 0, seed: SMALL_SEED };
  const found = await Promise.all(
    Object.entries(FAULTS).map(async ([name, fault]) => ({
      name,
      ...(await runCommands(() => embeddedSide(fault), asked)),
    })),
  );
  const unseen = found.filter(({ divergence }) => divergence === undefined).map(({ name }) => name);
  if (unseen.length > 0) throw new Error(`this was not seen: ${unseen.join("; ")}`);
  return { cases: found.length, violations: found.map(({ name, divergence }) => `${name}: ${divergence}`) };
}

export const model: Proof = { name: "model", check, control };
