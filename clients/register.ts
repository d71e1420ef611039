// A place in discovery for a program that Theseus does not run: kept for as long as the program says so, made again when
// it was lost, given up when it is closed.

import { randomUUID } from "node:crypto";
import type { CallOptions } from "./call.js";
import { type Connection, type ConnectOptions, connect } from "./connect.js";
import { aborted, TheseusClientError } from "./errors.js";
import type { ContainerState, PortMapping } from "./gen/theseus/v1/container.js";
import type { RegisterResponse } from "./gen/theseus/v1/discovery_service.js";
import type { ContainerRef } from "./gen/theseus/v1/reference.js";
import { insist } from "./insist.js";
import type { Fields } from "./partial.js";
import { Backoff, pause } from "./pause.js";
import { tell } from "./told.js";
import { targetOf } from "./watch-target.js";

/** What may change while it is registered. */
export interface Changeable {
  /** Ports by name, as others reach them; the first is the one that is given where none is asked for. */
  readonly ports?: Readonly<Record<string, number>> | readonly Fields<PortMapping>[];
  /** Share of the work, 0..1000. Default: 100. */
  readonly weight?: number;
  /** READY, STARTING, UNHEALTHY or DRAINING. Default: READY. */
  readonly state?: ContainerState;
}

export interface RegisterOptions extends Changeable {
  /** Exactly one group: "web/dev,frontend", "web/-". */
  readonly group: string;
  /** Default: "default". */
  readonly namespace?: string;
  /** Default: one is made up. */
  readonly name?: string;
  /** Where it answers for everybody: never loopback. */
  readonly address: string;
  readonly host?: string;
  /** Milliseconds without a renewal after which it is not served any more. Default: 15 000. */
  readonly ttl?: number;
  /** The same after a restart of this program holds the same registration. Default: a new one, that nobody guesses. */
  readonly registrationId?: string;
  /** For the connection that is made when only addresses are given. */
  readonly connection?: ConnectOptions;
  /** Hears of each failure that it goes on after. */
  readonly onError?: (error: TheseusClientError) => void;
}

/** For one change, with its attempts, in milliseconds. */
const PATIENCE = 10_000;

/** For the first attempt to be taken up: nothing is lost by waiting yet. Each further one may take twice as long. */
const FIRST_DEADLINE = PATIENCE / 4;

/** For one attempt from then on, so that a silent server leaves time to ask another one before the ttl is over. */
function deadlineOf(ttl: number): number {
  return Math.min(PATIENCE, ttl) / 4;
}

/**
 * Resolves once it is in discovery; from then on it is renewed until it is closed.
 * @param server addresses of servers, or a connection, which then has to stay open.
 * @throws TheseusClientError: CONTAINER_EXISTS naming the holder, GROUP_CLOSED, ...
 */
export async function register(
  server: string | readonly string[] | Connection,
  options: RegisterOptions,
): Promise<Registration> {
  const isOwn = typeof server === "string" || !("discovery" in server);
  const connection = isOwn ? connect(server, options.connection) : server;
  const release = () => {
    if (isOwn) connection.close();
  };
  try {
    const registrationId = options.registrationId ?? randomUUID();
    const first = await send(connection, { ...options, registrationId });
    return new Registration(connection, { ...options, registrationId }, { first, release });
  } catch (error) {
    release();
    throw error;
  }
}

type Wanted = RegisterOptions & { readonly registrationId: string };

export class Registration {
  /** Its name in its group. */
  readonly name: string;
  /** As others are told who holds the name. */
  readonly holderId: string;
  /** Resolves once it is closed. @throws TheseusClientError when it was lost for good: somebody else has the name. */
  readonly ended: Promise<void>;
  readonly #connection: Connection;
  readonly #release: () => void;
  readonly #stop = new AbortController();
  #wanted: Wanted;
  #ttl: number;
  #revision: bigint;
  /** Calls go one after another, so that none overtakes a newer one. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection, wanted: Wanted, parts: { first: RegisterResponse; release: () => void }) {
    const { first, release } = parts;
    const { which } = first.container ?? {};
    this.#connection = connection;
    this.#release = release;
    this.name = which?.$case === "name" ? which.value : (wanted.name ?? "");
    this.holderId = first.holderId;
    this.#wanted = { ...wanted, name: this.name };
    this.#ttl = millisecondsOf(first.ttl);
    this.#revision = first.revision;
    this.ended = this.#keep();
    // Whoever does not look at it hears of it from update() and close().
    this.ended.catch(() => undefined);
  }

  /** Lookups at or after this revision show it as it is. */
  get revision(): bigint {
    return this.#revision;
  }

