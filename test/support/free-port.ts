// Ports on loopback that nobody listens on at this moment, and that nobody is given by chance before they are used: below
// the host ports of Theseus (20000) and the kernel's own for outgoing connections (32768).

import { randomInt } from "node:crypto";
import { createServer } from "node:net";

const FIRST = 10_000;
const LAST = 19_999;
const TRIES = 100;

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
  }
  throw new Error(`${TRIES} ports between ${FIRST} and ${LAST} were tried, and all were taken`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
