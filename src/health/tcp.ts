// The tcp probe: a connection that stays. Docker's proxy accepts for an application that does not listen, and closes.

import { connect, type Socket } from "node:net";
import type { Milliseconds } from "../model/instant.js";
import type { Clock } from "../model/ports.js";
import type { Seen, Target } from "./attempt.js";

const STAYS: Milliseconds = 100;

/** Passes when the connection is still open 100 ms after it was made. Rejects when it cannot be made. */
export async function probeTcp(clock: Clock, target: Target, until: AbortSignal): Promise<Seen> {
  const socket = connect({ host: target.address, port: target.port });
  until.addEventListener("abort", () => socket.destroy(), { once: true });
  try {
    const closing = closed(socket);
    await opened(socket, closing);
    const stayed = clock.sleep(STAYS, until).then((): Seen => ({ passed: true, text: "connection accepted and kept" }));
    return await Promise.race([stayed, closing]);
  } finally {
    socket.destroy();
  }
}

/** Resolves when the other side ends the connection, however it does; rejects never. */
function closed(socket: Socket): Promise<Seen> {
  return new Promise((resolve) => {
    const end = () => resolve({ passed: false, text: "connection accepted, but closed again at once" });
    // Data has to be read for the end to be seen.
    socket.resume().once("end", end).once("close", end);
  });
}

function opened(socket: Socket, closing: Promise<Seen>): Promise<unknown> {
  const connected = new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    // Stays on: an error after the connect is told as "closed", and must not be unheard.
    socket.on("error", reject);
  });
  return Promise.race([connected, closing.then(() => connected)]);
}