  /** What is not named stays as it was; what it rejects counts as never asked for. @throws TheseusClientError */
  async update(change: Changeable): Promise<void> {
    this.#stop.signal.throwIfAborted();
    const { ports, ...others } = change;
    const fields = { ...others, ...(ports === undefined ? {} : { ports: { ports: portsOf(ports) } }) };
    await this.#inTurn(async () => {
      const wanted = { ...this.#wanted, ...change };
      const { discovery } = this.#connection;
      await this.#orMadeAgain((id, options) => discovery.updateRegistration({ ...id, ...fields }, options), wanted);
      this.#wanted = wanted;
    });
  }

  /** Takes it out of discovery. @throws TheseusClientError when no server heard of it: it then runs out by itself. */
  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort(aborted());
    const deadline = deadlineOf(this.#ttl);
    try {
      await this.#inTurn(() =>
        insist(() => this.#connection.discovery.deregister(this.#identity(), { deadline }), { patience: PATIENCE }),
      );
    } finally {
      this.#release();
    }
  }

  #identity(): Identity {
    const { group, namespace, registrationId } = this.#wanted;
    const container = { group: refOf(group, namespace), which: { $case: "name" as const, value: this.name } };
    return { container, registrationId };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  /** A renewal in each third of its time; a failure is tried again sooner. */
  async #keep(): Promise<void> {
    const { signal } = this.#stop;
    let between = this.#ttl / 3;
    const backoff = new Backoff(100, between);
    while (
      await pause(between, signal).then(
        () => true,
        () => false,
      )
    ) {
      try {
        await this.#inTurn(async () => {
          if (!signal.aborted) await this.#orMadeAgain((id, options) => this.#connection.discovery.renew(id, options));
        });
        backoff.reset();
        between = this.#ttl / 3;
      } catch (thrown) {
        if (signal.aborted) return;
        const error = thrown as TheseusClientError;
        if (isLostForGood(error)) {
          this.#stop.abort(error);
          this.#release();
          throw error;
        }
        tell(this.#wanted.onError, error);
        between = backoff.next();
      }
    }
  }

  /** Does that, or registers anew, as it is wanted then, where nothing is left to do it to. */
  async #orMadeAgain(
    work: (id: Identity, options: CallOptions) => Promise<Kept>,
    wanted: Wanted = this.#wanted,
  ): Promise<void> {
    const trying = { patience: Math.min(PATIENCE, this.#ttl / 3), signal: this.#stop.signal };
    const deadline = deadlineOf(this.#ttl);
    const kept = await insist(() => work(this.#identity(), { deadline }), trying).catch((error: unknown) => {
      if (error instanceof TheseusClientError && error.reason === "NO_SUCH_CONTAINER")
        return send(this.#connection, wanted, { ...trying, deadline });
      throw error;
    });
    this.#ttl = millisecondsOf(kept.ttl);
    this.#revision = kept.revision;
  }
}

type Identity = { readonly container: Fields<ContainerRef>; readonly registrationId: string };
type Kept = Pick<RegisterResponse, "ttl" | "revision">;

/** The deadline is that of the first attempt. */
type Trying = Parameters<typeof insist>[1] & { readonly deadline: number };

function send(
  { discovery }: Connection,
  wanted: Wanted,
  { deadline, ...trying }: Trying = { patience: PATIENCE, deadline: FIRST_DEADLINE },
): Promise<RegisterResponse> {
  const { group, namespace, ttl, ports = [], name, address, host, weight, state, registrationId } = wanted;
  const request = {
    ...{ name, address, host, weight, state, registrationId },
    group: refOf(group, namespace),
    ports: portsOf(ports),
    ...(ttl === undefined ? {} : { ttl: { seconds: BigInt(Math.ceil(ttl / 1000)), nanos: 0 } }),
  };
  // A server that is only slow gets to its end with it at last.
  return insist((before) => discovery.register(request, { deadline: deadline * 2 ** before }), trying);
}

/** @throws TypeError for what names no exact group. */
function refOf(group: string, namespace: string | undefined) {
  const target = targetOf(group, namespace);
  if (target.$case === "group") return target.value;
  throw new TypeError(`${group} is no exact group: it is service/labels, or service/- for no labels`);
}

function portsOf(ports: NonNullable<Changeable["ports"]>): readonly Fields<PortMapping>[] {
  if (Array.isArray(ports)) return ports as readonly Fields<PortMapping>[];
  return Object.entries(ports as Readonly<Record<string, number>>).map(([name, external]) => ({ name, external }));
}

function millisecondsOf(ttl: RegisterResponse["ttl"]): number {
  return Number(ttl?.seconds ?? 15n) * 1000;
}

/** Renewing again will not help. */
function isLostForGood({ reason }: TheseusClientError): boolean {
  return reason === "CONTAINER_EXISTS" || reason === "GROUP_CLOSED" || reason === "INVALID_REQUEST";
}
