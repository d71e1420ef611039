// From inside a container: discovery answers, what it names answers, the container's own advertised endpoint answers,
// and nothing can be changed there. On the machine's outward addresses nothing of ours is open.

import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transformFile } from "@swc/core";
import { Child } from "../support/child.js";
import { importNodeImage } from "../support/images.js";
import type { SeenContainer } from "../support/observed-engine.js";
import type { RunningServer } from "../support/theseus.js";
import type { AskPlan, Outcome, PlannedCall, Seen } from "./inside-caller.js";
import { answering, astray, type OpenPort, outwardAddresses, portsOfProcess, publishedPorts } from "./outward.js";
import type { Proof, Report, Size } from "./proof.js";
import { bytesField, groupRef, textField } from "./raw-grpc.js";
import { onStage, type Stage } from "./stage.js";

const CALLER = "/app/inside-caller.js";
const SHOP = { service: "shop", labels: ["dev"] };
const ASKER = { service: "asker", labels: ["dev"] };
const REFUSED = 12; // UNIMPLEMENTED

type Scene = {
  readonly stage: Stage;
  readonly server: RunningServer;
  readonly askers: readonly SeenContainer[];
  /** As DiscoveryService tells containers where it is. */
  readonly bridge: string;
  readonly calls: readonly PlannedCall[];
};

async function compiled(file: string): Promise<string> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const module = { type: "es6" } as const;
  return (await transformFile(path, { module, jsc: { target: "es2022", parser: { syntax: "typescript" } } })).code;
}

/** This machine's node, with a program that calls what it is told to. */
async function callerImage(stage: Stage): Promise<string> {
  const tag = `theseus-proof-caller-${randomBytes(4).toString("hex")}:1`;
  stage.keepImage(tag);
  const files = {
    "/app/package.json": '{"type":"module"}',
    "/app/raw-grpc.js": await compiled("./raw-grpc.ts"),
    [CALLER]: await compiled("./inside-caller.ts"),
  };
  await importNodeImage(stage.engine.socket, tag, { files, command: [CALLER, "serve"] });
  return tag;
}

/** Requests that would do something; methods that are not here are called with an empty one. */
const EFFECTIVE: Readonly<Record<string, Buffer>> = {
  CreateGroup: bytesField(1, groupRef({ service: "intruder", labels: [] })),
  UpdateGroup: bytesField(1, groupRef(SHOP)),
  ApplyGroups: bytesField(1, bytesField(1, groupRef(SHOP))),
  RemoveGroup: bytesField(1, groupRef(SHOP)),
  RemoveService: textField(2, SHOP.service),
  CreateNamespace: textField(1, "intruder"),
  GetNamespace: textField(1, "default"),
  RemoveNamespace: textField(1, "default"),
  GetHost: textField(1, "local"),
};

