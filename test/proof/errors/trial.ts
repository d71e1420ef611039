// Runs failing commands, as text in processes of their own and as JSON beside it, and collects what is wrong with them.

import { runCli } from "../../support/run-cli.js";
import { type RunningServer, theseus } from "../../support/theseus.js";
import type { Size } from "../proof.js";
import type { ErrorCase } from "./cases.js";
import type { CommandsKnown } from "./commands-known.js";
import { complaintsAbout, type Said } from "./four-lines.js";

/** Asked for by the promise: nobody waits longer to hear what is wrong. */
const WITHIN_MS = 5000;

type Cli = typeof import("../../../clients/cli/main.js");

export class Trial {
  readonly violations: string[] = [];
  cases = 0;
  readonly #known: CommandsKnown;
  readonly #size: Size;

  constructor(known: CommandsKnown, size: Size) {
    this.#known = known;
    this.#size = size;
  }

  async run(server: RunningServer, cases: readonly ErrorCase[], atOnce: number): Promise<void> {
    const both = cases.flatMap((one) => this.#tags(one).map((tag) => ({ one, tag })));
    const late: typeof both = [];
    const queue = both.values();
    const worker = async () => {
      for (const { one, tag } of queue)
        if (!(await this.#try(server, one, tag))) late.push({ one, tag: `${tag}-again` });
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    // Alone, and for the last time: what the others cost the machine is not its fault.
    for (const { one, tag } of late) await this.#try(server, one, tag);
  }

  /** In the small size, what takes seconds is waited for once; the JSON line is made of the same error. */
  #tags({ textOnly, waits }: ErrorCase): string[] {
    return textOnly || (waits && this.#size === "small") ? ["text"] : ["text", "json"];
  }

  /** False: it took too long, for the first time. */
  async #try(server: RunningServer, one: ErrorCase, tag: string): Promise<boolean> {
    const json = tag.startsWith("json");
    const argv = [...one.argv(tag), ...(json ? ["-o", "json"] : [])];
    const address = one.server ?? server.listeners.grpc;
    const begun = performance.now();
    const asked = { address, argv, json, withinMs: one.withinMs ?? WITHIN_MS };
    const said = json && this.#size === "small" ? await inside(asked) : await asProcess(asked);
    const took = Math.round(performance.now() - begun);
    const code = /\[([A-Z_]+)\]$|"code":"([A-Z_]+)"/m.exec(said.stderr);
    console.error(`errors: ${one.name} (${tag}): ${code?.[1] ?? code?.[2] ?? "no code"} exit ${said.exit}, ${took} ms`);
    if (said.exit === null && !tag.endsWith("-again")) return false;
    this.cases += 1;
    const complaints = await complaintsAbout(said, one, this.#known);
    for (const what of complaints) this.violations.push(`${one.name} (${tag}): ${what}; it said: ${said.stderr}`);
    return true;
  }
}

type Asked = {
  readonly address: string;
  readonly argv: readonly string[];
  readonly json: boolean;
  readonly withinMs: number;
};

async function asProcess({ address, argv, json, withinMs }: Asked): Promise<Said> {
  const { code, stdout, stderr } = await theseus(address, argv, { patienceMs: withinMs });
  return { exit: code, stdout: json ? withoutResult(stdout) : stdout, stderr, json };
}

/** The built command line in this process. */
async function inside({ address, argv, withinMs }: Asked): Promise<Said> {
  const built = (await import(new URL("../../../dist/clients/cli/main.js", import.meta.url).href)) as Cli;
  const late = AbortSignal.timeout(withinMs);
  const options = { env: { THESEUS_SERVER: address }, interrupted: late };
  const { exit, stdout, stderr } = await runCli(argv, options, built.run);
  return { exit: late.aborted ? null : exit, stdout: withoutResult(stdout), stderr, json: true };
}

/** `apply -o json` says on stdout how each group ended. */
function withoutResult(stdout: string): string {
  return stdout.startsWith("{") && stdout.includes('"ApplyResult"') ? "" : stdout;
}
