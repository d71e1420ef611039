// The address of Docker's default bridge, read from this machine's interfaces, so that it is known without the engine.

import { networkInterfaces } from "node:os";

const BRIDGE = "docker0";

/** Undefined while there is no bridge. */
export function bridgeAddress(): string | undefined {
  return networkInterfaces()[BRIDGE]?.find(({ family }) => family === "IPv4")?.address;
}
