// `get events`: who did what, and what Theseus did and why; with -w also what happens from now on, through breaks.

import type { Event } from "../../gen/theseus/v1/rollout.js";
import { Backoff, pause } from "../../pause.js";
import { type Context, note } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { hasReason, toFailure, usage } from "../failure.js";
import { timeOf } from "../logs/asked.js";
import { Outage } from "../outage.js";
import { eventColumns, eventLine, eventObject } from "../output/events.js";
import { API_VERSION, isObjectFormat, printListing } from "../output/listing.js";
import { parseReference } from "../references.js";
import { type Server, withServer } from "../server.js";
import { type Target, targetOf } from "../target.js";
import { EventsRead, isOf, pastEvents, selectionOf } from "../timeline.js";

export async function getEvents(context: Context, server: Server, name: string | undefined): Promise<ExitCode> {
  const target = eventsNamed(context, name);
  const items = await pastEvents(server, target, timeOf(context, "since", Date.now()));
  const { namespace, allNamespaces } = context.globals;
  if (items.length === 0) note(context, `no events${allNamespaces ? "" : ` in namespace ${namespace}`}`);
  await printListing(context, {
    kind: "Event",
    columns: eventColumns(allNamespaces),
    name: ({ kind }) => kind,
    json: eventObject,
    namespace: allNamespaces ? undefined : namespace,
    items,
  });
  return items.length === 0 && context.globals.failEmpty ? EXIT.notFound : EXIT.ok;
}

/** Until the person ends it. @throws Failure USAGE for a format that cannot follow. */
export async function followEvents(context: Context, name: string | undefined): Promise<ExitCode> {
  const { format, allNamespaces } = context.globals;
  if (context.options["timeout"] !== undefined)
    throw usage("events that are followed go on until they are ended: --timeout is not for them");
  if (format === "yaml" || !(isObjectFormat(format) || format === "table" || format === "wide"))
    throw usage(`events that are followed cannot be told as ${format}`, ["formats are table wide json jsonl"]);
  const target = eventsNamed(context, name);
  const read = new EventsRead(timeOf(context, "since", Date.now()));
  const text = (event: Event) => (isObjectFormat(format) ? jsonLine(event) : eventLine(event, allNamespaces));
  const told = (event: Event) => context.io.stdout.write(text(event));
  const { interrupted } = context.io;
  try {
    return await withServer(context, (server) => follow({ context, server, target, read, told }));
  } catch (error) {
    if (!interrupted.aborted || !hasReason(error, "CANCELLED")) throw error;
    return interrupted.reason === EXIT.terminated ? EXIT.terminated : EXIT.interrupted;
  }
}

interface Following {
  readonly context: Context;
  readonly server: Server;
  readonly target: Target;
  readonly read: EventsRead;
  readonly told: (event: Event) => void;
}

async function follow(following: Following): Promise<never> {
  const { io } = following.context;
  const outage = new Outage(io.stderr, {});
  const backoff = new Backoff(100, 5_000);
  const heard = () => {
    outage.heard(0);
    backoff.reset();
  };
  for (;;) {
    try {
      await once(following, heard);
    } catch (error) {
      if (!toFailure(error).parts.retryable) throw error;
      outage.broke(toFailure(error).message);
    }
    await pause(backoff.next(), io.interrupted);
  }
}

/** Until the stream ends. */
async function once({ context, server, target, read, told }: Following, heard: () => void): Promise<void> {
  const isFirst = !read.hasBegun;
  const request = { selector: selectionOf(target), since: read.since, follow: true };
  for await (const message of server.theseus.readEvents(request, { signal: context.io.interrupted })) {
    heard();
    for (const event of read.fresh(message)) if (isOf(target, event)) told(event);
    if (message.events.length === 0 && isFirst) note(context, "up to date");
  }
}

function eventsNamed(context: Context, name: string | undefined): Target {
  return targetOf(context, name === undefined ? undefined : parseReference(name));
}

function jsonLine(event: Event): string {
  return `${JSON.stringify({ apiVersion: API_VERSION, kind: "Event", ...eventObject(event) })}\n`;
}
