// A program's own channel to a service, named as the resolver understands it, and backends that say which one answered.

import { type ChannelOptions, Client, credentials, type ServiceError } from "@grpc/grpc-js";
import {
  GetServerStatusRequest,
  GetServerStatusResponse,
  TheseusServiceService,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import { type FakeTheseus, startFakeTheseus } from "./fake-theseus.js";

const { path, requestSerialize, responseDeserialize } = TheseusServiceService.getServerStatus;

/** Answers each call with its own name. */
export function startBackend(name: string): Promise<FakeTheseus> {
  return startFakeTheseus({ getServerStatus: () => GetServerStatusResponse.fromPartial({ version: name }) });
}

export class ResolvedChannel {
  readonly #client: Client;

  constructor(name: string, options: ChannelOptions = {}) {
    this.#client = new Client(name, credentials.createInsecure(), {
      "grpc.enable_http_proxy": 0,
      "grpc.initial_reconnect_backoff_ms": 100,
      ...options,
    });
  }

  /** Which backend answers. @throws ServiceError */
  async ask(deadlineMs = 10_000): Promise<string> {
    const request = GetServerStatusRequest.fromPartial({});
    const options = { deadline: Date.now() + deadlineMs };
    return await new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        options,
        (error: ServiceError | null, answer?: GetServerStatusResponse) =>
          error === null ? resolve(answer?.version ?? "") : reject(error),
      );
    });
  }

  /** Who answers so many calls, each name once, sorted. */
  async askMany(count: number): Promise<string[]> {
    const names = await Promise.all(Array.from({ length: count }, () => this.ask()));
    return [...new Set(names)].sort();
  }

  close(): void {
    this.#client.close();
  }
}
