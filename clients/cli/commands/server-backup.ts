// `theseus server backup FILE`: the whole store in one file, checked against what the server says it has sent. Ends with
// the whole file or with none.

import { resolve } from "node:path";
import type { BackUpStoreSummary } from "../../gen/theseus/v1/theseus_service.js";
import { BackupFile, type Written } from "../backup-file.js";
import { commandLine, shellWord } from "../change.js";
import { type Context, isSet, requiredArgument } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure, hasReason, usage } from "../failure.js";
import { API_VERSION, isObjectFormat, printObject } from "../output/listing.js";
import { formatSize } from "../quantities.js";
import { type Server, withServer } from "../server.js";

export function run(context: Context): Promise<ExitCode> {
  const name = requiredArgument(context, 0);
  if (name === "-") throw usage("a backup is not written to standard output", ["it gets its name once it is checked"]);
  const path = resolve(context.io.cwd, name);
  return withServer(context, async (server) => {
    const file = await BackupFile.create(context, path, isSet(context, "force"));
    try {
      const summary = await receive(context, server, file);
      await file.keep();
      await print(context, path, summary);
      return EXIT.ok;
    } catch (error) {
      throw hasReason(error, "CANCELLED") ? stopped(context, name) : error;
    } finally {
      await file.drop();
    }
  });
}

/** @throws Failure STORE_UNREACHABLE when what arrived is not what was sent. */
async function receive(context: Context, { theseus }: Server, file: BackupFile): Promise<BackUpStoreSummary> {
  const { io, globals } = context;
  // A large store takes its time: only --timeout ends it.
  const patience = globals.timeout === undefined ? {} : { deadline: globals.timeout };
  let summary: BackUpStoreSummary | undefined;
  for await (const part of theseus.backUpStore({}, { signal: io.interrupted, ...patience })) {
    await file.add(part.chunk);
    summary = part.summary ?? summary;
  }
  const problem = differenceOf(file.written(), summary);
  if (summary === undefined || problem !== undefined) throw notWhole(context, problem);
  return summary;
}

function differenceOf({ size, sha256 }: Written, summary: BackUpStoreSummary | undefined): string | undefined {
  if (summary === undefined) return `it ended after ${formatSize(size)}, without the proof that it is whole`;
  if (summary.sizeBytes !== BigInt(size)) return `${size} bytes arrived of ${summary.sizeBytes}`;
  return summary.sha256 === sha256 ? undefined : `its sha256 is ${sha256}, and should be ${summary.sha256}`;
}

function notWhole({ argv }: Context, problem = "it ended too early"): Failure {
  return new Failure("STORE_UNREACHABLE", {
    what: "the backup that arrived is not the one that was sent",
    why: [problem],
    now: "no file was written",
    next: [commandLine(argv)],
    retryable: true,
  });
}

function stopped(context: Context, name: string): Failure {
  return new Failure("CANCELLED", {
    what: "the backup was stopped",
    why: ["Ctrl-C, or a signal to end"],
    now: `${name} was not written, and nothing is left of it`,
    next: [commandLine(context.argv)],
  });
}

async function print(context: Context, file: string, summary: BackUpStoreSummary): Promise<void> {
  const { io, globals } = context;
  const restore = restoreCommand(summary.kind, file);
  if (isObjectFormat(globals.format)) {
    const { kind, sizeBytes, sha256, revision } = summary;
    const facts = { store: kind, sizeBytes: Number(sizeBytes), sha256, revision: String(revision), restore };
    return printObject(context, { apiVersion: API_VERSION, kind: "Backup", file, ...facts }, globals.format);
  }
  if (globals.quiet || globals.format === "name") return io.stdout.write(`${file}\n`);
  const rows = [
    ["file", file],
    ["store", summary.kind],
    ["size", formatSize(Number(summary.sizeBytes))],
    ["revision", String(summary.revision)],
    ["sha256", summary.sha256],
    ["restore", restore],
  ];
  io.stdout.write(rows.map(([name = "", value]) => `${name.padEnd(10)}${value}\n`).join(""));
}

/** How to get it back, into a folder that is not there yet. */
function restoreCommand(kind: string, file: string): string {
  const word = shellWord(file);
  if (kind === "embedded") return `theseus server restore ${word} --data FOLDER`;
  return `etcdctl snapshot restore ${word} --data-dir FOLDER`;
}
