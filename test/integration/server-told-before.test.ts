// Changes that cannot come about, as a person at the command line has them, against a whole server with Docker: each is
// told by its reason and exit code, and the container that serves was never touched for it. Docker's events are the witness.

import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { UpdateOrder } from "../../clients/gen/theseus/v1/group.js";
import { Stage } from "../proof/stage.js";
import { freePort } from "../support/free-port.js";
import { ObservedGroup } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { startTinyRegistry, type TinyRegistry } from "../support/tiny-registry.js";
import { until } from "../support/until.js";

const AT_ONCE = { seconds: 0n, nanos: 0 };
/** What a container does when it is stopped, or ends. */
const ENDINGS = ["kill", "stop", "die", "destroy", "pause", "restart", "oom"];

let stage: Stage;
let server: RunningServer;
let client: Connection;
let registry: TinyRegistry;
let closedRegistry: TinyRegistry;
let program: Server;
let ports: { readonly ofGroup: number; readonly ofContainer: number; readonly ofProgram: number };
let events: Awaited<ReturnType<Stage["engine"]["follow"]>>;

beforeAll(async () => {
  stage = await Stage.setUp();
  server = await stage.startServer();
  client = connect(server.listeners.grpc);
  await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
  events = await stage.engine.follow();
  registry = await startTinyRegistry("open");
  closedRegistry = await startTinyRegistry("closed");
  closedRegistry.login = "ann:secret";
  ports = { ofGroup: await freePort(), ofContainer: await freePort(), ofProgram: await freePort() };
  await takePorts();
}, 60_000);

afterAll(async () => {
  client?.close();
  events?.close();
  await Promise.all([registry?.close(), closedRegistry?.close()]);
  program?.close();
  await stage?.strike();
}, 60_000);

/** One port for each kind of holder. */
async function takePorts(): Promise<void> {
  await create("web/holder", UpdateOrder.AUTO, ports.ofGroup);
  const HostConfig = { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: String(ports.ofContainer) }] } };
  const body = { Cmd: ["sleep", "600"], ExposedPorts: { "80/tcp": {} }, HostConfig };
  await stage.engine.start(await stage.create(`stranger-${ports.ofContainer}`, {}, body));
  program = createServer().listen(ports.ofProgram, "0.0.0.0");
  await once(program, "listening");
}

/** One container that is stable at once. */
async function create(name: string, order: UpdateOrder, host?: number): Promise<ObservedGroup> {
  const group = new ObservedGroup(stage, name);
  const http = { name: "http", container: 8080, ...(host !== undefined && { host }) };
  const update = { order, minHealthyTime: AT_ONCE };
  await client.theseus.createGroup({ group: group.ref, config: { image: stage.image, ports: [http], update } });
  await until("it to be stable", async () => (await group.rollouts())[0]?.state === "done");
  return group;
}

type Case = {
  readonly what: string;
  readonly flags: () => readonly string[];
  readonly exit: number;
  readonly code: string;
  readonly says: () => string;
};

const CASES: readonly Case[] = [
  {
    what: "a command that is missing, with its path",
    flags: () => ["--cmd", "/no/such/program"],
    exit: 8,
    code: "ROLLED_BACK",
    says: () => "the command /no/such/program is not in the image",
  },
  {
    what: "a command that is missing, by its name",
    flags: () => ["--cmd", "no-such-program --now"],
    exit: 8,
    code: "ROLLED_BACK",
    says: () => "the command no-such-program is not in the image",
  },
  {
    what: "an image that no registry has",
    flags: () => ["--image", `${registry.host}/tiny:none`],
    exit: 7,
    code: "IMAGE_NOT_FOUND",
    says: () => `image ${registry.host}/tiny:none does not exist`,
  },
  {
    what: "a registry that asks who is there",
    flags: () => ["--image", `${closedRegistry.host}/tiny:1`],
    exit: 7,
    code: "IMAGE_DENIED",
    says: () => closedRegistry.host,
  },
  {
    what: "a registry that takes no connection",
    flags: () => ["--image", "127.0.0.1:1/tiny:1"],
    exit: 7,
    code: "REGISTRY_UNREACHABLE",
    says: () => "127.0.0.1:1",
  },
  {
    what: "less memory than the engine gives",
    flags: () => ["--mem", "5MiB"],
    exit: 2,
    code: "INVALID_REQUEST",
    says: () => "mem: 5 MiB is not between 6 MiB and 1024 TiB",
  },
  {
    what: "more memory than there is",
    flags: () => ["--mem", "4000GiB"],
    exit: 6,
    code: "NO_HOST_FITS",
    says: () => "are needed",
  },
  {
    what: "a port of another group",
    flags: () => ["-p", `http=8080:${ports.ofGroup}`],
    exit: 6,
    code: "PORT_TAKEN",
    says: () => `port ${ports.ofGroup} is taken by web/holder`,
  },
  {
    what: "a port of a container that is not ours",
    flags: () => ["-p", `http=8080:${ports.ofContainer}`],
    exit: 6,
    code: "PORT_TAKEN",
    says: () => `port ${ports.ofContainer} is taken by container stranger-`,
  },
  {
    what: "a port of a program outside Docker",
    flags: () => ["-p", `http=8080:${ports.ofProgram}`],
    exit: 6,
    code: "PORT_TAKEN",
    says: () => `port ${ports.ofProgram} on local is taken: held by a process outside Docker`,
  },
];

