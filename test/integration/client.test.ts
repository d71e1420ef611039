// The client package against a server of the same wire that says what it is told to say.

import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { parseAddresses } from "../../clients/addresses.js";
import { LookupResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { GetServerStatusResponse, RemoveGroupResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { type Connection, type ConnectOptions, connect, TheseusClientError } from "../../clients/index.js";
import { DISCOVERY_METHODS, THESEUS_METHODS } from "../../clients/methods.js";
import { type FakeTheseus, type Handlers, Refusal, startFakeTheseus } from "../support/fake-theseus.js";

const ending: (() => void)[] = [];
afterEach(() => {
  for (const end of ending.splice(0).reverse()) end();
});

async function fake(handlers: Handlers): Promise<FakeTheseus> {
  const server = await startFakeTheseus(handlers);
  ending.push(() => server.close());
  return server;
}

function open(address: string | readonly string[], options: ConnectOptions = {}): Connection {
  const connection = connect(address, options);
  ending.push(() => connection.close());
  return connection;
}

async function failureOf(promise: Promise<unknown>): Promise<TheseusClientError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TheseusClientError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** A listener that does this with every connection. */
async function listener(meet: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket.on("error", () => undefined));
    meet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ending.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? `127.0.0.1:${address.port}` : "";
}

/** An address where nothing listens. */
async function closedAddress(): Promise<string> {
  const server = await startFakeTheseus({});
  server.close();
  return server.address;
}

const NOT_READY = { code: status.UNAVAILABLE, reason: "NOT_READY", message: "the server is starting" };

describe("a call", () => {
  it("fills in what was left out, and keeps 64-bit numbers whole", async () => {
    const { address, calls } = await fake({
      lookup: () => LookupResponse.fromPartial({ revision: 9_007_199_254_740_993n }),
    });
    const { discovery } = open(address);
    const { revision } = await discovery.lookup({ target: { $case: "selector", value: { service: "web" } } });
    expect(revision).toBe(9_007_199_254_740_993n);
    expect(calls[0]?.request).toMatchObject({ port: "", includeNotReady: false, atLeastRevision: 0n });
  });

  it("fails with everything that the server said", async () => {
    const { address } = await fake({
      getServerStatus: () => {
        throw new Refusal({
          code: status.INVALID_ARGUMENT,
          reason: "INVALID_REQUEST",
          message: "2 things in the request are wrong",
          metadata: { why: "a\nb", now: "nothing was changed", next: "theseus x\ntheseus y", group: "web/dev" },
          violations: [{ field: "config.mem", description: "too small" }],
        });
      },
    });
    const error = await failureOf(open(address).theseus.getServerStatus({}));
    expect({ ...error }).toMatchObject({
      code: status.INVALID_ARGUMENT,
      reason: "INVALID_REQUEST",
      why: ["a", "b"],
      now: "nothing was changed",
      next: ["theseus x", "theseus y"],
      metadata: { group: "web/dev" },
      violations: [{ field: "config.mem", text: "too small" }],
      requestId: "7f3c91",
      retryable: false,
    });
    expect(error.message).toBe("2 things in the request are wrong");
  });

  it("that only reads is sent again while the server is not ready", async () => {
    let calls = 0;
    const { address } = await fake({
      getServerStatus: () => {
        calls += 1;
        if (calls < 3) throw new Refusal(NOT_READY);
        return GetServerStatusResponse.fromPartial({ version: "1.2.3" });
      },
    });
    expect((await open(address).theseus.getServerStatus({})).version).toBe("1.2.3");
    expect(calls).toBe(3);
  });

  it("that changes something is sent once", async () => {
    const server = await fake({
      removeGroup: () => {
        throw new Refusal(NOT_READY);
      },
    });
    expect(await failureOf(open(server.address).theseus.removeGroup({}))).toMatchObject({
      reason: "NOT_READY",
      retryable: true,
    });
    expect(server.calls).toHaveLength(1);
  });

  it("goes to the next address when nothing listens at the first, also when it changes something", async () => {
    const { address } = await fake({ removeGroup: () => RemoveGroupResponse.fromPartial({ revision: 7n }) });
    const { theseus } = open(`${await closedAddress()},${address}`);
    expect((await theseus.removeGroup({})).revision).toBe(7n);
  });

  it("goes to the next address when the first takes connections and never speaks", async () => {
    const { address } = await fake({ getServerStatus: () => GetServerStatusResponse.fromPartial({ version: "1" }) });
    const silent = await listener(() => undefined);
    const { theseus } = open([silent, address], { connectTimeout: 50 });
    expect((await theseus.getServerStatus({})).version).toBe("1");
  });

  it("says so when nothing answers anywhere", async () => {
    const refused = await failureOf(open(await closedAddress(), { retryFor: 0 }).theseus.getServerStatus({}));
    expect(refused).toMatchObject({
      reason: "SERVER_UNREACHABLE",
      why: [expect.stringMatching(/^connect ECONNREFUSED /)],
    });
    const silent = await listener(() => undefined);
    const mute = await failureOf(open(silent, { connectTimeout: 50, retryFor: 0 }).theseus.getServerStatus({}));
    expect(mute).toMatchObject({
      reason: "SERVER_UNREACHABLE",
      why: [expect.stringContaining("nothing there speaks gRPC")],
    });
  });

  it("whose answer is lost is unknown when it changes something, and unreachable when it only reads", async () => {
    const { address } = await fake({
      removeGroup: () => new Promise(() => undefined),
      getServerStatus: () => new Promise(() => undefined),
    });
    const { theseus } = open(address);
    expect(await failureOf(theseus.removeGroup({}, { deadline: 100 }))).toMatchObject({ reason: "OUTCOME_UNKNOWN" });
    expect(await failureOf(theseus.getServerStatus({}, { deadline: 100 }))).toMatchObject({
      reason: "SERVER_UNREACHABLE",
    });
  });

  it("ends when its signal says so, before, while and after it is sent", async () => {
    const { address } = await fake({ getServerStatus: () => new Promise(() => undefined) });
    const { theseus } = open(address);
    expect(await failureOf(theseus.getServerStatus({}, { signal: AbortSignal.abort() }))).toMatchObject({
      reason: "CANCELLED",
    });
    const stop = new AbortController();
    const call = failureOf(theseus.getServerStatus({}, { signal: stop.signal }));
    setImmediate(() => stop.abort());
    expect(await call).toMatchObject({ reason: "CANCELLED" });
  });

  it("that the server does not know says so", async () => {
    const { address } = await fake({});
    expect(await failureOf(open(address).theseus.createGroup({}))).toMatchObject({ reason: "NO_SUCH_CALL" });
  });
});

describe("addresses", () => {
  it("are one, several, with and without a port", () => {
    expect(parseAddresses("a, b:1,")).toEqual(["a:7700", "b:1"]);
    expect(parseAddresses(["[::1]:7700", "[::1]"])).toEqual(["[::1]:7700", "[::1]:7700"]);
    expect(() => parseAddresses(" ,")).toThrow(TypeError);
  });
});

describe("the calls that only read", () => {
  it.each([
    ["discovery_service", DISCOVERY_METHODS],
    ["theseus_service", THESEUS_METHODS],
  ])("of %s are those that the proto marks", (file, methods) => {
    const proto = readFileSync(`proto/theseus/v1/${file}.proto`, "utf8");
    const rpcs = [...proto.matchAll(/rpc (\w)(\w*)\([^{]*\{\s*option idempotency_level = (\w+);/g)];
    const marked = rpcs.map(([, first = "", rest = "", level]) => [
      first.toLowerCase() + rest,
      level === "NO_SIDE_EFFECTS",
    ]);
    const reading = Object.entries(methods).map(([name, { reads }]) => [name, reads]);
    expect(Object.fromEntries(reading)).toEqual(Object.fromEntries(marked));
  });
});
