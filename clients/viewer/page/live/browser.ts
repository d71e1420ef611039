// The browser's side of the ports: fetch, timers, clock; and asking the gateway for JSON.

import type { ApiError } from "../../wire.js";
import { type LivePorts, Refused } from "./ports.js";
import { Stream, type StreamHandlers } from "./stream.js";

export const browserPorts: LivePorts = {
  now: () => Date.now(),
  chance: () => Math.random(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
  open: async (path, lastEventId, abort) => {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (lastEventId !== "") headers["last-event-id"] = lastEventId;
    const response = await fetch(path, { headers, signal: abort, cache: "no-store" });
    if (!response.ok || response.body === null) throw await refusal(response);
    return chunksOf(response.body, abort);
  },
};

async function* chunksOf(body: ReadableStream<Uint8Array>, abort: AbortSignal): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const cancel = () => void reader.cancel().catch(() => {});
  abort.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield decoder.decode(value, { stream: true });
    }
  } finally {
    abort.removeEventListener("abort", cancel);
    cancel();
  }
}

/** What an answer of 4xx or 5xx says, or that it said nothing that can be read. */
async function refusal(response: Response): Promise<Refused> {
  const fallback = {
    code: "NO_ANSWER",
    message: `the viewer's gateway answered with status ${response.status}`,
  };
  try {
    const { error } = (await response.json()) as Partial<ApiError>;
    return new Refused(response.status, typeof error?.message === "string" ? { ...fallback, ...error } : fallback);
  } catch {
    return new Refused(response.status, fallback);
  }
}

const PATIENCE = 20_000;

/** GET of JSON. @throws Refused with the lines of the error; also when nothing answers (status 0, NO_CONNECTION). */
export async function fetchJson<Answer>(path: string, abort?: AbortSignal): Promise<Answer> {
  const patience = AbortSignal.timeout(PATIENCE);
  const signal = abort === undefined ? patience : AbortSignal.any([abort, patience]);
  const response = await askTwice(path, signal).catch((error: unknown) => {
    if (abort?.aborted) throw error;
    const how = patience.aborted ? "did not answer within 20 s" : "cannot be reached";
    const message = `the viewer's gateway ${how}`;
    throw new Refused(0, { code: "NO_CONNECTION", message, next: ["theseus server status"] });
  });
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as Answer;
}

/** Browsers break off what is asked when a network of their machine comes or goes. Asking changes nothing, so once more. */
async function askTwice(path: string, signal: AbortSignal): Promise<Response> {
  const ask = () => fetch(path, { headers: { accept: "application/json" }, signal, cache: "no-store" });
  try {
    return await ask();
  } catch (error) {
    if (signal.aborted) throw error;
    return ask();
  }
}

/** Opens a stream of the gateway that comes back by itself, until it is closed. `path` may change from try to try. */
export function openStream(path: string | (() => string), handlers: StreamHandlers): { close: () => void } {
  const stream = new Stream(typeof path === "string" ? () => path : path, handlers, browserPorts);
  const unfollow = followAttention(() => stream.wake());
  stream.start();
  return {
    close: () => {
      unfollow();
      stream.close();
    },
  };
}

/** Calls `wake` when the page is looked at again, or the network is back. @returns how to stop. */
export function followAttention(wake: () => void): () => void {
  const shown = () => {
    if (document.visibilityState === "visible") wake();
  };
  document.addEventListener("visibilitychange", shown);
  addEventListener("online", wake);
  addEventListener("pageshow", wake);
  return () => {
    document.removeEventListener("visibilitychange", shown);
    removeEventListener("online", wake);
    removeEventListener("pageshow", wake);
  };
}
