// Something outside that programs in containers need, on the address that they reach.

import { execFile } from "node:child_process";
import { createServer, type Server } from "node:net";
import { promisify } from "node:util";

const BRIDGE = "docker0";

export type Database = { readonly server: Server; readonly address: string; readonly port: number };

/** Takes every connection, and ends it. @param port 0: a free one. */
export async function startDatabase(port = 0): Promise<Database> {
  const host = await bridgeAddress();
  const server = createServer((socket) => socket.on("error", () => undefined).end());
  await new Promise<void>((resolve, reject) => server.on("error", reject).listen(port, host, resolve));
  const bound = server.address();
  if (bound === null || typeof bound !== "object") throw new Error("it has no port");
  return { server, address: `${host}:${bound.port}`, port: bound.port };
}

/** Node does not tell of it as long as no container runs. */
async function bridgeAddress(): Promise<string> {
  const { stdout } = await promisify(execFile)("ip", ["-4", "-o", "addr", "show", BRIDGE]);
  const address = /inet ([\d.]+)/.exec(stdout)?.[1];
  if (address === undefined) throw new Error(`this machine has no ${BRIDGE}`);
  return address;
}
