// `theseus rollout history`: the config revisions of a group: who, when, what, what became of them, and why. Of one
// revision everything.

import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Revision } from "../../gen/theseus/v1/rollout.js";
import { refIn } from "../change-group.js";
import { type Context, note, requiredArgument } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { sameTarget } from "../globals.js";
import { configTextLines } from "../output/config-text.js";
import { isObjectFormat, printListing } from "../output/listing.js";
import {
  type Kept,
  keptOf,
  resultText,
  revisionColumns,
  revisionObject,
  whatText,
  whenText,
} from "../output/revisions.js";
import { styleFor } from "../output/style.js";
import { formatGroup, parseGroupRevision } from "../references.js";
import { noSuchRevision, revisionsOf } from "../rollouts.js";
import { withServer } from "../server.js";

export function run(context: Context): Promise<ExitCode> {
  const reference = parseGroupRevision(requiredArgument(context, 0));
  const ref = refIn(context, reference);
  return withServer(context, async (server) => {
    const { revisions, revision } = await revisionsOf(server, ref);
    const kept = keptOf(revisions);
    const asked = reference.revision;
    if (asked === undefined) return printAll(context, ref, kept, revision);
    const one = kept.find((each) => each.revision.configRevision === asked);
    if (one === undefined) throw noSuchRevision(ref, asked, revisions, sameTarget(context.globals));
    return printOne(context, ref, one);
  });
}

async function printAll(context: Context, ref: GroupRef, kept: readonly Kept[], revision: bigint): Promise<ExitCode> {
  if (kept.length === 0) note(context, `no revisions are kept of ${formatGroup(ref)}`);
  await printListing(context, { ...shape(context, ref), items: kept, revision });
  return kept.length === 0 && context.globals.failEmpty ? EXIT.notFound : EXIT.ok;
}

function shape(context: Context, ref: GroupRef) {
  return {
    kind: "Revision",
    columns: revisionColumns(styleFor(context.io.stdout, context.globals), Date.now()),
    name: ({ revision }: Kept) => `${formatGroup(ref)}@${revision.configRevision}`,
    json: (one: Kept) => revisionObject(one, ref),
    namespace: ref.namespace,
  };
}

async function printOne(context: Context, ref: GroupRef, kept: Kept): Promise<ExitCode> {
  const { format } = context.globals;
  if (isObjectFormat(format) || format === "name" || format === "tsv")
    await printListing(context, { ...shape(context, ref), items: [kept], single: true });
  else context.io.stdout.write(`${oneLines(context, ref, kept).join("\n")}\n`);
  return EXIT.ok;
}

function oneLines(context: Context, ref: GroupRef, kept: Kept): string[] {
  const { revision } = kept;
  const now = Date.now();
  const blocks: readonly (readonly [string, readonly string[]])[] = [
    ["what", [whatText(kept)]],
    ["result", [resultText(revision, styleFor(context.io.stdout, context.globals), now)]],
    ["why", [...failureLines(revision), revision.change?.message ?? ""]],
    ["command", [revision.change?.command ?? ""]],
    ["config", revision.config === undefined ? [] : configTextLines(revision.config, revision.pinnedImage)],
  ];
  const who = revision.change?.actor ? ` by ${revision.change.actor}` : "";
  const heading = `${formatGroup(ref)}@${revision.configRevision}   namespace ${ref.namespace} · ${whenText(revision.change?.time, now)}${who}`;
  const body = blocks.flatMap(([name, lines]) =>
    lines.filter((line) => line !== "").map((line, i) => `${(i === 0 ? name : "").padEnd(9)} ${line}`),
  );
  return [heading, ...body];
}

function failureLines({ rollout }: Revision): string[] {
  const { failure } = rollout ?? {};
  if (failure === undefined) return [];
  return [failure.text, ...failure.lastLines.map((line) => `  ${line}`)];
}
