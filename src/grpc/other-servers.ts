// The discovery listeners of the other servers, as far as this one passes calls on to them.

import { Client, status as Code, credentials, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { type AcknowledgeRequest, DiscoveryServiceService } from "../../clients/gen/theseus/v1/discovery_service.js";
import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import type { Membership } from "../model/store.js";
import { noSuchWatch } from "./no-such-watch.js";
import { markPassedOn, type PassedOn } from "./passed-on.js";
import { serverOf } from "./watch-id.js";

const DEADLINE: Milliseconds = 2 * SECOND;
/** The caller's own timer would end the call first. */
const TO_ANSWER: Milliseconds = 100;
/** Who the servers are is read again after that long, or for one that is not known or does not listen yet. */
const LIST_AGAIN: Milliseconds = 10 * SECOND;
const AT_MOST_EVERY: Milliseconds = SECOND;

const OPTIONS = { "grpc.enable_http_proxy": 0, "grpc.enable_channelz": 0, "grpc.max_reconnect_backoff_ms": 2000 };

/** Discovery listeners by server id; "" for one that does not listen yet. */
type Addresses = ReadonlyMap<string, string>;
type Listed = { readonly at: Milliseconds; readonly addresses: Promise<Addresses> };
type Limits = { readonly within?: Milliseconds; readonly signal?: AbortSignal };

export class OtherServers {
  readonly #clients = new Map<string, Client>();
  #listed: Listed | undefined;
  /** As it was last read. */
  #known: Addresses = new Map();

  constructor(
    private readonly membership: Pick<Membership, "servers" | "serverId" | "isAwaited">,
    private readonly clock: Clock,
  ) {}

  /** Says it to the server of the watch. NO_SUCH_WATCH; NOT_READY when that server is not known or does not answer in time. */
  async acknowledge(request: AcknowledgeRequest, how: PassedOn, { within, signal }: Limits = {}): Promise<void> {
    const until = this.clock.now() + Math.min(DEADLINE, Math.max(0, (within ?? DEADLINE) - TO_ANSWER));
    const id = serverOf(request.watchId);
    const addresses = await this.#inTime(this.#withAddress(id), until);
    const address = addresses.get(id);
    // A server that was started again listens where the one before did, which may still be listed.
    if (address !== undefined && address === this.#own(addresses)) throw noSuchWatch(request.watchId);
    // One that is cut off from the store is not listed, and still waits for what its watchers say.
    if (address === undefined && (await this.#inTime(this.membership.isAwaited(id), until)))
      throw silent(id, "it is not registered now");
    if (address === undefined) throw noSuchWatch(request.watchId);
    if (address === "") throw silent(id, "it is not known where it listens");
    const failed = await this.#send(address, request, { metadata: markPassedOn(how), until, signal });
    if (failed?.code === Code.NOT_FOUND) throw noSuchWatch(request.watchId);
    if (failed !== undefined) throw silent(address, failed.details, failed);
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }

  #send(
    address: string,
    request: AcknowledgeRequest,
    { metadata, until, signal }: { metadata: Metadata; until: number; signal: AbortSignal | undefined },
  ): Promise<ServiceError | undefined> {
    const { path, requestSerialize, responseDeserialize } = DiscoveryServiceService.acknowledge;
    return new Promise((resolve) => {
      const cancel = (): void => call.cancel();
      const call = this.#client(address).makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        { deadline: until },
        (failed) => {
          signal?.removeEventListener("abort", cancel);
          resolve(failed ?? undefined);
        },
      );
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  #own(addresses: Addresses): string | undefined {
    return addresses.get(this.membership.serverId) || undefined;
  }

  /** Where servers are, read anew where this one is not among them. One that is known needs no store. */
  async #withAddress(id: string): Promise<Addresses> {
    if (this.#known.get(id)) {
      this.#addresses(LIST_AGAIN).catch(() => undefined);
      return this.#known;
    }
    const addresses = await this.#addresses(LIST_AGAIN);
    return addresses.get(id) ? addresses : await this.#addresses(AT_MOST_EVERY);
  }

  async #inTime<T>(answer: Promise<T>, until: number): Promise<T> {
    const done = new AbortController();
    const late = this.clock.sleep(Math.max(0, until - this.clock.now()), done.signal).then(() => {
      throw silent("the store", "it does not tell where the servers are");
    });
    late.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } finally {
      done.abort();
      answer.catch(() => undefined);
    }
  }

  /** Not older than that; asked once for all who ask at the same time. */
  #addresses(age: Milliseconds): Promise<Addresses> {
    const now = this.clock.monotonic();
    if (this.#listed !== undefined && now - this.#listed.at < age) return this.#listed.addresses;
    const addresses = this.membership.servers().then((servers) => {
      this.#closeAllBut(new Set(servers.map(({ discovery }) => discovery)));
      this.#known = new Map(servers.map(({ id, discovery }) => [id, discovery]));
      return this.#known;
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

function silent(where: string, details: string, cause?: ServiceError): TheseusError {
  return new TheseusError("NOT_READY", {
    what: "the server of this watch does not answer",
    why: [`${where}: ${details}`],
    now: "the acknowledgement was not counted",
    next: ["theseus server status"],
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}
