// From a registration to the event of a watcher, p50: DiscoveryService.Register and Watch of a server that is a process
// of its own, against a put and a watch on the same etcd. Both are asked and heard in this process.

import { Client, type ClientReadableStream, credentials } from "@grpc/grpc-js";
import {
  DeregisterRequest,
  DiscoveryServiceService,
  RegisterRequest,
  WatchRequest,
  type WatchResponse,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import { below } from "../../src/etcd/keys.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { systemClock as clock } from "../../src/system.js";
import { onStage, type Stage } from "../proof/stage.js";
import { until } from "../support/until.js";
import { type Bench, type Figure, inTurns, median, medianRatio } from "./bench.js";

const REGISTRATIONS = 400;
/** Until the code of both is compiled. */
const WARM_UP = 1500;
const GROUP = { namespace: "", service: "registered", labels: ["bench"] };
const SECRET = "a-secret-of-the-bench";
/** Outside of what a server follows: its own work is no part of the raw side. */
const RAW_PREFIX = "/bench/";

/** Who waits for which name. */
class Waiting {
  readonly #seen = new Map<string, (at: number) => void>();

  /** When it was seen, on the clock of this process. */
  until(name: string): Promise<number> {
    return new Promise((resolve) => this.#seen.set(name, resolve));
  }

  saw(name: string): void {
    this.#seen.get(name)?.(performance.now());
    this.#seen.delete(name);
  }
}

type Method<Q, A> = {
  readonly path: string;
  readonly requestSerialize: (request: Q) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => A;
};

class Server {
  readonly waiting = new Waiting();
  readonly #client: Client;
  #watch: ClientReadableStream<WatchResponse> | undefined;
  #isWatching = false;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure());
  }

  /** A server that has just started may not have read its store yet: it is asked again. */
  async watching(): Promise<void> {
    await until("the first message of the watch", () => {
      this.#watch ??= this.#open();
      return this.#isWatching;
    });
  }

  #open(): ClientReadableStream<WatchResponse> {
    const { path, requestSerialize, responseDeserialize } = DiscoveryServiceService.watch;
    const request = WatchRequest.fromPartial({ target: { $case: "group", value: GROUP } });
    const watch = this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    watch.on("error", () => {
      this.#watch = undefined;
    });
    watch.on("data", ({ content }: WatchResponse) => {
      this.#isWatching = true;
      if (content?.$case !== "delta") return;
      for (const { container } of content.value.put) this.waiting.saw(container?.name ?? "");
      for (const { which } of content.value.removed) if (which?.$case === "name") this.waiting.saw(which.value);
    });
    return watch;
  }

  async register(name: string): Promise<void> {
    const ports = [{ name: "http", external: 20_417, exposed: 8080 }];
    const facts = { group: GROUP, name, registrationId: SECRET, address: "10.0.0.9", ports };
    await this.#call(DiscoveryServiceService.register, RegisterRequest.fromPartial(facts));
  }

  async deregister(name: string): Promise<void> {
    const container = { group: GROUP, which: { $case: "name" as const, value: name } };
    const request = DeregisterRequest.fromPartial({ container, registrationId: SECRET });
    await this.#call(DiscoveryServiceService.deregister, request);
  }

  close(): void {
    this.#watch?.cancel();
    this.#client.close();
  }

  #call<Q, A>({ path, requestSerialize, responseDeserialize }: Method<Q, A>, request: Q): Promise<void> {
    const options = { deadline: Date.now() + 10_000 };
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, options, (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  }
}

let made = 0;
const nextName = (): string => `registered-${made++}`;

/** Milliseconds until the watcher knows; the registration is taken back, and that is seen, in nobody's time. */
async function registered(server: Server): Promise<number> {
  const name = nextName();
  const seen = server.waiting.until(name);
  const begun = performance.now();
  const [at] = await Promise.all([seen, server.register(name)]);
  await Promise.all([server.waiting.until(name), server.deregister(name)]);
  return at - begun;
}

/** A record like the one that a registration makes. */
function recordOf(name: string): string {
  const port_mappings = { http: { external: 20_417, exposed: 8080, protocol: "tcp" } };
  const facts = { instance_name: name, instance_host: "10.0.0.9", instance_port: 20_417, port_mappings };
  return JSON.stringify({ ...facts, state: "ready", labels: ["bench"], origin: "registered", since: new Date() });
}

async function put(wire: EtcdWire, waiting: Waiting): Promise<number> {
  const key = RAW_PREFIX + nextName();
  const value = recordOf(key);
  const seen = waiting.until(key);
  const begun = performance.now();
  const [at] = await Promise.all([seen, wire.txn([], [{ op: "put", key, value }])]);
  await Promise.all([waiting.until(key), wire.txn([], [{ op: "delete", key }])]);
  return at - begun;
}

/** The work while the keys below the prefix are watched. */
async function watchingRaw<T>(wire: EtcdWire, waiting: Waiting, work: () => Promise<T>): Promise<T> {
  const watch = wire.watch({ ...below(RAW_PREFIX), startRevision: 0n });
  let isOpen = false;
  const heard = (async () => {
    for await (const { created, events } of watch) {
      isOpen ||= created;
      for (const { kv } of events) waiting.saw(kv.key);
    }
  })();
  try {
    await until("the raw watch", () => isOpen);
    return await work();
  } finally {
    watch.close();
    await heard;
  }
}

async function compared({ etcd }: Stage, server: Server): Promise<Figure> {
  const wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock });
  const waiting = new Waiting();
  try {
    await server.watching();
    const sides = { theseus: () => registered(server), raw: () => put(wire, waiting) };
    const times = await watchingRaw(wire, waiting, async () => {
      await inTurns(sides, WARM_UP);
      return await inTurns(sides, REGISTRATIONS);
    });
    const hundredths = (milliseconds: number): number => Math.round(milliseconds * 100) / 100;
    const [theseus, raw] = [median(times.theseus), median(times.raw)];
    const detail = { theseus_p50_ms: hundredths(theseus), raw_p50_ms: hundredths(raw), registrations: REGISTRATIONS };
    return { ratio: medianRatio(times.theseus, times.raw), detail };
  } finally {
    wire.close();
  }
}

const measure = (): Promise<Figure> =>
  onStage(async (stage) => {
    const { listeners } = await stage.startServer();
    const server = new Server(listeners.grpc);
    try {
      return await compared(stage, server);
    } finally {
      server.close();
    }
  });

export const registerLatency: Bench = { name: "register-latency", limit: { atMost: 2.5 }, measure };
