// A TCP proxy on loopback that a test can cut: at once, after so many bytes, or by swallowing everything.

import { connect, createServer, type Server, type Socket } from "node:net";

export class TcpProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #state: ProxyState;

  constructor(server: Server, port: number, sockets: Set<Socket>, state: ProxyState) {
    this.#server = server;
    this.port = port;
    this.#sockets = sockets;
    this.#state = state;
  }

  /** How many connections have been accepted so far. */
  get connections(): number {
    return this.#state.connections;
  }

  /** Breaks every connection; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on each connection is broken once it has brought that many bytes from the target; 0: no limit. */
  cutAfter(bytes: number): void {
    this.#state.limit = bytes;
  }

  /** Breaks every connection and takes no new one, until accept(). */
  refuse(): void {
    this.#state.refusing = true;
    this.cut();
  }

  accept(): void {
    this.#state.refusing = false;
  }

  /** Connections stay, bytes vanish in both directions, until release() breaks them. */
  swallow(): void {
    this.#state.swallowing = true;
  }

  /** What the target says vanishes, until release(); it hears everything. */
  deafen(): void {
    this.#state.deaf = true;
  }

  release(): void {
    this.#state.swallowing = false;
    this.#state.deaf = false;
    this.cut();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }
}

type ProxyState = { limit: number; refusing: boolean; swallowing: boolean; deaf: boolean; connections: number };

/** Forwards a free loopback port to that one. */
export function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const state: ProxyState = { limit: 0, refusing: false, swallowing: false, deaf: false, connections: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (state.refusing) {
      client.destroy();
      return;
    }
    state.connections++;
    forward(client, connect(targetPort, "127.0.0.1"), sockets, state);
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address !== "object" || address === null) reject(new Error("the proxy has no port"));
      else resolve(new TcpProxy(server, address.port, sockets, state));
    });
  });
}

function forward(client: Socket, target: Socket, sockets: Set<Socket>, state: ProxyState): void {
  let brought = 0;
  for (const [from, to] of [
    [client, target],
    [target, client],
  ] as const) {
    sockets.add(from);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on("data", (chunk: Buffer) => {
      if (state.swallowing || (state.deaf && from === target)) return;
      if (from === target) brought += chunk.length;
      if (state.limit > 0 && brought > state.limit) from.destroy();
      else to.write(chunk);
    });
  }
}
