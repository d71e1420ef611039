// The gRPC server itself: its two listeners, how calls end, what is logged, health, reflection, and stopping.

import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { GroupConfig } from "../../clients/gen/theseus/v1/group.js";
import { UpdateGroupRequest } from "../../clients/gen/theseus/v1/theseus_service.js";
import { createGrpcServer } from "../../src/grpc/server.js";
import { groupRef } from "../../src/model/reference.js";
import { systemClock } from "../../src/system.js";
import { noEvents } from "../support/no-events.js";
import { noLogs } from "../support/no-logs.js";
import { noStats } from "../support/no-stats.js";
import { until } from "../support/until.js";
import { FakeRegistrations } from "../unit/grpc/fake-registrations.js";
import { failureOf, type LogLine, type Rig, startRig } from "../unit/grpc/rig.js";

const run = promisify(execFile);
let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
  await rig.settled();
});
afterAll(() => rig.close());
beforeEach(() => {
  rig.log.lines.length = 0;
  rig.store.readConfig = Object.getPrototypeOf(rig.store).readConfig;
});

const bytes = (value: Buffer): Buffer => value;
/** A call of raw bytes, which the signal cancels. */
function raw(
  path: string,
  request: Buffer,
  { deadline, signal, client = rig.client }: { deadline?: number; signal?: AbortSignal; client?: Client } = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = deadline === undefined ? {} : { deadline };
    const call = client.makeUnaryRequest(path, bytes, bytes, request, new Metadata(), options, (error, answer) =>
      error === null && answer !== undefined ? resolve(answer) : reject(error),
    );
    signal?.addEventListener("abort", () => call.cancel());
  });
}
const theLine = (method: string): LogLine[] => rig.log.lines.filter(({ fields }) => fields.method === method);

describe("calls", () => {
  it("leave one log line each: reads that succeed at debug, the rest at info", async () => {
    await rig.discovery.listGroups({});
    await failureOf(rig.discovery.getGroup({ group: { service: "nope" } }));
    expect(theLine("theseus.v1.DiscoveryService/ListGroups")).toMatchObject([
      { level: "debug", fields: { code: "OK" } },
    ]);
    expect(theLine("theseus.v1.DiscoveryService/GetGroup")).toMatchObject([
      {
        level: "info",
        fields: { code: "NOT_FOUND", reason: "NO_SUCH_GROUP", request_id: expect.stringMatching(/^[0-9a-f]{8}$/) },
      },
    ]);
    expect(rig.calls.at(-1)).toMatchObject({ method: "theseus.v1.DiscoveryService/GetGroup", code: "NOT_FOUND" });
  });

  it("that meet a bug are INTERNAL with a request id that finds the cause in the log, and nothing else", async () => {
    rig.store.readConfig = () => Promise.reject(new Error("secret inside"));
    const failed = await failureOf(rig.theseus.updateGroup({ group: groupRef("web", []), config: { instances: 1 } }));
    expect(failed).toMatchObject({ code: 13, reason: "INTERNAL" });
    expect(JSON.stringify(failed)).not.toContain("secret");
    const [line] = theLine("theseus.v1.TheseusService/UpdateGroup");
    expect(line).toMatchObject({ level: "error", fields: { cause: expect.stringContaining("secret inside") } });
    expect(failed.text).toContain(String(line?.fields.request_id));
  });

  it("of bytes that are no message are INVALID_REQUEST", async () => {
    const failed = await failureOf(raw("/theseus.v1.DiscoveryService/Lookup", Buffer.from([0x0a, 0xff, 0xff])));
    expect(failed).toMatchObject({ code: 3, reason: "INVALID_REQUEST" });
  });

  it("that claim a time that no calendar has are done all the same: the time is the server's to say", async () => {
    const seconds = Buffer.from("08ffffffffffffff7f", "hex");
    const time = Buffer.concat([Buffer.from([0x22, seconds.length]), seconds]);
    const request = Buffer.concat([Buffer.from("\n\u0004late"), Buffer.from([0x1a, time.length]), time]);
    await raw("/theseus.v1.TheseusService/CreateNamespace", request);
    const { namespace } = await rig.theseus.getNamespace({ name: "late" });
    expect(namespace?.createTime?.getTime()).toBeLessThanOrEqual(systemClock.now());
  });

  it("larger than the limit are RESOURCE_EXHAUSTED, and unknown ones UNIMPLEMENTED", async () => {
    const large = raw("/theseus.v1.DiscoveryService/Lookup", Buffer.alloc(300 * 1024));
    await expect(large).rejects.toMatchObject({ code: 8 });
    await expect(raw("/theseus.v1.DiscoveryService/Nope", Buffer.alloc(0))).rejects.toMatchObject({ code: 12 });
    await expect(raw("/other.Service/Nope", Buffer.alloc(0))).rejects.toMatchObject({ code: 12 });
  });

  it("that nobody waits for any more are stopped, and logged as what they were", async () => {
    let seen = 0;
    rig.store.readConfig = () => {
      seen += 1;
      return new Promise(() => undefined);
    };
    const method = "theseus.v1.TheseusService/UpdateGroup";
    const asked = { group: groupRef("web", []), config: GroupConfig.fromPartial({ image: "a:1" }) };
    const request = Buffer.from(UpdateGroupRequest.encode(UpdateGroupRequest.fromPartial(asked as object)).finish());
    await expect(raw(`/${method}`, request, { deadline: Date.now() + 100 })).rejects.toMatchObject({ code: 4 });
    const cancelled = new AbortController();
    const second = expect(raw(`/${method}`, request, { signal: cancelled.signal })).rejects.toMatchObject({ code: 1 });
    await until("the second call has begun", () => seen === 2);
    cancelled.abort();
    await second;
    await until("both calls are logged", () => theLine(method).length === 2);
    expect(theLine(method)).toMatchObject([
      { level: "info", fields: { code: expect.stringMatching(/^(DEADLINE_EXCEEDED|CANCELLED)$/) } },
      { level: "info", fields: { code: "CANCELLED", reason: "CANCELLED" } },
    ]);
  });
});

