// A server of discovery's streams that says what a test tells it to say, on real grpc-js: each watch is in the hands of
// the test, and everything that was asked is kept.

import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import {
  type AcknowledgeRequest,
  DiscoveryServiceService,
  type Endpoint,
  type WatchRequest,
  WatchResponse,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import type { Fields } from "../../clients/partial.js";
import { until } from "./until.js";

/** One Watch call. */
export class ScriptedWatch {
  readonly request: WatchRequest;
  readonly #call: ServerWritableStream<WatchRequest, WatchResponse>;
  readonly #id: string;
  #isFirst = true;

  constructor(call: ServerWritableStream<WatchRequest, WatchResponse>, id: string) {
    this.#call = call;
    this.request = call.request;
    this.#id = id;
    call.on("error", () => undefined);
  }

  get isCancelled(): boolean {
    return this.#call.cancelled;
  }

  snapshot(revision: number, endpoints: readonly Fields<Endpoint>[]): void {
    this.#say(revision, { $case: "snapshot", value: { endpoints, asOfTime: new Date() } });
  }

  put(revision: number, ...endpoints: readonly Fields<Endpoint>[]): void {
    this.#say(revision, { $case: "delta", value: { put: endpoints } });
  }

  removed(revision: number, ...names: readonly string[]): void {
    const removed = names.map((name) => ({ group: GROUP, which: { $case: "name" as const, value: name } }));
    this.#say(revision, { $case: "delta", value: { removed } });
  }

  bookmark(revision: number, asOfTime = new Date()): void {
    this.#say(revision, { $case: "bookmark", value: { asOfTime } });
  }

  /** Ends it as a server does that stops, or with another status. */
  end(code = status.UNAVAILABLE): void {
    this.#call.emit("error", { code, details: "the script says so" });
  }

  #say(revision: number, content: Fields<NonNullable<WatchResponse["content"]>>): void {
    const watchId = this.#isFirst ? this.#id : "";
    this.#isFirst = false;
    const message = { cursor: `c${revision}`, revision: BigInt(revision), content, watchId };
    this.#call.write(WatchResponse.fromPartial(message as never));
  }
}

const GROUP = { namespace: "default", service: "web", labels: ["dev"] };

/** Ready, at a port of its own. */
export function endpointNamed(name: string, more: Fields<Endpoint> = {}): Fields<Endpoint> {
  const slot = Number(/\d+$/.exec(name)?.[0] ?? 0);
  const container = { group: GROUP, name, slot };
  return { container, address: "10.0.0.1", port: 20_000 + slot, ready: true, weight: 100, ...more };
}

export class ScriptedDiscovery {
  readonly watches: ScriptedWatch[] = [];
  readonly acknowledged: AcknowledgeRequest[] = [];
  /** What the next acknowledgements end with. */
  readonly refusals: status[] = [];
  address = "";
  readonly #server = new Server();

  static async start(name = "s"): Promise<ScriptedDiscovery> {
    const scripted = new ScriptedDiscovery();
    await scripted.#listen(name);
    return scripted;
  }

  /** The latest of so many, as soon as it was asked for. */
  async watch(count: number): Promise<ScriptedWatch> {
    return await until(`${count} watches`, () => this.watches[count - 1]);
  }

  async acknowledgedCursor(cursor: string, watchId: string): Promise<void> {
    await until(`an acknowledgement of ${cursor} for ${watchId}`, () =>
      this.acknowledged.some((one) => one.cursor === cursor && one.watchId === watchId),
    );
  }

  close(): void {
    this.#server.forceShutdown();
  }

  async #listen(name: string): Promise<void> {
    this.#server.addService(DiscoveryServiceService as never, {
      watch: (call: ServerWritableStream<WatchRequest, WatchResponse>) => {
        this.watches.push(new ScriptedWatch(call, `${name}.${this.watches.length + 1}`));
      },
      acknowledge: (call: ServerUnaryCall<AcknowledgeRequest, object>, answer: sendUnaryData<object>) => {
        const code = this.refusals.shift();
        if (code !== undefined) return answer({ code, details: "the script says so" });
        this.acknowledged.push(call.request);
        answer(null, {});
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      const trust = ServerCredentials.createInsecure();
      this.#server.bindAsync("127.0.0.1:0", trust, (error, bound) => (error === null ? resolve(bound) : reject(error)));
    });
    this.address = `127.0.0.1:${port}`;
  }
}
