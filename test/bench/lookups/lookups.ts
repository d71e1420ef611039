// Lookups a second of one server, 100 endpoints, under native load: against a bare grpc-js server that gives the same
// ready bytes, and against one that encodes them for each call. Every server is a process of its own; the one that is
// measured has one core, and the load another.

import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import {
  DiscoveryServiceService,
  LookupRequest,
  LookupResponse,
} from "../../../clients/gen/theseus/v1/discovery_service.js";
import { SERVER_OPTIONS } from "../../../src/grpc/server.js";
import { onStage, type Stage } from "../../proof/stage.js";
import { Child } from "../../support/child.js";
import { until } from "../../support/until.js";
import { type Bench, type Figure, inTurns, median, medianRatio } from "../bench.js";
import { framed, loaded } from "./load.js";

const ENDPOINTS = 100;
const ROUNDS = 15;
const WARM_UP = 3;
const REQUESTS = 10_000;
/** Of the revision and the time in an answer: their numbers take more or fewer bytes. */
const SLACK_BYTES = 16;
const TARGET = { namespace: "", service: "web", labels: "dev,frontend", allNamespaces: false };
const REQUEST = LookupRequest.fromPartial({ target: { $case: "selector", value: TARGET }, port: "http" });
const BARE = fileURLToPath(new URL("./bare-server.ts", import.meta.url));

const onCore = (core: number): readonly string[] => ["taskset", "--cpu-list", String(core)];
const SERVER_CORE = onCore(0);
const LOAD_CORE = onCore(Math.min(1, availableParallelism() - 1));

/** As another hand would write them: they are served, and nobody ends them. */
async function putEndpoints({ etcd }: Stage): Promise<void> {
  const containers = Array.from({ length: ENDPOINTS }, (_, i) => ({
    instance_name: `web.dev.frontend.${i + 1}.3-k3f9x2`,
    instance_host: "172.17.0.1",
    instance_port: 20_000 + i,
    port_mappings: { http: { external: 20_000 + i, exposed: 8080, protocol: "tcp" } },
    state: "ready",
    labels: ["dev", "frontend"],
    host: "local",
    weight: 100,
    since: "2026-01-01T00:00:00.000Z",
  }));
  for (const container of containers) {
    const key = `/services/web/dev,frontend/containers/${container.instance_name}/info`;
    await etcd.ctl("put", key, JSON.stringify(container));
  }
}

/** What a server answers, as it comes over the wire. */
async function answerOf(address: string): Promise<Buffer> {
  const client = new Client(address, credentials.createInsecure());
  const { path, requestSerialize } = DiscoveryServiceService.lookup;
  try {
    return await new Promise((resolve, reject) => {
      const whole = (bytes: Buffer): Buffer => bytes;
      const options = { deadline: Date.now() + 5000 };
      client.makeUnaryRequest(path, requestSerialize, whole, REQUEST, options, (error, bytes) =>
        bytes === undefined ? reject(error) : resolve(bytes),
      );
    });
  } finally {
    client.close();
  }
}

/** The answer once it tells all of them; a server that has just started may not have read its store yet. */
async function wholeAnswer(address: string): Promise<Buffer> {
  return await until(`${ENDPOINTS} endpoints`, async () => {
    const bytes = await answerOf(address).catch(() => undefined);
    return bytes !== undefined && LookupResponse.decode(bytes).endpoints.length === ENDPOINTS && bytes;
  });
}

/** The fields of a message may come in any order. */
function isSame(one: Buffer, other: Buffer): boolean {
  const [a, b] = [one, other].map((bytes) => LookupResponse.encode(LookupResponse.decode(bytes)).finish());
  return a !== undefined && b !== undefined && one.length === other.length && Buffer.compare(a, b) === 0;
}

type Kind = "ready" | "encoded";

async function startBare(kind: Kind, answerFile: string): Promise<{ readonly child: Child; readonly address: string }> {
  const [program = "", ...args] = [...SERVER_CORE, process.execPath, "--no-warnings", "--import", "tsx", BARE];
  const child = new Child(program, [...args, answerFile, kind, JSON.stringify(SERVER_OPTIONS)]);
  const port = await until("the port of a bare server", () => {
    if (child.hasEnded) throw new Error(child.stderr);
    return child.stdout.includes("\n") && child.stdout.trim();
  });
  return { child, address: `127.0.0.1:${port}` };
}

type Rates = Readonly<Record<"theseus" | Kind, readonly number[]>>;

/** Answers a second of all three. */
async function measureRates(): Promise<Rates> {
  return await onStage(async (stage) => {
    await putEndpoints(stage);
    const server = await stage.startServer({ inside: SERVER_CORE });
    const theseus = server.listeners.grpc;
    const answer = await wholeAnswer(theseus);
    const [answerFile, bodyFile] = [join(stage.etcd.folder, "answer"), join(stage.etcd.folder, "body")];
    await writeFile(answerFile, answer);
    await writeFile(bodyFile, framed(LookupRequest.encode(REQUEST).finish()));
    const bare: Child[] = [];
    try {
      const load = { bodyFile, requests: REQUESTS, leastBytes: answer.length - SLACK_BYTES, inside: LOAD_CORE };
      const sideOf = async (kind: Kind) => {
        const { child, address } = await startBare(kind, answerFile);
        bare.push(child);
        if (!isSame(answer, await answerOf(address))) throw new Error(`the server "${kind}" answers something else`);
        return () => loaded({ ...load, address });
      };
      const [ready, encoded] = [await sideOf("ready"), await sideOf("encoded")];
      const sides = { theseus: () => loaded({ ...load, address: theseus }), ready, encoded };
      await inTurns(sides, WARM_UP);
      return await inTurns(sides, ROUNDS);
    } finally {
      await Promise.all(bare.map((child) => child.stop()));
    }
  });
}

/** One run gives both ratios. */
let running: Promise<Rates> | undefined;

const against = (kind: Kind) => async (): Promise<Figure> => {
  running ??= measureRates();
  const rates = await running;
  const [ours, theirs] = [median(rates.theseus), median(rates[kind])];
  const detail = { theseus_per_s: Math.round(ours), bare_per_s: Math.round(theirs), endpoints: ENDPOINTS };
  return { ratio: medianRatio(rates.theseus, rates[kind]), detail: { ...detail, runs: ROUNDS } };
};

export const lookups: Bench = { name: "lookups", limit: { atLeast: 0.85 }, measure: against("ready") };
export const lookupsEncoded: Bench = {
  name: "lookups-encoded",
  limit: { atLeast: 1.5 },
  measure: against("encoded"),
};
