// `theseus version`: this program, and the server if it answers.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Context, isSet, note } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { isObjectFormat, printObject } from "../output/listing.js";

export async function run(context: Context): Promise<ExitCode> {
  const client = { version: packageVersion(), api: "theseus.v1" };
  const server = isSet(context, "client") ? undefined : await serverVersion(context);
  if (isObjectFormat(context.globals.format)) {
    await printObject(context, server === undefined ? { client } : { client, server }, context.globals.format);
    return EXIT.ok;
  }
  context.io.stdout.write(`client  ${client.version}  ${client.api}\n`);
  if (server !== undefined) context.io.stdout.write(`server  ${server.version}  ${context.globals.server}\n`);
  if (server !== undefined && server.version !== client.version)
    note(context, "client and server are of different versions; use the same one where something looks wrong");
  return EXIT.ok;
}

/** The client library is loaded only here, so that --client stays quick and offline. */
async function serverVersion(context: Context): Promise<{ version: string; id: string }> {
  const { withServer } = await import("../server.js");
  return withServer(context, async ({ theseus, call }) => {
    const { version, serverId } = await theseus.getServerStatus({}, call);
    return { version, id: serverId };
  });
}

/** From the nearest package.json named theseus above this file, in the sources and in the build alike. */
function packageVersion(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const version = versionIn(join(folder, "package.json"));
    if (version !== undefined) return version;
  }
  return "unknown";
}

function versionIn(file: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(file, "utf8")) as { name?: unknown; version?: unknown };
    return name === "theseus" && typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}
