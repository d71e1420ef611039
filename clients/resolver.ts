// Names like theseus:///web?labels=dev,frontend&port=grpc for the channels of grpc-js, which then spread calls over the
// live endpoints. Pinned to grpc-js ~1.14: it stands on that version's experimental resolver API, and nothing else here does.

import { type ChannelOptions, experimental, Metadata, status } from "@grpc/grpc-js";
import { type Connection, type ConnectOptions, connect, partsOf } from "./connect.js";
import { TheseusClientError } from "./errors.js";
import { Follower, type WatchOptions } from "./follower.js";
import type { Endpoint } from "./gen/theseus/v1/discovery_service.js";
import { pause } from "./pause.js";
import type { ServiceState } from "./watch-fold.js";
import { type Target, targetOf, textOfTarget } from "./watch-target.js";

type Uri = experimental.GrpcUri;
/** As registerResolver() calls it: with an authority, a listener and the channel's options. */
type Listener = experimental.ResolverListener;
type Addresses = { addresses: { host: string; port: number }[] }[];

const SCHEME = "theseus";
const ROUND_ROBIN = { loadBalancingConfig: [{ round_robin: {} }], methodConfig: [] };
/** Between two attempts that no server will ever answer. */
const HOPELESS = 10_000;
/**
 * What an endpoint may send before it is read. HTTP/2's own 64 KiB are for all calls of a connection together, and refilled
 * once a turn of the event loop: in a program that is busy for 0.3 s at a time some 200 KB a second are all that comes,
 * every call waits for every other, and those that are given up still have their answers sent.
 */
const WINDOW_OPTION = "grpc-node.flow_control_window";
const WINDOW = 4 * 1024 * 1024;

export interface ResolverOptions extends ConnectOptions {
  /** Every server's discovery address. Default: THESEUS_SERVER, as containers of Theseus have it. */
  readonly servers?: string | readonly string[];
  /** Shown to people when it does not answer. Default: the name of this container, else of this machine. */
  readonly watcherId?: string;
}

/**
 * From now on, channels of this process may be made with `theseus:///service?labels=...&port=...&namespace=...`, or
 * `theseus:///service/labels?...` for exactly one group. A channel without a service config takes round_robin.
 * @throws TypeError when no server is named.
 */
export function registerTheseusResolver(options: ResolverOptions = {}): void {
  const { servers = process.env["THESEUS_SERVER"] ?? "", watcherId, ...connectOptions } = options;
  connect(servers).close();
  const parts: ResolverParts = {
    connect: () => connect(servers, connectOptions),
    watch: watcherId === undefined ? {} : { watcherId },
  };
  class RegisteredResolver extends TheseusResolver {
    constructor(uri: Uri, listener: Listener, channelOptions: ChannelOptions) {
      const keepsConfig = "grpc.service_config" in channelOptions;
      const connections = WINDOW_OPTION in channelOptions ? {} : { [WINDOW_OPTION]: WINDOW };
      super(readName(uri), { listener, keepsConfig, connections, ...parts });
    }

    static getDefaultAuthority(uri: Uri): string {
      return readName(uri).target.value.service ?? "";
    }
  }
  experimental.registerResolver(SCHEME, RegisteredResolver);
}

interface Name {
  readonly target: Target;
  readonly port: string;
}

const KNOWN = ["labels", "namespace", "port"];

/** @throws Error for a name that is none of ours. */
function readName({ authority = "", path }: Uri): Name {
  const text = `${SCHEME}://${authority}/${path}`;
  const [service = "", query = ""] = path.split("?", 2);
  const asked = new URLSearchParams(query);
  const unknown = [...asked.keys()].find((key) => !KNOWN.includes(key));
  const labels = asked.get("labels");
  const namespace = asked.get("namespace") ?? undefined;
  const refuse = (why: string) => new Error(`${text}: ${why}`);
  if (authority !== "") throw refuse("three slashes come before the service, as in theseus:///web?port=grpc");
  if (unknown !== undefined) throw refuse(`it has ${unknown}, and may have ${KNOWN.join(", ")}`);
  if (service === "") throw refuse("it names no service");
  if (labels !== null && service.includes("/")) throw refuse("it has labels twice");
  const exact = service.includes("/");
  const within = namespace === undefined ? {} : { namespace };
  const target = exact ? targetOf(service, namespace) : targetOf({ service, labels: labels ?? "", ...within });
  return { target, port: asked.get("port") ?? "" };
}