describe("the listener for containers", () => {
  it("answers discovery, and refuses every call of TheseusService with the place to go to", async () => {
    await rig.innerDiscovery.listGroups({});
    const failed = await failureOf(rig.innerTheseus.createGroup({ group: { service: "web" } }));
    expect(failed).toMatchObject({ code: 12, reason: "NO_SUCH_CALL", now: "nothing was changed" });
    expect(failed.next).toContain(`theseus --server ${rig.address} server status`);
    expect(await failureOf(rig.innerTheseus.getServerStatus({}))).toMatchObject({ code: 12 });
  });
});

describe("health", () => {
  const check = (service: string, client = rig.client): Promise<Buffer> =>
    raw("/grpc.health.v1.Health/Check", Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)]), {
      client,
    });

  it("is SERVING once the catalog is loaded, for the server and each of its services", async () => {
    await until("the server is healthy", async () => (await check(""))[1] === 1);
    expect(await check("theseus.v1.TheseusService")).toEqual(Buffer.from([8, 1]));
    await expect(check("nobody.Knows")).rejects.toMatchObject({ code: 5 });
    await expect(check("theseus.v1.TheseusService", rig.innerClient)).rejects.toMatchObject({ code: 5 });
  });
});

describe("stopping", () => {
  it("tells watchers NOT_SERVING or that it stops, with the time to come back after, and lets go of the port", async () => {
    const other = await startRig();
    await other.settled();
    const client = new Client(other.address, credentials.createInsecure());
    const told: number[] = [];
    const stream = client.makeServerStreamRequest("/grpc.health.v1.Health/Watch", bytes, bytes, Buffer.alloc(0));
    const ended = new Promise<ServiceError>((resolve) => stream.on("error", resolve));
    stream.on("data", (data: Buffer) => told.push(data[1] ?? -1));
    await until("the first status", () => told.includes(1));
    await other.close();
    const failed = await failureOf(ended.then((error) => Promise.reject(error)));
    expect(failed).toMatchObject({ code: 14, reason: "NOT_READY", metadata: { retryable: "true" } });
    client.close();
    await new Promise<void>((resolve, reject) => {
      const [host, port] = other.address.split(":");
      const socket = createServer().once("error", reject);
      socket.listen(Number(port), host, () => socket.close(() => resolve()));
    });
  });
});

describe("an address that is taken", () => {
  it("is named, with what to do about it", async () => {
    const { store, catalog, log } = rig;
    const second = createGrpcServer({
      catalog,
      changes: store,
      store,
      directory: store,
      feed: store,
      reservations: async () => [],
      registrations: new FakeRegistrations(),
      election: { leader: async () => "" },
      membership: { serverId: "s2", servers: async () => [], isAwaited: async () => false },
      storage: rig.storage,
      logs: noLogs,
      stats: noStats,
      timeline: noEvents,
      clock: systemClock,
      rng: { hex: () => "0", fraction: () => 0 },
      log,
      rules: { allowHostAccess: false },
      version: "0.1.0",
      startTime: 0,
    });
    const port = Number(rig.address.split(":")[1]);
    const refused = second.listen({ host: "127.0.0.1", port });
    await expect(refused).rejects.toMatchObject({
      facts: {
        what: `this server cannot listen on 127.0.0.1:${port}`,
        why: [expect.stringContaining("taken by another program")],
        next: expect.arrayContaining([`ss -ltnp 'sport = :${port}'`]),
      },
    });
    await second.stop(100);
  });
});

describe("buf curl by reflection", () => {
  const curl = async (...more: string[]): Promise<string> => {
    const buf = ["node_modules/@bufbuild/buf/bin/buf", "curl", "--protocol", "grpc", "--http2-prior-knowledge"];
    const { stdout } = await run(process.execPath, [...buf, ...more], { cwd: process.cwd() });
    return stdout.trim();
  };

  it("lists both services outside, and discovery alone inside", async () => {
    expect((await curl("--list-services", `http://${rig.address}`)).split("\n").sort()).toEqual([
      "theseus.v1.DiscoveryService",
      "theseus.v1.TheseusService",
    ]);
    expect(await curl("--list-services", `http://${rig.inner}`)).toBe("theseus.v1.DiscoveryService");
  });

  it.each(["grpc-v1", "grpc-v1alpha"])("calls Lookup by %s", async (protocol) => {
    rig.store.putContainer(
      { ...groupRef("curl", []), name: "one" },
      { info: { instanceName: "one", instanceHost: "10.0.0.1", instancePort: 80, portMappings: {} } },
    );
    await rig.settled();
    const request = JSON.stringify({ selector: { service: "curl" } });
    const url = `http://${rig.inner}/theseus.v1.DiscoveryService/Lookup`;
    const answer = JSON.parse(await curl("--reflect-protocol", protocol, "-d", request, url));
    expect(answer).toMatchObject({ endpoints: [{ address: "10.0.0.1", port: 80, ready: true }], matchingGroups: 1 });
  });

  it("shows the rich error of a refused call", async () => {
    const url = `http://${rig.address}/theseus.v1.TheseusService/GetHost`;
    const refused = curl("-d", "{}", url);
    await expect(refused).rejects.toMatchObject({ stderr: expect.stringContaining("invalid_argument") });
  });
});
