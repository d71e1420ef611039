// Programs inside managed containers, made of this machine's node and the client package as it is packed: they know
// themselves, wait for others, hear of each change once, and call a service that grows.

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/index.js";
import { Stage } from "../proof/stage.js";
import { clientFiles } from "../support/client-in-image.js";
import { engineRequest } from "../support/engine-api.js";
import { importNodeImage } from "../support/images.js";
import { ObservedGroup } from "../support/observed-group.js";
import { PackedClient } from "../support/packed-client.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const IMAGE = `theseus-client-${randomBytes(4).toString("hex")}:1`;

/** Each says on standard output what it finds, a line of JSON at a time. */
const PROGRAMS = {
  "/app/guest.mjs": `
    import * as guest from "theseus-client";
    const say = (what) => console.log(JSON.stringify(what));
    say({
      self: [guest.getEnvironmentName(), guest.getServiceName(), guest.getGroupLabels().join()],
      name: guest.getContainerName(),
      ports: [guest.getPort("http"), guest.getExposedPort("http")],
      addresses: [guest.getContainerHostAddress(), guest.getContainerInternalAddress()],
      specific: [
        await guest.getSpecificHost(guest.getServiceName(), guest.getContainerName()),
        await guest.getSpecificPort(guest.getServiceName(), "dev:1", "http"),
        await guest.getSpecificPort(guest.getServiceName(), "dev:1", "none", 7),
      ],
    });
    await guest.getNodeList("web", { minimum: 99, timeout: 300 }).catch(({ reason }) => say({ reason }));
    say({ nodes: await guest.getNodeList("web", { ports: ["http", "admin"], minimum: 2, labels: ["dev"], timeout: 60_000 }) });
    const running = guest.runWatchHandlers({
      handlers: { web: ({ initial, nodes }) => say({ initial, run: nodes }) },
    });
    process.once("SIGTERM", () => running.stop());
    await running.ended;
  `,
  "/app/greeter.mjs": `
    import { Server, ServerCredentials } from "@grpc/grpc-js";
    import { GetServerStatusResponse, TheseusServiceService as service } from "theseus-client/gen/theseus/v1/theseus_service";
    import { getContainerName, getExposedPort } from "theseus-client";
    const server = new Server();
    const nothing = Object.fromEntries(Object.keys(service).map((name) => [name, (_, end) => end({ code: 12 })]));
    const answer = GetServerStatusResponse.fromPartial({ version: getContainerName() });
    server.addService(service, { ...nothing, getServerStatus: (_, end) => end(null, answer) });
    server.bindAsync("0.0.0.0:" + getExposedPort("grpc"), ServerCredentials.createInsecure(), () => undefined);
    process.once("SIGTERM", () => server.tryShutdown(() => process.exit(0)));
  `,
  "/app/caller.mjs": `
    import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
    import { TheseusServiceService as service } from "theseus-client/gen/theseus/v1/theseus_service";
    import { registerTheseusResolver } from "theseus-client";
    registerTheseusResolver();
    const Greeter = makeGenericClientConstructor(service, "Greeter");
    const greeter = new Greeter("theseus:///greeter?labels=dev&port=grpc", credentials.createInsecure());
    const met = new Set();
    const ask = () =>
      greeter.getServerStatus({}, { deadline: Date.now() + 5000 }, (error, answer) => {
        const who = error?.details ?? answer.version;
        if (!met.has(who)) console.log(JSON.stringify({ who, at: Date.now() }));
        met.add(who);
        setTimeout(ask, 20);
      });
    ask();
    process.once("SIGTERM", () => process.exit(0));
  `,
};

let stage: Stage;
let packed: PackedClient;
let server: RunningServer;
let client: Connection;

beforeAll(async () => {
  packed = await PackedClient.make();
  stage = await Stage.setUp(undefined, "embedded");
  stage.keepImage(IMAGE);
  await importNodeImage(stage.engine.socket, IMAGE, {
    files: { ...(await clientFiles(packed, "/app")), ...PROGRAMS },
    changes: ["WORKDIR /app"],
  });
  server = await stage.startServer();
  client = connect(server.listeners.grpc);
  await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
}, 60_000);

afterAll(async () => {
  client?.close();
  await stage?.strike();
  await packed?.remove();
}, 60_000);

type Said = Readonly<Record<string, unknown>>;