interface ResolverParts {
  readonly connect: () => Connection;
  readonly watch: WatchOptions;
}

interface ChannelParts extends ResolverParts {
  readonly listener: Listener;
  /** The channel has a service config of its own. */
  readonly keepsConfig: boolean;
  /** Options of the connections, over those of the channel. */
  readonly connections: ChannelOptions;
}

/** INVARIANT: after destroy() the channel hears nothing, until it asks again. */
class TheseusResolver implements experimental.Resolver {
  readonly #name: Name;
  readonly #parts: ChannelParts;
  /** Of the watch that the channel asked for. */
  #stop: AbortController | undefined;
  #hasList = false;

  constructor(name: Name, parts: ChannelParts) {
    this.#name = name;
    this.#parts = parts;
  }

  /** Changes come by themselves: only the first request begins something. */
  updateResolution(): void {
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    void this.#resolve(this.#stop.signal);
  }

  destroy(): void {
    this.#stop?.abort();
    this.#stop = undefined;
    this.#hasList = false;
  }

  async #resolve(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const connection = this.#parts.connect();
      try {
        await this.#follow(connection, signal);
      } catch (error) {
        if (!signal.aborted) this.#fail(error);
      } finally {
        connection.close();
      }
      await pause(HOPELESS, signal).catch(() => undefined);
    }
  }

  /** Until the channel is done with it, or no server will ever answer. */
  async #follow(connection: Connection, signal: AbortSignal): Promise<void> {
    const parts = partsOf(connection);
    let breaks = 0;
    const follower = new Follower(parts, this.#name.target, {
      ...this.#parts.watch,
      port: this.#name.port,
      acknowledge: true,
      onBreak: (error) => {
        breaks += 1;
        // Another server is asked first; and a list that is known is still the best there is.
        const isLeft = breaks < Math.min(2, parts.addresses.count);
        if (!signal.aborted && !isLeft && follower.latest === undefined && !this.#hasList) this.#fail(error);
      },
    });
    const close = () => follower.close();
    signal.addEventListener("abort", close, { once: true });
    try {
      let state: ServiceState | undefined;
      while (!signal.aborted) {
        state = await follower.changed(state);
        if (!signal.aborted && this.#tell(state)) follower.taken(state);
      }
    } finally {
      signal.removeEventListener("abort", close);
      follower.close();
    }
  }

  /** True once the channel picks from these endpoints alone. */
  #tell({ endpoints }: ServiceState): boolean {
    const list = addressesOf(endpoints);
    if (list.length > 0) {
      this.#hasList = this.#push(list);
      return this.#hasList;
    }
    // An error alone would leave the last list in use, an empty list alone would leave calls waiting.
    if (this.#hasList) this.#push([]);
    this.#hasList = false;
    this.#fail(`no endpoint of ${textOfTarget(this.#name.target)} is ready`);
    return true;
  }

  #push(list: Addresses): boolean {
    const { listener, keepsConfig, connections } = this.#parts;
    const config = keepsConfig ? null : experimental.statusOrFromValue(ROUND_ROBIN);
    return listener(experimental.statusOrFromValue(list), connections, config, "");
  }

  /** Calls fail with this, at once, unless there is a list. */
  #fail(cause: unknown): void {
    const { listener, keepsConfig } = this.#parts;
    const config = keepsConfig ? null : experimental.statusOrFromValue(ROUND_ROBIN);
    const failure = { code: status.UNAVAILABLE, details: textOf(cause), metadata: new Metadata() };
    listener(experimental.statusOrFromError(failure), {}, config, "");
  }
}

function textOf(cause: unknown): string {
  if (!(cause instanceof TheseusClientError)) return String(cause);
  return [cause.message, ...cause.why].join(": ");
}

/** Each place once; those of weight 0 only where there is no other. */
function addressesOf(endpoints: readonly Endpoint[]): Addresses {
  const usable = endpoints.filter(({ ready, address, port }) => ready && address !== "" && port > 0);
  const weighty = usable.filter(({ weight }) => weight > 0);
  const places = new Map<string, { host: string; port: number }>();
  for (const { address, port } of weighty.length > 0 ? weighty : usable)
    places.set(`${address}:${port}`, { host: address, port });
  return [...places.values()].map((place) => ({ addresses: [place] }));
}
