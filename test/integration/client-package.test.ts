// The client package as it is installed: what is in it, that its types are found in both ways of finding them, and that
// the programs in its README do what they say, against a server over a real etcd.

import { readFile, writeFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { systemClock } from "../../src/system.js";
import { Child } from "../support/child.js";
import { DiscoveryServer } from "../support/discovery-server.js";
import { PackedClient } from "../support/packed-client.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { until } from "../support/until.js";

let packed: PackedClient;
let etcd: TestEtcd;
let wire: EtcdWire;
let server: DiscoveryServer;
const children: Child[] = [];

beforeAll(async () => {
  packed = await PackedClient.make();
  etcd = await startEtcd();
  wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  server = await DiscoveryServer.start(etcd.endpoint);
}, 60_000);

afterAll(async () => {
  await server?.stop();
  wire?.close();
  await etcd?.stop();
  await packed?.remove();
});

afterEach(async () => {
  for (const child of children.splice(0)) await child.kill9();
});

async function put(group: string, name: string, ports: Readonly<Record<string, number>>): Promise<void> {
  const mappings = Object.entries(ports).map(([port, external]) => [port, { external, exposed: 80, protocol: "tcp" }]);
  const value = JSON.stringify({
    instance_name: name,
    instance_host: "127.0.0.1",
    instance_port: Object.values(ports)[0],
    port_mappings: Object.fromEntries(mappings),
  });
  const { revision } = await wire.txn([], [{ op: "put", key: keyOf(group, name), value }]);
  await server.reached(revision);
}

async function remove(group: string, name: string): Promise<void> {
  await wire.txn([], [{ op: "delete", key: keyOf(group, name) }]);
}

const keyOf = (group: string, name: string) => `/services/${group}/containers/${name}/info`;

/** One of the README's programs, begun as a person would begin it. */
async function example(name: string, env: Readonly<Record<string, string>> = {}): Promise<Child> {
  const text = await readFile("clients/README.md", "utf8");
  const source = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
  const found = source.find((code) => code.startsWith(`// ${name}\n`));
  if (found === undefined) throw new Error(`the README has no ${name}`);
  await writeFile(join(packed.folder, name), found);
  const child = new Child(process.execPath, [name], {
    cwd: packed.folder,
    env: { THESEUS_SERVER: server.address, NAMESPACE: "default", ...env },
  });
  children.push(child);
  return child;
}

async function says(child: Child, text: string): Promise<void> {
  await until(`the program to say ${text}; ${child.stderr}`, () => {
    if (child.hasEnded && !child.stdout.includes(text)) throw new Error(`it ended: ${child.stdout}${child.stderr}`);
    return child.stdout.includes(text);
  });
}

const CONSUMER = `
import { connect, getNodeList, register, registerTheseusResolver, runWatchHandlers, TheseusClientError } from "theseus-client";
import { watchService, ContainerState, type Endpoint, type ServiceState } from "theseus-client";
import { DiscoveryServiceService } from "theseus-client/gen/theseus/v1/discovery_service.js";

export async function use(): Promise<void> {
  const connection = connect(["a:1", "b:2"], { deadline: 5 });
  for await (const state of watchService(connection, { service: "web", labels: ["dev"] }, { acknowledge: true })) {
    const whole: ServiceState = state;
    const first: Endpoint | undefined = whole.endpoints[0];
    if (first?.container?.state === ContainerState.READY) break;
  }
  const nodes: string[] = await getNodeList("db", { ports: ["cql"], minimum: 2, timeout: 1_000 });
  registerTheseusResolver({ servers: nodes });
  runWatchHandlers({ handlers: { web: async ({ initial }) => (initial ? 0 : 1) } });
  const registration = await register("a", { group: "web/-", address: "192.0.2.1", ports: { http: 1 } });
  await registration.update({ weight: 5 }).catch((error: unknown) => error instanceof TheseusClientError);
  // @ts-expect-error: there is no such option
  watchService("a", "web", { acknowledges: true });
  const path: string = DiscoveryServiceService.watch.path;
  console.log(path);
}
`;

describe("the client package", () => {
  it("has in it what is built, its README, and nothing else", () => {
    const others = packed.files.filter((path) => !/^dist\/([a-z-]+|gen\/[a-z0-9_/]+)(\.d)?\.[jt]s$/.test(path));
    expect(others.sort()).toEqual(["README.md", "package.json"]);
    expect(packed.files).toEqual(expect.arrayContaining(["dist/index.js", "dist/index.d.ts"]));
    expect(packed.files.filter((path) => /\.ts$/.test(path) && !/\.d\.ts$/.test(path))).toEqual([]);
  });

  it("needs only grpc-js and protobuf at run time", async () => {
    const { dependencies } = JSON.parse(await readFile("clients/package.json", "utf8")) as { dependencies: object };
    const needed = new Set<string>();
    for (const path of packed.files.filter((file) => file.endsWith(".js"))) {
      const code = await readFile(join(packed.folder, "node_modules/theseus-client", path), "utf8");
      for (const [, from = ""] of code.matchAll(/^(?:import|export)[^"';]*?from "([^"]+)"/gm)) {
        const module = from.replace(/^node:/, "");
        if (!from.startsWith(".") && !builtinModules.includes(module)) needed.add(from.split("/", 2).join("/"));
      }
    }
    expect([...needed].sort()).toEqual(["@bufbuild/protobuf", "@grpc/grpc-js"]);
    expect(Object.keys(dependencies).sort()).toEqual([...needed].sort());
  });

  it.each([
    ["nodenext", ["--module", "nodenext"]],
    ["bundler", ["--module", "esnext", "--moduleResolution", "bundler"]],
  ])("has types that are found and right under %s", async (_name, options) => {
    expect(await packed.complaints("consumer.ts", CONSUMER, options)).toBe("");
  });
});

describe("the README's programs", () => {
  it("look up, and follow", async () => {
    await put("web/dev", "w1", { http: 8001 });
    const lookup = await example("lookup.js");
    await says(lookup, "w1 at 127.0.0.1:8001\nas of revision ");
    expect(await lookup.ended).toBe(0);
    const follow = await example("follow.js");
    await says(follow, ": 127.0.0.1:8001\n");
    await put("web/dev", "w2", { http: 8002 });
    await says(follow, ": 127.0.0.1:8001 127.0.0.1:8002\n");
    await remove("web/dev", "w1");
    await says(follow, ": 127.0.0.1:8002\n");
    await remove("web/dev", "w2");
  });

  it("call a service by its name", async () => {
    const port = Number(server.address.split(":")[1]);
    await put("web/dev", "w3", { grpc: port });
    const call = await example("call.js");
    await says(call, "answered by 0.1.0");
    expect(await call.ended).toBe(0);
    await remove("web/dev", "w3");
  });

  it("wait for others from inside, and know themselves", async () => {
    const guest = await example("guest.js", { SERVICE_NAME: "web", CONTAINER_NAME: "web.1", EXPOSED_PORT_HTTP: "80" });
    await put("db/dev", "d2", { cql: 9042, jmx: 7199 });
    await put("db/dev", "d1", { cql: 9043, jmx: 7198 });
    await says(guest, "web web.1 listens on 80\ndatabases: 127.0.0.1:9043:7198 127.0.0.1:9042:7199\n");
    expect(await guest.ended).toBe(0);
  });

  it("handle each change once, and stop on SIGTERM", async () => {
    await put("web/dev", "w4", { http: 8004 });
    const handlers = await example("handlers.js", { WATCHES: "web" });
    await says(handlers, "at first web is at 127.0.0.1:8004\n");
    await put("web/dev", "w5", { http: 8005 });
    await says(handlers, "now web is at 127.0.0.1:8004 127.0.0.1:8005\n");
    await handlers.stop();
    expect(await handlers.ended).toBe(0);
    expect(handlers.stdout.trim().split("\n")).toHaveLength(2);
  });

  it("register, and are gone when they close", async () => {
    const register = await example("register.js");
    await says(register, "registered as ");
    expect(await register.ended).toBe(0);
    const { kvs } = await wire.range({
      key: "/services/legacy/dev/containers/",
      end: "/services/legacy/dev/containers0",
    });
    expect(kvs).toEqual([]);
  });
});
