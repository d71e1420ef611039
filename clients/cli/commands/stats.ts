// `theseus stats`: what containers use; with -w sample after sample, through breaks and replacements.

import type { ReadStatsResponse } from "../../gen/theseus/v1/theseus_service.js";
import { Backoff, pause } from "../../pause.js";
import { type Context, isSet, note, optionalText } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { hasReason, toFailure, usage } from "../failure.js";
import { targetsOf } from "../logs/asked.js";
import { Outage } from "../outage.js";
import { type Server, withServer } from "../server.js";
import { type How, type Sample, ToldStats } from "../stats/told.js";

/** A sample takes a second, and several more where engines do not answer. */
const DEADLINE = 30_000;

export function run(context: Context): Promise<ExitCode> {
  return tellStats(context, { follow: isSet(context, "watch"), sort: undefined });
}

/** Followed: until the person ends it. @throws Failure USAGE, BAD_NAME or BAD_LABEL. */
export async function tellStats(context: Context, how: How): Promise<ExitCode> {
  if (how.follow && context.options["timeout"] !== undefined)
    throw usage("stats that are followed go on until they are ended: --timeout is not for them");
  const request = { targets: [...targetsOf(context)], host: optionalText(context, "host") ?? "", follow: how.follow };
  const told = new ToldStats(context, how);
  const parts = { context, request, told };
  const { interrupted } = context.io;
  try {
    return await withServer(context, (server) => (how.follow ? follow(parts, server) : once(parts, server)));
  } catch (error) {
    if (!interrupted.aborted || !hasReason(error, "CANCELLED")) throw error;
    return interrupted.reason === EXIT.terminated ? EXIT.terminated : EXIT.interrupted;
  }
}

interface Parts {
  readonly context: Context;
  readonly request: Parameters<Server["theseus"]["readStats"]>[0];
  readonly told: ToldStats;
}

/** Exit 10 when no figures can be had of anything, 12 when of some. */
async function once({ context, request, told }: Parts, { theseus }: Server): Promise<ExitCode> {
  const options = { signal: context.io.interrupted, deadline: context.globals.timeout ?? DEADLINE };
  let asked = 0;
  let missing = 0;
  for await (const sample of samples(theseus.readStats(request, options))) {
    await told.tell(sample);
    asked += sample.containers.length;
    missing += sample.containers.filter(({ problem }) => problem !== "").length;
  }
  if (asked === 0) {
    note(context, "nothing runs");
    return context.globals.failEmpty ? EXIT.notFound : EXIT.ok;
  }
  if (missing === 0) return EXIT.ok;
  return missing === asked ? EXIT.unreachable : EXIT.partial;
}

/** Through breaks of the connection, until Ctrl-C. */
async function follow({ context, request, told }: Parts, { theseus }: Server): Promise<never> {
  const outage = new Outage(context.io.stderr, {});
  const backoff = new Backoff(100, 5_000);
  for (;;) {
    try {
      for await (const sample of samples(theseus.readStats(request, { signal: context.io.interrupted }))) {
        outage.heard(0);
        backoff.reset();
        await told.tell(sample);
      }
    } catch (error) {
      if (!toFailure(error).parts.retryable) throw error;
      outage.broke(toFailure(error).message);
    }
    await pause(backoff.next(), context.io.interrupted);
  }
}

/** Whole ones. */
async function* samples(messages: AsyncIterable<ReadStatsResponse>): AsyncGenerator<Sample> {
  let containers: Sample["containers"] = [];
  for await (const message of messages) {
    containers = [...containers, ...message.containers];
    if (message.more) continue;
    yield { time: message.time ?? new Date(), containers };
    containers = [];
  }
}