/** Every method that only people may call, from the protocol's text. */
async function theseusCalls(): Promise<PlannedCall[]> {
  const text = await readFile("proto/theseus/v1/theseus_service.proto", "utf8");
  return [...text.matchAll(/^ {2}rpc (\w+)\(/gm)].map(([, name = ""]) => ({
    method: `theseus.v1.TheseusService/${name}`,
    request: EFFECTIVE[name]?.toString("hex") ?? "",
  }));
}

async function setScene(stage: Stage, { shop, askers }: { shop: number; askers: number }): Promise<Scene> {
  const caller = await callerImage(stage);
  const server = await stage.startServer({ flags: ["--listen-http", "127.0.0.1:0"] });
  const stop = { grace: "1s" };
  const ports = { http: 8080, beacon: { container: 9, protocol: "udp" } };
  await stage.apply(server, {
    "shop/dev": { image: stage.image, instances: shop, ports, stop },
    "asker/dev": { image: caller, instances: askers, ports: { http: 8080 }, stop },
  });
  const ours = ["theseus.cluster", (await stage.store.clusterId()) ?? ""] as const;
  return {
    stage,
    server,
    askers: await stage.engine.containers(ours, ["theseus.service", "asker"]),
    bridge: (server.listeners.discovery ?? "").replace(/:\d+$/, ""),
    calls: await theseusCalls(),
  };
}

/** Where the server listens for people, on the addresses that a container could try. */
function forbidden({ server, bridge }: Scene, outward: readonly string[]): string[] {
  const portOf = (listener = "") => listener.split(":").at(-1);
  const private_ = [server.listeners.grpc, server.listeners.http].map(portOf);
  const ports = [...private_, portOf(server.listeners.discovery)];
  const ipv4 = outward.filter((address) => !address.includes(":"));
  return [
    ...private_.map((port) => `${bridge}:${port}`),
    ...ipv4.flatMap((address) => ports.map((port) => `${address}:${port}`)),
  ];
}

async function ask({ stage }: Scene, asker: SeenContainer, plan: AskPlan): Promise<Seen> {
  const printed = await stage.engine.exec(asker.id, ["/bin/node", CALLER, "ask", JSON.stringify(plan)]);
  return JSON.parse(printed) as Seen;
}

const differing = <T>(outcomes: readonly Outcome<T>[], right: (outcome: Outcome<T>) => boolean): string[] =>
  outcomes.filter((one) => !right(one)).map(({ what, got, problem }) => `${what}: ${problem ?? JSON.stringify(got)}`);

/** Compares with what Docker runs. */
async function judge({ stage, calls }: Scene, asker: SeenContainer, seen: Seen): Promise<string[]> {
  const ours = ["theseus.cluster", (await stage.store.clusterId()) ?? ""] as const;
  const running = await stage.engine.containers(ours);
  const names = (service: string) =>
    running.filter(({ labels }) => labels["theseus.service"] === service).map(({ name }) => name);
  const found = (outcome: Seen["lookups"][number]) => (outcome.got ?? []).map(({ name }) => name);
  const same = (a: readonly string[], b: readonly string[]) => [...a].sort().join() === [...b].sort().join();
  return [
    ...differing(seen.lookups, (lookup) => same(found(lookup), names(lookup.what))),
    ...differing(seen.endpoints, ({ what, got }) => got === what),
    ...differing([seen.own], ({ got }) => got === asker.name),
    ...differing(seen.calls, ({ got }) => got === REFUSED),
    ...differing(seen.connects, ({ problem }) => problem === "ECONNREFUSED"),
    ...(seen.calls.length >= calls.length && calls.length > 0 ? [] : ["not every call was tried"]),
    ...(seen.endpoints.length >= running.length ? [] : [`only ${seen.endpoints.length} endpoints were called`]),
  ].map((text) => `inside ${asker.name}: ${text}`);
}

/** Everything of this stage that listens. */
async function openPorts({ stage, server }: Scene): Promise<OpenPort[]> {
  const cluster = (await stage.store.clusterId()) ?? "";
  const { pid } = server.child;
  const own = pid === undefined ? [] : await portsOfProcess(pid, "the server");
  return [...own, ...(await publishedPorts(stage.engine, `theseus.cluster=${cluster}`))];
}

/** @param fewest how many ports there have to be, or the check has not seen them all. */
async function outwardReport(scene: Scene, fewest: number): Promise<Report> {
  const [addresses, ports] = [await outwardAddresses(), await openPorts(scene)];
  const numbers = new Set(ports.map(({ protocol, port }) => `${protocol} ${port}`));
  console.error(`inside: ${addresses.length} outward addresses, ${numbers.size} ports of ours`);
  const few = [
    ...(addresses.length > 0 ? [] : ["this machine has no outward address to try"]),
    ...(numbers.size >= fewest ? [] : [`only ${numbers.size} of ${fewest} ports were seen`]),
  ];
  const open = await answering(addresses, ports);
  return { cases: addresses.length * numbers.size, violations: [...few, ...astray(ports, scene.bridge), ...open] };
}

async function check(size: Size): Promise<Report> {
  const instances = size === "full" ? { shop: 8, askers: 8 } : { shop: 2, askers: 1 };
  return await onStage(async (stage) => {
    const scene = await setScene(stage, instances);
    const addresses = forbidden(scene, await outwardAddresses());
    const before = await stage.store.under("/services");
    const violations: string[] = [];
    let cases = 0;
    for (const asker of scene.askers) {
      const plan = { groups: [SHOP, ASKER], calls: scene.calls, addresses };
      const seen = await ask(scene, asker, plan);
      cases += Object.values(seen).flat().length;
      violations.push(...(await judge(scene, asker, seen)));
    }
    if (scene.askers.length !== instances.askers) violations.push(`${scene.askers.length} containers were asked`);
    const after = await stage.store.under("/services");
    if (JSON.stringify([...before]) !== JSON.stringify([...after])) violations.push("the store has changed");
    // Three listeners of the server, two ports of each shop and one of each asker.
    const outward = await outwardReport(scene, 3 + 2 * instances.shop + instances.askers);
    return { cases: cases + outward.cases, violations: [...violations, ...outward.violations] };
  });
}

/** Each part of the check, where what it looks for is there. Finds nothing as soon as one of them finds nothing. */
async function control(): Promise<Report> {
  return await onStage(async (stage) => {
    const scene = await setScene(stage, { shop: 1, askers: 1 });
    const parts = [
      ...(await onLoopback(scene)),
      await atThePeoplesListener(scene),
      await publishedEverywhere(scene),
      await listeningEverywhere(),
    ];
    const blind = parts.some((violations) => violations.length === 0);
    return { cases: parts.length, violations: blind ? [] : parts.flat() };
  });
}

/** Containers reach nothing by an address of the machine's loopback: neither discovery nor an endpoint. */
async function onLoopback(scene: Scene): Promise<string[][]> {
  const asker = scene.askers[0];
  if (asker === undefined) return [[]];
  const port = scene.server.listeners.discovery?.split(":").at(-1);
  const env = { CONTAINER_HOST_ADDRESS: "127.0.0.1", THESEUS_SERVER: `127.0.0.1:${port}` };
  const addresses = [scene.server.listeners.discovery ?? ""];
  const seen = await ask(scene, asker, { env, groups: [SHOP], calls: [], addresses });
  return [
    differing([seen.own], ({ got }) => got === asker.name),
    differing(seen.lookups, ({ got }) => got !== undefined),
    differing(seen.connects, ({ problem }) => problem === "ECONNREFUSED"),
  ];
}

/** The same program beside the server, at the listener that serves people. */
async function atThePeoplesListener({ server, calls }: Scene): Promise<string[]> {
  const path = fileURLToPath(new URL("./inside-caller.ts", import.meta.url));
  const plan: AskPlan = { groups: [], calls, addresses: [] };
  const args = ["--no-warnings", "--import", "tsx", path, "ask", JSON.stringify(plan)];
  const child = new Child(process.execPath, args, { env: { THESEUS_SERVER: server.listeners.grpc } });
  await child.ended;
  return differing((JSON.parse(child.stdout) as Seen).calls, ({ got }) => got === REFUSED);
}

/** A container with our labels whose port is published as Docker does it when told no address. */
async function publishedEverywhere(scene: Scene): Promise<string[]> {
  const { stage } = scene;
  const cluster = (await stage.store.clusterId()) ?? "";
  await scene.server.child.stop();
  const id = await stage.engine.create(`theseus-proof-${randomBytes(4).toString("hex")}`, {
    Image: stage.image,
    Labels: { "theseus.cluster": cluster },
    ExposedPorts: { "8080/tcp": {} },
    HostConfig: { PortBindings: { "8080/tcp": [{ HostIp: "0.0.0.0", HostPort: "0" }] } },
  });
  await stage.engine.start(id);
  const ports = await publishedPorts(stage.engine, `theseus.cluster=${cluster}`);
  const [told, tried] = [astray(ports, scene.bridge), await answering(await outwardAddresses(), ports)];
  return told.length === 0 || tried.length === 0 ? [] : [...told, ...tried];
}

/** This process, listening on every address. */
async function listeningEverywhere(): Promise<string[]> {
  const { createServer } = await import("node:net");
  const server = createServer().listen(0, "::");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    const ports = await portsOfProcess(process.pid, "a listener");
    const [told, tried] = [astray(ports, ""), await answering(await outwardAddresses(), ports)];
    return told.length === 0 || tried.length === 0 ? [] : [...told, ...tried];
  } finally {
    server.close();
  }
}

export const inside: Proof = { name: "inside", check, control };
