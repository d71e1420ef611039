// The address of Docker's default bridge on this machine, found without asking the engine.

import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";

const BRIDGE = "docker0";

/** Undefined while there is no bridge. */
export function bridgeAddress(): string | undefined {
  const listed = networkInterfaces()[BRIDGE]?.find(({ family }) => family === "IPv4")?.address;
  return listed ?? idleAddress(textOf("/proc/net/route"), textOf("/proc/net/fib_trie"));
}

/**
 * A bridge without containers has no carrier, and node lists no such interface. The kernel's tables have it all the
 * same: the routes say which subnet is the bridge's, the trie which address in it is this machine's own.
 */
export function idleAddress(routes: string, trie: string): string | undefined {
  const fields = routes.split("\n").map((line) => line.split(/\s+/));
  const route = fields.find(([name, , gateway]) => name === BRIDGE && gateway === "00000000");
  if (route === undefined) return undefined;
  const [, network = "", , , , , , mask = ""] = route;
  const own = [...trie.matchAll(/\|-- (\d+(?:\.\d+){3})\n\s+\/32 host LOCAL/g)].map(([, address = ""]) => address);
  return own.find((address) => (numberOf(address) & bits(mask)) >>> 0 === bits(network) >>> 0);
}

/** The kernel writes addresses in routes as hex in its own byte order, which is little-endian wherever Docker runs. */
function bits(hex: string): number {
  return numberOf(
    (hex.match(/../g) ?? [])
      .map((byte) => Number.parseInt(byte, 16))
      .reverse()
      .join("."),
  );
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => (sum << 8) | Number(part), 0);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
