// Whether a server in trouble with its store says so: to who changes something, to who asks how it is, and to whoever
// watches over it. It is asked as its users ask it; the log is read for what must never be in it.

import type { Ended } from "../../support/child.js";
import type { CommandsKnown } from "../errors/commands-known.js";
import { complaintsAbout, type Expected } from "../errors/four-lines.js";

/** A server as this judge needs it. */
export type Patient = {
  theseus(args: readonly string[]): Promise<Ended>;
  /** Undefined where it has no HTTP listener. */
  readyz?(): Promise<{ readonly code: number; readonly text: string }>;
  readonly log: string;
  readonly hasEnded: boolean;
};

export type Trouble = {
  readonly name: string;
  /** How a change ends; undefined: as ever. */
  readonly refused: Expected | undefined;
  /** What `server status` has to say. */
  readonly status: RegExp;
  /** Whether lookups are answered with what is true; undefined: it may be either. */
  readonly ready: boolean | undefined;
};

/** A change that leaves no container; each time another. */
export type Change = () => readonly string[];

const INSIDES = /INTERNAL|^\s+at \S+.*[:(]|node:internal|\.js:\d+|TypeError|\[object |\bundefined\b|UNAVAILABLE|GRPC/m;
const NEVER_LOGGED = /nobody caught|"reason":"INTERNAL"|"code":"INTERNAL"|uncaughtException|unhandledRejection/;

/** What is wrong with how the trouble is told; nothing when it is as promised. */
export async function complaintsInTrouble(
  patient: Patient,
  trouble: Trouble,
  { change, known }: { readonly change: Change; readonly known: CommandsKnown },
): Promise<string[]> {
  const found = [
    ...(await wrongInStatus(patient, trouble)),
    ...(await wrongInChange(patient, trouble, change(), known)),
    ...(await wrongInReady(patient, trouble.ready)),
    ...wrongInServer(patient),
  ];
  return found.map((text) => `${trouble.name}: ${text}`);
}

/** What is wrong once the cause is gone. */
export async function complaintsAfterwards(patient: Patient, name: string, change: Change): Promise<string[]> {
  const status = await patient.theseus(["server", "status", "--wait", "--timeout", "20s"]);
  const changed = await patient.theseus(change());
  const found = [
    ...(status.code === 0 ? [] : [`the server is not well again: ${status.stdout}${status.stderr}`]),
    ...(changed.code === 0 ? [] : [`a change is refused still: ${changed.stderr}`]),
    ...(await wrongInReady(patient, true)),
    ...wrongInServer(patient),
  ];
  return found.map((text) => `${name}, mended: ${text}`);
}

async function wrongInStatus(patient: Patient, { status }: Trouble): Promise<string[]> {
  const { code, stdout, stderr } = await patient.theseus(["server", "status"]);
  const found: string[] = [];
  if (code !== 1) found.push(`status: exit ${code}, not 1: ${stdout}${stderr}`);
  if (!status.test(stdout)) found.push(`status: it does not say ${status}: ${stdout}`);
  if (INSIDES.test(stdout)) found.push(`status: it shows its insides: ${stdout}`);
  return found;
}

async function wrongInChange(
  patient: Patient,
  { refused }: Trouble,
  argv: readonly string[],
  known: CommandsKnown,
): Promise<string[]> {
  const said = await patient.theseus(argv);
  if (refused === undefined) return said.code === 0 ? [] : [`a change is refused: ${said.stderr}`];
  const complaints = await complaintsAbout({ ...said, exit: said.code, json: false }, refused, known);
  return complaints.map((text) => `a change: ${text}; it said: ${said.stderr}`);
}

async function wrongInReady({ readyz }: Patient, ready: boolean | undefined): Promise<string[]> {
  if (readyz === undefined || ready === undefined) return [];
  const { code, text } = await readyz();
  if (ready) return code === 200 ? [] : [`/readyz: ${code} ${text}`];
  return code === 503 && text.trim() !== "" ? [] : [`/readyz does not tell: ${code} ${text}`];
}

function wrongInServer({ hasEnded, log }: Patient): string[] {
  const bad = log.split("\n").find((line) => NEVER_LOGGED.test(line));
  return [...(hasEnded ? ["the server has ended"] : []), ...(bad === undefined ? [] : [`its log has ${bad}`])];
}
