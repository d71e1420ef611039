// What every changing call carries: who, with which command, why, and an id that makes sending it twice harmless.

import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { type Context, optionalText } from "./context.js";

export interface ChangeFields {
  readonly requestId: string;
  readonly change: { readonly actor: string; readonly command: string; readonly message: string };
}

const LONGEST_COMMAND = 1000;

export function changeFields(context: Context): ChangeFields {
  const command = commandLine(withoutSecrets(context.argv));
  return {
    requestId: randomUUID(),
    change: {
      actor: `${userName()}@${hostname()}`.slice(0, 256),
      command: command.slice(0, LONGEST_COMMAND),
      message: optionalText(context, "message") ?? "",
    },
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a uid that has no name.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

/** Values of --env are never recorded. */
function withoutSecrets(argv: readonly string[]): string[] {
  return argv.map((word, i) => {
    if (argv[i - 1] === "--env") return word.replace(/=.*$/s, "=***");
    return word.startsWith("--env=") ? word.replace(/^(--env=[^=]*)=.*$/s, "$1=***") : word;
  });
}

/** The command as it can be typed again. */
export function commandLine(argv: readonly string[]): string {
  return ["theseus", ...argv.map(shellWord)].join(" ");
}

export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
