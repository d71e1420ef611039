// Following containers over Discovery's watch: what is there, then each change, on stdout. Of changes that come faster
// than they can be told, the newest is told.

import type { Follower } from "../follower.js";
import type { Container } from "../gen/theseus/v1/container.js";
import type { ServiceState } from "../watch-fold.js";
import type { Context } from "./context.js";
import { requestTarget, wanted } from "./discover/answer.js";
import type { ExitCode } from "./exit-codes.js";
import { usage } from "./failure.js";
import { following } from "./following.js";
import { containerColumns, hostPort } from "./output/columns.js";
import { isObjectFormat, listingText } from "./output/listing.js";
import { lookOf } from "./output/look.js";
import { containerName, containerObject, namespaceOf } from "./output/objects.js";
import { containerStateWord } from "./output/words.js";
import { formatGroup } from "./references.js";
import type { Target } from "./target.js";

/** SNAPSHOT: was there at first. SYNCED: that is all of them. STALE and RESUMED are about the connection. */
type ChangeType = "SNAPSHOT" | "SYNCED" | "ADDED" | "CHANGED" | "REMOVED" | "STALE" | "RESUMED";

type Tell = (type: ChangeType, revision: bigint, container?: Container) => void;

const CLEAR = "\u001b[H\u001b[2J";
const QUESTION = { port: undefined, includeNotReady: true, minimum: 0, host: undefined };

/** Until the person ends it. @throws Failure USAGE for a format that cannot follow. */
export async function followContainers(context: Context, target: Target): Promise<ExitCode> {
  const { format } = context.globals;
  if (format === "yaml" || !(isObjectFormat(format) || format === "table" || format === "wide"))
    throw usage(`a watch cannot be told as ${format}`, ["formats are table wide json jsonl"]);
  const tell = tellTo(context);
  let revision = 0n;
  const outages = { lost: () => tell("STALE", revision), back: () => tell("RESUMED", revision) };
  const asked = { includeNotReady: true, ...outages };
  return following(context, requestTarget(target), asked, async (follower: Follower) => {
    const redraws = !isObjectFormat(format) && context.io.stdout.isTTY;
    let known: ReadonlyMap<string, Container> | undefined;
    let state: ServiceState | undefined;
    for (;;) {
      state = await follower.changed(state);
      revision = state.revision;
      const now = containersOf(wanted(state, { ...QUESTION, target }));
      if (redraws) await redraw(context, [...now.values()]);
      else tellChanges(known, now, revision, tell);
      known = now;
    }
  });
}

function containersOf({ endpoints }: Pick<ServiceState, "endpoints">): Map<string, Container> {
  const containers = endpoints.flatMap(({ container }) => (container === undefined ? [] : [container]));
  return new Map(
    containers.map((container) => {
      const { group, name } = container;
      return [group === undefined ? name : `${namespaceOf(group)} ${formatGroup(group)} ${name}`, container];
    }),
  );
}

function tellChanges(
  before: ReadonlyMap<string, Container> | undefined,
  now: ReadonlyMap<string, Container>,
  revision: bigint,
  tell: Tell,
): void {
  if (before === undefined) {
    for (const container of now.values()) tell("SNAPSHOT", revision, container);
    tell("SYNCED", revision);
    return;
  }
  for (const [id, container] of before) if (!now.has(id)) tell("REMOVED", revision, container);
  for (const [id, container] of now) {
    const old = before.get(id);
    if (old === undefined) tell("ADDED", revision, container);
    else if (textOf(old) !== textOf(container)) tell("CHANGED", revision, container);
  }
}

const textOf = (container: Container): string => JSON.stringify(containerObject(container));

function tellTo({ io, globals }: Context): Tell {
  if (isObjectFormat(globals.format))
    return (type, revision, container) => {
      const object = container === undefined ? {} : { object: containerObject(container) };
      io.stdout.write(`${JSON.stringify({ type, kind: "Container", revision: String(revision), ...object })}\n`);
    };
  return (type, revision, container) => {
    if (container !== undefined) io.stdout.write(`${lineOf(type, container, globals.allNamespaces)}\n`);
    else if (type === "SYNCED" && !globals.quiet) io.stderr.write(`up to date at revision ${revision}\n`);
  };
}

function lineOf(type: ChangeType, container: Container, allNamespaces: boolean): string {
  const { address, port, host, state, group } = container;
  const time = new Date().toISOString().slice(11, 19);
  const place = port === 0 ? address : hostPort(address, port);
  const namespace = allNamespaces && group !== undefined ? [namespaceOf(group)] : [];
  const words = [time, type.padEnd(8), ...namespace, containerName(container), containerStateWord(state), place, host];
  return words.filter((word) => word !== "").join("  ");
}

async function redraw(context: Context, items: readonly Container[]): Promise<void> {
  const columns = containerColumns(lookOf(context));
  const listing = { kind: "Container", items, columns, name: containerName, json: containerObject };
  context.io.stdout.write(CLEAR + (await listingText(context, listing)));
}
