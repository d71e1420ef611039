// Each kind of probe against servers on loopback that answer well, badly, slowly or not at all.

import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { Server as GrpcServer, ServerCredentials, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { createProbe } from "../../src/health/probe.js";
import type { Probed } from "../../src/model/defaults.js";
import { systemClock } from "../../src/system.js";
import { freePort } from "../support/free-port.js";

const probe = createProbe(systemClock);
const closing: (() => void)[] = [];
const tcp: Probed = { kind: "tcp", port: "p" };
const http: Probed = { kind: "http", port: "p", path: "/healthz" };
const grpc = (service: string): Probed => ({ kind: "grpc", port: "p", service });

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function ask(probed: Probed, port: number, timeout = 2000, signal = new AbortController().signal) {
  return probe.attempt(probed, "127.0.0.1", port, timeout, signal);
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const web = (listener: RequestListener) => listen(createHttpServer(listener));

describe("any probe", () => {
  it.each([tcp, http, grpc("")])("fails with the refused address where nothing listens: $kind", async (probed) => {
    const port = await freePort();
    expect(await ask(probed, port)).toEqual({ passed: false, text: `connect ECONNREFUSED 127.0.0.1:${port}` });
  });

  it.each([http, grpc("")])("fails when its time is over, and closes the connection: $kind", async (probed) => {
    const server = createServer((socket) => socket.resume());
    const port = await listen(server);
    const connected = once(server, "connection") as Promise<[Socket]>;
    expect(await ask(probed, port, 150)).toEqual({ passed: false, text: "no answer in 150 ms" });
    const [socket] = await connected;
    if (!socket.closed) await once(socket, "close");
  });

  it.each([tcp, http, grpc("")])("can be called off: $kind", async (probed) => {
    const port = await listen(createServer((socket) => socket.resume()));
    expect(await ask(probed, port, 2000, AbortSignal.abort())).toEqual({
      passed: false,
      text: "the probe was called off",
    });
    const ending = new AbortController();
    const seen = ask(probed, port, 20_000, ending.signal);
    ending.abort();
    expect((await seen).passed).toBe(false);
  });

  it.each([http, grpc("")])("fails on an answer in another language: $kind", async (probed) => {
    const port = await listen(
      createServer((socket) => socket.on("error", () => undefined).end("220 mail.example ESMTP\r\n")),
    );
    const seen = await ask(probed, port);
    expect(seen.passed).toBe(false);
    expect(seen.text).not.toBe("");
  });
});

describe("the tcp probe", () => {
  it("passes when the connection stays, whether the server speaks or not", async () => {
    const mute = await listen(createServer((socket) => socket.resume()));
    const talking = await listen(createServer((socket) => socket.write("hello")));
    for (const port of [mute, talking]) expect(await ask(tcp, port)).toMatchObject({ passed: true });
  });

  it("fails when the connection is accepted and closed or reset again", async () => {
    const closes = await listen(createServer((socket) => socket.end()));
    const resets = await listen(createServer((socket) => socket.resetAndDestroy()));
    for (const port of [closes, resets]) {
      expect(await ask(tcp, port)).toMatchObject({ passed: false, text: expect.stringMatching(/closed|ECONNRESET/) });
    }
  });
});

describe("the http probe", () => {
  it.each([
    [200, true],
    [204, true],
    [302, true],
    [404, false],
    [503, false],
  ])("sees %d as passed: %s", async (code, passed) => {
    const asked: string[] = [];
    const port = await web((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(code, { location: "/elsewhere" }).end();
    });
    expect(await ask(http, port)).toMatchObject({
      passed,
      text: expect.stringMatching(new RegExp(`^${code} in \\d+ ms$`)),
    });
    expect(asked).toEqual(["GET /healthz"]);
  });

  it("does not wait for the end of an endless body", async () => {
    const port = await web((_, response) => {
      response.on("error", () => undefined);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on("drain", more);
      more();
    });
    expect(await ask(http, port)).toMatchObject({ passed: true });
  });

  it("fails when the body breaks off", async () => {
    const port = await web((_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("half", () => response.destroy());
    });
    expect(await ask(http, port)).toMatchObject({ passed: false });
  });
});

describe("the grpc probe", () => {
  const bytes = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  const path = "/grpc.health.v1.Health/Check";

  function same(value: Buffer): Buffer {
    return value;
  }

  async function healthServer(): Promise<number> {
    const server = new GrpcServer();
    const Check = { path, requestStream: false, responseStream: false, ...bytes } as const;
    server.addService(
      { Check },
      {
        Check: (call: { request: Buffer }, answer: (error: object | null, value?: Buffer) => void) => {
          const service = call.request.subarray(2).toString();
          if (service === "") return answer(null, Buffer.from([0x08, 1]));
          if (service === "away") return answer(null, Buffer.from([0x08, 2]));
          return answer({ code: status.NOT_FOUND, details: "unknown service" });
        },
      },
    );
    closing.push(() => server.forceShutdown());
    return await new Promise((resolve, reject) => {
      const bound = (error: Error | null, port: number) => (error === null ? resolve(port) : reject(error));
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), bound);
    });
  }

  it("passes on SERVING and tells anything else by its name", async () => {
    const port = await healthServer();
    expect(await ask(grpc(""), port)).toMatchObject({
      passed: true,
      text: expect.stringMatching(/^SERVING in \d+ ms$/),
    });
    expect(await ask(grpc("away"), port)).toMatchObject({
      passed: false,
      text: expect.stringMatching(/^NOT_SERVING in/),
    });
    expect(await ask(grpc("x".repeat(200)), port)).toMatchObject({
      passed: false,
      text: expect.stringMatching(/^NOT_FOUND in/),
    });
  });

  it("fails on a server without the health service", async () => {
    const server = new GrpcServer();
    closing.push(() => server.forceShutdown());
    const port = await new Promise<number>((resolve) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, bound) => resolve(bound));
    });
    expect(await ask(grpc(""), port)).toMatchObject({
      passed: false,
      text: expect.stringMatching(/^UNIMPLEMENTED in/),
    });
  });
});
