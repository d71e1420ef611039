// What a program does when the services that it depends on change: it says what to do, WATCHES says for which services.

import { type Connection, type ConnectOptions, connect } from "./connect.js";
import type { TheseusClientError } from "./errors.js";
import { HandlerLoop, type HandlerStatus, type WatchHandler } from "./handler-loop.js";
import { injected } from "./injected.js";

export interface WatchHandlersOptions {
  /** By service. Each service of WATCHES needs one; "*" is for those that have none of their own. */
  readonly handlers: Readonly<Record<string, WatchHandler>>;
  /** Default: WATCHES, comma separated. */
  readonly services?: readonly string[];
  /** Default: THESEUS_SERVER. */
  readonly server?: string | readonly string[];
  /** Default: NAMESPACE, else "default". */
  readonly namespace?: string;
  /** Stops all of them without an error. */
  readonly signal?: AbortSignal;
  readonly connection?: ConnectOptions;
  /** Hears of each run that failed, and of each break of a watch. It goes on by itself. */
  readonly onError?: (service: string, error: unknown) => void;
}

export interface RunningWatchHandlers {
  /** How each service's last run ended, by service. */
  status(): Readonly<Record<string, HandlerStatus>>;
  /** Resolves when all are stopped. @throws TheseusClientError when no server will ever answer. */
  readonly ended: Promise<void>;
  /** Resolves once no handler runs any more; a run that is under way is told by its signal. */
  stop(): Promise<void>;
}

/**
 * Each service's handler runs once at first, and then once per change of its endpoints: never twice at a time, never
 * twice for the same endpoints, for the newest where several changes came meanwhile, and again after a failure.
 * A change counts as taken, for those who wait for that, once its run has ended well.
 * @throws TypeError for a service without a handler; NotInContainerError without WATCHES or THESEUS_SERVER.
 */
export function runWatchHandlers(options: WatchHandlersOptions): RunningWatchHandlers {
  const { handlers, signal, onError } = options;
  const services = options.services ?? servicesOf(injected("WATCHES"));
  const chosen = services.map((service) => ({ service, handler: handlerOf(handlers, service) }));
  const namespace = options.namespace ?? process.env["NAMESPACE"] ?? "default";
  const connection: Connection = connect(options.server ?? injected("THESEUS_SERVER"), options.connection);
  const loops = chosen.map(
    ({ service, handler }) => new HandlerLoop({ connection, service, namespace, handler, onError: onError ?? ignore }),
  );
  const stopAll = () => {
    for (const loop of loops) loop.stop();
  };
  signal?.addEventListener("abort", stopAll, { once: true });
  if (signal?.aborted) stopAll();
  const ended = everyEnd(loops, stopAll).finally(() => {
    signal?.removeEventListener("abort", stopAll);
    connection.close();
  });
  // Whoever does not look at it hears of it through onError.
  ended.catch(() => undefined);
  return {
    ended,
    status: () => Object.fromEntries(loops.map((loop) => [loop.service, loop.status])),
    stop: async () => {
      stopAll();
      await ended.catch(() => undefined);
    },
  };
}

const ignore = (): void => undefined;

/** The first that fails ends them all. */
async function everyEnd(loops: readonly HandlerLoop[], stopAll: () => void): Promise<void> {
  const ends = await Promise.allSettled(loops.map((loop) => loop.ended.finally(stopAll)));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason as TheseusClientError;
}

function servicesOf(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ""))];
}

function handlerOf(handlers: Readonly<Record<string, WatchHandler>>, service: string): WatchHandler {
  const handler = handlers[service] ?? handlers["*"];
  if (handler !== undefined) return handler;
  const known = Object.keys(handlers).join(", ");
  throw new TypeError(`${service} is to be watched, and there is no handler for it: ${known || "there are none"}`);
}