/** What the only container of a group has said so far. */
async function said(group: ObservedGroup): Promise<Said[]> {
  const [container] = await group.containers();
  if (container === undefined) return [];
  const path = `/containers/${container.id}/logs?stdout=1&stderr=1`;
  const { body } = await engineRequest(stage.engine.socket, "GET", path);
  const lines = body.split("\n").flatMap((line) => /\{.*\}$/.exec(line)?.[0] ?? []);
  return lines.map((line) => JSON.parse(line) as Said);
}

async function scale(group: ObservedGroup, instances: number): Promise<void> {
  await client.theseus.updateGroup({ group: group.ref, config: { instances }, updateMask: ["instances"] });
}

async function nodesOf(service: string, port: string): Promise<string[]> {
  const target = { $case: "selector" as const, value: { service } };
  const { endpoints } = await client.discovery.lookup({ target, port });
  return endpoints.map((endpoint) => `${endpoint.address}:${endpoint.port}`);
}

describe("a program inside a container", () => {
  it("knows itself, waits for the others that it needs, and hears of each change once", async () => {
    const [app, web] = [new ObservedGroup(stage, "app/dev"), new ObservedGroup(stage, "web/dev")];
    const http = [{ name: "http", container: 8080 }];
    const config = {
      args: ["guest.mjs"],
      ports: http,
      env: { WATCHES: "web" },
      health: { check: { $case: "none", value: {} } },
    };
    await client.theseus.createGroup({ group: app.ref, config: { image: IMAGE, instances: 1, ...config } as never });
    await until("it to have waited in vain", async () => (await said(app)).length >= 2);
    const ports = [...http, { name: "admin", container: 8081 }];
    const healthy = { check: { $case: "http", value: { port: "http", path: "/healthz" } } };
    await client.theseus.createGroup({
      group: web.ref,
      config: { image: stage.image, instances: 2, ports, health: healthy } as never,
    });
    await web.ready(2);
    const runs = async () => (await said(app)).filter(({ run }) => run !== undefined);
    await until("the first run", async () => (await runs()).length > 0);
    await scale(web, 3);
    await web.ready(3);
    const three = await nodesOf("web", "http");
    await until("a run for three", async () => (await runs()).some(({ run }) => `${run}` === three.join()));
    const [self, missed, list] = await said(app);
    const [own] = await nodesOf("app", "http");
    const [host = "", port] = own?.split(":") ?? [];
    expect(self).toMatchObject({
      self: ["default", "app", "dev"],
      name: expect.stringMatching(/^app\.dev\.1\.\d+-/),
      ports: [Number(port), 8080],
      addresses: [host, expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/)],
      specific: [host, Number(port), 7],
    });
    expect(missed).toEqual({ reason: "NOT_ENOUGH" });
    expect((list as { nodes: string[] }).nodes.map((node) => node.split(":").length)).toEqual([3, 3]);
    const found = await runs();
    expect(found.map(({ initial }) => initial)).toEqual([true, ...found.slice(1).map(() => false)]);
    // One run per change: no two for the same endpoints, one after another.
    const told = found.map(({ run }) => `${run}`);
    expect(told.filter((text, index) => text === told[index - 1])).toEqual([]);
    expect(told).toEqual([three.slice(0, 2).join(), three.join()]);
  });

  it("calls a service by its name, and the new container of it as soon as there is one", async () => {
    const [greeter, caller] = [new ObservedGroup(stage, "greeter/dev"), new ObservedGroup(stage, "caller/dev")];
    const ports = [{ name: "grpc", container: 50_051 }];
    const config = { image: IMAGE, instances: 1 };
    await client.theseus.createGroup({ group: greeter.ref, config: { ...config, args: ["greeter.mjs"], ports } });
    await greeter.ready(1);
    await client.theseus.createGroup({ group: caller.ref, config: { ...config, args: ["caller.mjs"] } });
    const who = async () => (await said(caller)).map((line) => line["who"]);
    const [first] = await greeter.containers();
    await until("the first to be called", async () => (await who()).includes(first?.name));
    await scale(greeter, 3);
    const three = (await greeter.ready(3)).map(({ name }) => name).sort();
    await until("all three to be called", async () => (await who()).length >= 3);
    expect((await who()).sort()).toEqual(three);
  });
});
