// `theseus server restore FILE --data FOLDER`: an embedded store made from a backup of one, without a server.

import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { type Told, toldText } from "../config/problem.js";
import { restoreEmbedded } from "../embedded/restore.js";
import { shellWord } from "../embedded/shell-word.js";
import { type Reason, TheseusError } from "../model/errors.js";

/** Where the pages of etcd's file begin with its mark, and the mark. */
const ETCD_MARK = { at: 16, bytes: Buffer.from([0xed, 0xda, 0x0c, 0xed]) };
const EXITS: Partial<Record<Reason, number>> = { CONFLICT: 5, INVALID_REQUEST: 2, STORE_UNREACHABLE: 10 };

type Output = { readonly out: (text: string) => void; readonly err: (text: string) => void };
type Asked = { readonly file: string; readonly folder: string; readonly form: "text" | "json" };

const PROCESS: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/** @param argv what follows `theseus server restore`. @returns the exit code; never rejects. */
export async function runRestore(argv: readonly string[], { out, err }: Output = PROCESS): Promise<number> {
  const asked = read(argv);
  if ("help" in asked) {
    out(asked.help);
    return 0;
  }
  if ("told" in asked) return fail(err, asked.told, { code: "USAGE", exit: 2, form: asked.form });
  const { file, folder, form } = asked;
  try {
    await refuseOthers(file, folder);
    const restored = await restoreEmbedded({ file, folder });
    out(success(asked, restored));
    return 0;
  } catch (error) {
    const { reason, facts } = known(error);
    const { what, why = [], now = "nothing was changed", next = [HELP] } = facts;
    return fail(err, { what, why, now, next }, { code: reason, exit: EXITS[reason] ?? 1, form });
  }
}

const HELP = "theseus server restore --help";

function fail(
  err: Output["err"],
  told: Told,
  { form, ...code }: { readonly code: string; readonly exit: number; readonly form: Asked["form"] },
): number {
  err(toldText(told, code, form));
  return code.exit;
}

type Wrong = { readonly told: Told; readonly form: Asked["form"] };

function read(argv: readonly string[]): Asked | Wrong | { readonly help: string } {
  const command = describe();
  const form = argv.some((word, at) => /^(-o=?|--output=)json$/.test(word) || isJson(argv, at)) ? "json" : "text";
  try {
    command.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { help: command.helpInformation() };
    return wrong(error.message.replace(/^error: /, ""), form);
  }
  const { data, output = "text" } = command.opts<{ data?: string; output?: string }>();
  if (output !== "text" && output !== "json") return wrong(`--output: "${output}" is not text or json`, form);
  if (data === undefined || data === "") return wrong("--data names no folder", form);
  return { file: resolve(command.args[0] ?? ""), folder: resolve(data), form };
}

function isJson(argv: readonly string[], at: number): boolean {
  return (argv[at] === "-o" || argv[at] === "--output") && argv[at + 1] === "json";
}

function wrong(what: string, form: Asked["form"]): Wrong {
  return { told: { what, why: [], now: "nothing was changed", next: [HELP] }, form };
}

function describe(): Command {
  return new Command("theseus server restore")
    .description(
      "Makes an embedded store from a backup of one: same revisions, same cluster. No server may run on the folder.\n\n" +
        "Example:\n  $ theseus server restore store.db --data /var/lib/theseus/restored",
    )
    .argument("<file>", "written by theseus server backup")
    .option("--data <folder>", "required; a folder without a store, made where there is none")
    .option("-o, --output <format>", "text or json")
    .helpOption("-h, --help", "this page")
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
}

/** INVALID_REQUEST for what cannot be a backup at all, before anything is made. */
async function refuseOthers(file: string, folder: string): Promise<void> {
  const first = await firstBytes(file).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "there is no such file" : error.message;
    throw new TheseusError("INVALID_REQUEST", { what: `${file} cannot be read`, why: [why], cause: error });
  });
  if (!first.subarray(ETCD_MARK.at).equals(ETCD_MARK.bytes)) return;
  throw new TheseusError("INVALID_REQUEST", {
    what: `${file} is a backup of etcd`,
    why: ["the embedded store has another form"],
    now: "nothing was changed",
    next: [`etcdctl snapshot restore ${shellWord(file)} --data-dir ${shellWord(folder)}`],
  });
}

async function firstBytes(file: string): Promise<Buffer> {
  const handle = await open(file, "r");
  try {
    const length = ETCD_MARK.at + ETCD_MARK.bytes.length;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function success(
  { folder, form }: Asked,
  { revision, keys }: { readonly revision: number; readonly keys: number },
): string {
  const start = `theseus server start --store embedded --data ${shellWord(folder)}`;
  if (form === "json")
    return `${JSON.stringify({ apiVersion: "theseus.v1", kind: "Restored", folder, revision: String(revision), keys, start })}\n`;
  const rows = [
    ["folder", folder],
    ["revision", String(revision)],
    ["keys", String(keys)],
    ["next", start],
    ["", "theseus recover      what runs and is newer than the backup waits for your word"],
  ];
  return rows.map(([name = "", value]) => `${name.padEnd(10)}${value}\n`).join("");
}

function known(error: unknown): TheseusError {
  if (error instanceof TheseusError) return error;
  const why = [error instanceof Error ? error.message : String(error)];
  return new TheseusError("INTERNAL", { what: "the store could not be restored", why, cause: error });
}
