// An address in front of etcd that can turn into something else while it is used: a web server, something that says
// nothing, something that hangs up, nothing at all.

import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../../support/free-port.js";

export type FrontMode = "etcd" | "http" | "silent" | "closing" | "dead";

const NOT_FOUND = "HTTP/1.1 404 Not Found\r\ncontent-length: 3\r\nconnection: close\r\n\r\nno\n";

export class Front {
  readonly port: number;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #mode: FrontMode = "dead";
  #server: Server | undefined;

  private constructor(port: number, target: number) {
    this.port = port;
    this.#target = target;
  }

  /** In front of that port of loopback. */
  static async open(target: number, mode: FrontMode = "etcd"): Promise<Front> {
    const front = new Front(await freePort(), target);
    await front.become(mode);
    return front;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Whoever is connected is cut. */
  async become(mode: FrontMode): Promise<void> {
    this.#mode = mode;
    for (const socket of this.#sockets) socket.destroy();
    if (mode === "dead") await this.#stopListening();
    else if (this.#server === undefined) await this.#listen();
  }

  close(): Promise<void> {
    return this.become("dead");
  }

  async #listen(): Promise<void> {
    const server = createServer((socket) => this.#take(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, "127.0.0.1", resolve);
    });
  }

  async #stopListening(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  #take(socket: Socket): void {
    this.#keep(socket);
    switch (this.#mode) {
      case "etcd":
        this.#forward(socket);
        return;
      case "http":
        socket.once("data", () => socket.end(NOT_FOUND));
        return;
      case "silent":
        socket.resume();
        return;
      case "closing":
      case "dead":
        socket.destroy();
        return;
    }
  }

  #forward(socket: Socket): void {
    const target = connect(this.#target, "127.0.0.1");
    this.#keep(target);
    socket.pipe(target).pipe(socket);
    socket.on("close", () => target.destroy());
    target.on("close", () => socket.destroy());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
