// One probe from outside, of any kind: bounded in time, never throwing, saying what it saw. Knows nothing of containers.

import type { Probed } from "../model/defaults.js";
import type { Milliseconds } from "../model/instant.js";
import type { Clock, Probe } from "../model/ports.js";
import type { Seen, Target } from "./attempt.js";
import { probeGrpc } from "./grpc.js";
import { probeHttp } from "./http.js";
import { probeTcp } from "./tcp.js";

class TimeIsOver extends Error {}

/** Every attempt has a connection of its own, which is closed when the attempt ends. */
export function createProbe(clock: Clock): Probe {
  return {
    async attempt(probed, address, port, timeout, signal) {
      const begun = clock.monotonic();
      try {
        const seen = await bounded(clock, timeout, signal, (until) => ask(clock, probed, { address, port }, until));
        return { ...seen, said: seen.text, text: `${seen.text} in ${Math.round(clock.monotonic() - begun)} ms` };
      } catch (error) {
        if (error instanceof TimeIsOver) return { passed: false, text: `no answer in ${timeout} ms` };
        return { passed: false, text: signal.aborted ? "the probe was called off" : problem(error) };
      }
    },
  };
}

function ask(clock: Clock, probed: Probed, target: Target, until: AbortSignal): Promise<Seen> {
  switch (probed.kind) {
    case "tcp":
      return probeTcp(clock, target, until);
    case "http":
      return probeHttp(target, probed.path, until);
    case "grpc":
      return probeGrpc(target, probed.service, until);
  }
}

/** The work's signal is aborted when the time is over, when the caller calls off, and when the work has ended. */
async function bounded(
  clock: Clock,
  timeout: Milliseconds,
  signal: AbortSignal,
  work: (until: AbortSignal) => Promise<Seen>,
): Promise<Seen> {
  const until = new AbortController();
  // Not AbortSignal.any: the caller's signal outlives thousands of probes, and would remember each of them.
  const callOff = () => until.abort(signal.reason);
  if (signal.aborted) callOff();
  signal.addEventListener("abort", callOff, { once: true });
  const over = clock.sleep(timeout, until.signal).then(() => {
    throw new TimeIsOver();
  });
  try {
    return await Promise.race([over, work(until.signal)]);
  } finally {
    signal.removeEventListener("abort", callOff);
    until.abort();
  }
}

function problem(error: unknown): string {
  // Several addresses of one name each have their own failure; the first tells enough.
  const first = (error as { errors?: unknown[] } | null)?.errors?.[0] ?? error;
  const message = (first as { message?: unknown } | null)?.message;
  return typeof message === "string" && message !== "" ? message : String(first);
}