const isAboutPorts = ({ code }: Case): boolean => code === "PORT_TAKEN";
const ofOrder: Readonly<Record<string, (one: Case) => boolean>> = {
  "stop-first": () => true,
  // A fixed port is refused with it, whoever holds it.
  "start-first": (one) => !isAboutPorts(one) && one.exit > 2,
  auto: (one) => isAboutPorts(one) || one.exit === 8,
};

/** What becomes of the change, and of the container that was there before it. */
async function outcome({ what, flags, code, says }: Case, name: string, order: UpdateOrder) {
  const group = await create(name, order);
  const [before] = await group.ready(1);
  const { code: exit, stderr } = await server.theseus(["update", name, ...flags()], { patienceMs: 60_000 });
  const [after] = await group.ready(1);
  const lines = [`[${code}]`, says()].filter((text) => !stderr.includes(text));
  const isNow = /^ {2}now {3}.*(1 of 1 ready|nothing was)/m.test(stderr);
  return {
    ...{ what, exit, isSame: after?.id === before?.id },
    missing: lines.length === 0 && isNow ? [] : [...lines, stderr],
    endings: events.seen.filter(({ id, action }) => id === before?.id && ENDINGS.includes(action)),
  };
}

describe("a change that cannot come about is told before anything was stopped", () => {
  it.each([
    ["stop-first", UpdateOrder.STOP_FIRST],
    ["start-first", UpdateOrder.START_FIRST],
    ["auto", UpdateOrder.AUTO],
  ])(
    "with the order %s",
    async (order, value) => {
      const cases = CASES.filter((one) => ofOrder[order]?.(one));
      const outcomes = await Promise.all(cases.map((one, i) => outcome(one, `web/${order}-${i}`, value)));
      const as = { isSame: true, missing: [], endings: [] };
      expect(outcomes).toEqual(cases.map(({ what, exit }) => ({ what, exit, ...as })));
    },
    60_000,
  );
});

describe("start-first with a fixed port", () => {
  it("is refused as such, whoever holds the port", async () => {
    await create("web/fixed", UpdateOrder.START_FIRST);
    const { code, stderr } = await server.theseus(["update", "web/fixed", "-p", `http=8080:${ports.ofProgram}`]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`start-first is not possible: fixed port ${ports.ofProgram} (http)`),
    ]);
  }, 60_000);
});

describe("what was tried out", () => {
  it("leaves no container", async () => {
    const cluster = (await stage.store.clusterId()) ?? "";
    const trials = async () =>
      (await stage.engine.containers()).filter(({ labels }) => labels["theseus.trial"]?.startsWith(cluster));
    await until("the trials to be gone", async () => (await trials()).length === 0);
  });

  it("is tried again when the port is free, and then the change goes on", async () => {
    const group = await create("web/again", UpdateOrder.STOP_FIRST);
    const port = await freePort();
    const held = createServer().listen(port, "0.0.0.0");
    await once(held, "listening");
    const { code } = await server.theseus(["update", "web/again", "-p", `http=8080:${port}`]);
    expect(code).toBe(6);
    held.close();
    await once(held, "close");
    await until("the change to have come about", async () => (await group.rollouts())[0]?.state === "done", {
      withinMs: 30_000,
    });
    const [info] = await group.infos();
    expect(info?.port_mappings?.["http"]?.external).toBe(port);
  }, 60_000);
});
