// The discovery listeners of the other servers, as far as this one passes calls on to them.

import { Client, status as Code, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { type AcknowledgeRequest, DiscoveryServiceService } from "../../clients/gen/theseus/v1/discovery_service.js";
import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import type { Membership } from "../model/store.js";
import { noSuchWatch } from "./no-such-watch.js";
import { serverOf } from "./watch-id.js";

const DEADLINE: Milliseconds = 2 * SECOND;
/** Who the servers are is read again after that long, or for one that is not known. */
const LIST_AGAIN: Milliseconds = 10 * SECOND;
const AT_MOST_EVERY: Milliseconds = SECOND;

const OPTIONS = { "grpc.enable_http_proxy": 0, "grpc.enable_channelz": 0, "grpc.max_reconnect_backoff_ms": 2000 };

type Listed = { readonly at: Milliseconds; readonly addresses: Promise<ReadonlyMap<string, string>> };

export class OtherServers {
  readonly #clients = new Map<string, Client>();
  #listed: Listed | undefined;

  constructor(
    private readonly membership: Pick<Membership, "servers">,
    private readonly clock: Clock,
  ) {}

  /** Says it to the server of the watch. NO_SUCH_WATCH; NOT_READY when that server does not answer. */
  async acknowledge(request: AcknowledgeRequest, signal?: AbortSignal): Promise<void> {
    const address = await this.#addressOf(serverOf(request.watchId));
    if (address === undefined) throw noSuchWatch(request.watchId);
    const { path, requestSerialize, responseDeserialize } = DiscoveryServiceService.acknowledge;
    const options = { deadline: this.clock.now() + DEADLINE };
    const error = await new Promise<ServiceError | null>((resolve) => {
      const client = this.#client(address);
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        new Metadata(),
        options,
        (failed) => resolve(failed),
      );
      signal?.addEventListener("abort", () => call.cancel(), { once: true });
    });
    if (error?.code === Code.NOT_FOUND) throw noSuchWatch(request.watchId);
    if (error !== null) throw silent(address, error);
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  async #addressOf(id: string): Promise<string | undefined> {
    const known = (await this.#addresses(LIST_AGAIN)).get(id);
    const address = known ?? (await this.#addresses(AT_MOST_EVERY)).get(id);
    return address === "" ? undefined : address;
  }

  /** Not older than that; asked once for all who ask at the same time. */
  #addresses(age: Milliseconds): Promise<ReadonlyMap<string, string>> {
    const now = this.clock.monotonic();
    if (this.#listed !== undefined && now - this.#listed.at < age) return this.#listed.addresses;
    const addresses = this.membership.servers().then((servers) => {
      this.#closeAllBut(new Set(servers.map(({ discovery }) => discovery)));
      return new Map(servers.map(({ id, discovery }) => [id, discovery]));
    });
    const listed = { at: now, addresses };
    this.#listed = listed;
    addresses.catch(() => {
      if (this.#listed === listed) this.#listed = undefined;
    });
    return addresses;
  }

  #closeAllBut(addresses: ReadonlySet<string>): void {
    for (const [address, client] of this.#clients) {
      if (addresses.has(address)) continue;
      client.close();
      this.#clients.delete(address);
    }
  }

  #client(address: string): Client {
    const client = this.#clients.get(address) ?? new Client(address, credentials.createInsecure(), OPTIONS);
    this.#clients.set(address, client);
    return client;
  }
}

function silent(address: string, cause: ServiceError): TheseusError {
  return new TheseusError("NOT_READY", {
    what: "the server of this watch does not answer",
    why: [`${address}: ${cause.details}`],
    now: "the acknowledgement was not counted",
    next: ["theseus server status"],
    retryable: true,
    cause,
  });
}
