// The stage of the errors: a group that holds a port, a process and a container that hold others, registries that refuse
// or say nothing, and addresses where nobody answers. All of it goes with close().

import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../support/free-port.js";
import type { RunningServer } from "../../support/theseus.js";
import { startTinyRegistry } from "../../support/tiny-registry.js";
import type { Stage } from "../stage.js";
import type { Scene } from "./cases.js";

export type SetScene = Scene & {
  readonly closed: string;
  /** Takes connections and says nothing. */
  readonly silent: string;
  close(): Promise<void>;
};

const GROUP = "web/frontend,prod";
const groupFor = (tag: string): string => `spare/${tag.slice(0, 4)}`;
/** Each form of an error, and once more where the first time was too late. */
const TAGS = ["text", "json", "text-again", "json-again"];

export async function setScene(stage: Stage, server: RunningServer): Promise<SetScene> {
  const folder = await mkdtemp(join(tmpdir(), "theseus-errors-"));
  const groupPort = await freePort();
  await applyGroups(stage, server, groupPort);
  const bridge = (await stage.store.infos())[0]?.instance_host ?? "";
  const holders = await Promise.all(TAGS.map(() => listen(bridge)));
  const [silent, ...silents] = [await listen("127.0.0.1"), ...(await Promise.all(TAGS.map(() => listen("127.0.0.1"))))];
  const [registry, locked] = [await startTinyRegistry("tiny"), await startTinyRegistry("locked")];
  locked.login = "ana:secret";
  return {
    image: stage.image,
    group: GROUP,
    groupPort,
    groupFor,
    processPort: (tag) => portOf(holders[TAGS.indexOf(tag)] ?? silent),
    strangerPort: await strangersPort(stage, bridge),
    registry: registry.host,
    lockedRegistry: locked.host,
    silentRegistry: (tag) => `127.0.0.1:${portOf(silents[TAGS.indexOf(tag)] ?? silent)}`,
    files: await groupFiles(folder, stage.image),
    closed: `127.0.0.1:${await freePort()}`,
    silent: `127.0.0.1:${portOf(silent)}`,
    close: async () => {
      for (const one of [...holders, ...silents, silent]) one.close();
      for (const one of [registry, locked]) await one.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function applyGroups(stage: Stage, server: RunningServer, port: number): Promise<void> {
  const spare = { image: stage.image, instances: 1, ports: { http: 8080 } };
  await stage.apply(server, {
    [GROUP]: { ...spare, ports: { http: { container: 8080, host: port } } },
    [groupFor("text")]: spare,
    [groupFor("json")]: spare,
  });
  await stage.theseus(server, "namespace", "create", "shop");
  await stage.apply(server, { "cart/-": { image: stage.image, instances: 0 } }, "-n", "shop");
}

async function groupFiles(folder: string, image: string): Promise<Scene["files"]> {
  const write = async (name: string, groups: object) => {
    await writeFile(join(folder, name), JSON.stringify({ version: 1, groups }));
    return join(folder, name);
  };
  const never = (tag: string) => join(folder, `never-${tag}.yaml`);
  for (const tag of TAGS)
    await write(`never-${tag}.yaml`, { [`never/${tag}`]: { image: "nowhere-to-be-had:1", pull: "never" } });
  return { bind: await write("bind.yaml", { "bind/-": { image, volumes: [{ bind: "/srv", at: "/srv" }] } }), never };
}

function listen(host: string): Promise<Server> {
  // What comes is taken, and never answered.
  const server = createServer((socket) => socket.on("error", () => undefined).resume()).unref();
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, host, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Published by a container that was made by hand. */
async function strangersPort(stage: Stage, host: string): Promise<number> {
  const port = await freePort();
  const id = await stage.create(
    `stranger-${randomBytes(4).toString("hex")}`,
    {},
    {
      ExposedPorts: { "8080/tcp": {} },
      HostConfig: { PortBindings: { "8080/tcp": [{ HostIp: host, HostPort: String(port) }] } },
    },
  );
  await stage.engine.start(id);
  return port;
}
