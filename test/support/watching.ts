// One watch over the wire as a client has it: every message, and the state folded from them.

import { type CallOptions, type Client, type ClientReadableStream, type ServiceError, status } from "@grpc/grpc-js";
import {
  DiscoveryServiceService,
  type Endpoint,
  WatchRequest,
  type WatchResponse,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import { until } from "./until.js";

const { path, requestSerialize, responseDeserialize } = DiscoveryServiceService.watch;

export class Watching {
  readonly messages: WatchResponse[] = [];
  readonly #state = new Map<string, Endpoint>();
  readonly #call: ClientReadableStream<WatchResponse>;
  ended: ServiceError | "ended" | undefined;

  constructor(client: Client, request: object, options: CallOptions = {}) {
    const whole = WatchRequest.fromPartial(request as never);
    this.#call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, whole, options);
    this.#call.on("data", (message: WatchResponse) => this.#take(message));
    this.#call.on("error", (error: ServiceError) => {
      this.ended = error;
    });
    this.#call.on("end", () => {
      this.ended ??= "ended";
    });
  }

  get watchId(): string {
    return this.messages[0]?.watchId ?? "";
  }

  get cursor(): string {
    return this.messages.findLast(({ cursor }) => cursor !== "")?.cursor ?? "";
  }

  get revision(): bigint {
    return this.messages.findLast(({ more }) => !more)?.revision ?? 0n;
  }

  get kinds(): string[] {
    return this.messages.map(({ content }) => content?.$case ?? "nothing");
  }

  /** Names of the containers, in alphabetical order. */
  get names(): string[] {
    return [...this.#state.keys()].sort();
  }

  get endpoints(): Endpoint[] {
    return [...this.#state.values()];
  }

  /** Until it has heard of this revision. */
  async reached(revision: bigint): Promise<void> {
    await until(`a watch to hear of ${revision}`, () => this.revision >= revision);
  }

  async first(): Promise<void> {
    await until("the first message of a watch", () => this.messages.length > 0 || this.#failure());
  }

  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  cancel(): void {
    this.#call.cancel();
  }

  #failure(): boolean {
    if (this.ended === undefined) return false;
    throw this.ended === "ended" ? new Error("the watch ended") : this.ended;
  }

  #take(message: WatchResponse): void {
    this.messages.push(message);
    const { content } = message;
    if (content?.$case === "snapshot") {
      this.#state.clear();
      for (const endpoint of content.value.endpoints) this.#put(endpoint);
    } else if (content?.$case === "delta") {
      for (const endpoint of content.value.put) this.#put(endpoint);
      for (const { which } of content.value.removed) if (which?.$case === "name") this.#state.delete(which.value);
    }
  }

  #put(endpoint: Endpoint): void {
    this.#state.set(endpoint.container?.name ?? "", endpoint);
  }
}

/** True when the call ended because its server did. */
export function isUnavailable(ended: Watching["ended"]): ended is ServiceError {
  return typeof ended === "object" && ended.code === status.UNAVAILABLE;
}
