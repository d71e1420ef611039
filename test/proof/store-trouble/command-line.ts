// The built command line, as a process of its own as people have it, or in this process where time is short.

import type { Ended } from "../../support/child.js";
import { runCli } from "../../support/run-cli.js";
import { theseus } from "../../support/theseus.js";
import type { Size } from "../proof.js";

/** One command against a server; code null: it was still running after 5 s, also the second time. */
export type CommandLine = (server: string, args: readonly string[]) => Promise<Ended>;

/** Nobody waits longer to hear what is wrong. */
const WITHIN_MS = 5000;
/** With --wait it is told how long by a flag. */
const WAITING_MS = 30_000;

export function commandLine(size: Size): CommandLine {
  const once = size === "full" ? asProcess : inside;
  return async (server, args) => {
    const within = args.includes("--wait") ? WAITING_MS : WITHIN_MS;
    const first = await once(server, args, within);
    // What others cost the machine is not its fault.
    return first.code === null ? await once(server, args, within) : first;
  };
}

function asProcess(server: string, args: readonly string[], within: number): Promise<Ended> {
  return theseus(server, args, { patienceMs: within });
}

async function inside(server: string, args: readonly string[], within: number): Promise<Ended> {
  const built = (await import(
    new URL("../../../dist/clients/cli/main.js", import.meta.url).href
  )) as typeof import("../../../clients/cli/main.js");
  const late = AbortSignal.timeout(within);
  const { exit, stdout, stderr } = await runCli(
    args,
    { env: { THESEUS_SERVER: server }, interrupted: late },
    built.run,
  );
  return { code: late.aborted ? null : exit, stdout, stderr };
}
