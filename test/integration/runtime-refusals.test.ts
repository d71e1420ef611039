// The Runtime on a real engine: what it refuses, with which reason, and what it leaves alone.

import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createRuntime } from "../../src/docker/runtime.js";
import { systemClock, systemRng } from "../../src/system.js";
import { engineJson, engineRequest } from "../support/engine-api.js";
import { type UsedEngine, useEngine } from "../support/start-docker.js";
import { outputOf, silentLog, type TestRuntime, testRuntime } from "../support/test-runtime.js";

const ports = [{ name: "http", container: 8080 }];

let engine: UsedEngine;
let test: TestRuntime;
let address: string;
const strangers: string[] = [];

beforeAll(async () => {
  engine = await useEngine();
  test = await testRuntime(engine.socket, "127.0.0.1");
  address = (await test.runtime.info()).bridgeAddress ?? "";
}, 60_000);

afterAll(async () => {
  for (const id of strangers) await engineRequest(engine.socket, "DELETE", `/containers/${id}?force=1&v=1`);
  await test.cleanUp();
  await engine.stop();
}, 60_000);

async function strangerNamed(name: string, body: object = {}): Promise<string> {
  const path = `/containers/create?name=${name}`;
  const { Id } = await engineJson<{ Id: string }>(engine.socket, "POST", path, { Image: test.image, ...body });
  strangers.push(Id);
  return Id;
}

describe("a name that is held", () => {
  it("by our own unstarted container of the same generation counts as created, and gets its files again", async () => {
    const content = Buffer.from("new").toString("base64");
    const spec = test.spec({ files: [{ at: "/etc/note", content }], command: ["cat", "/etc/note"] });
    const { config, ...rest } = spec;
    const half = await test.runtime.create({ ...rest, config: { ...config, files: [] } });
    expect(await test.runtime.create(spec)).toEqual(half);
    await test.runtime.start(half.id);
    const ended = `/containers/${half.id}/wait?condition=not-running`;
    expect(await engineJson(engine.socket, "POST", ended)).toMatchObject({ StatusCode: 0 });
    expect(await outputOf(test.runtime, half.id)).toEqual(["new"]);
  });

  it("by our own of the same generation that was started already is CONFLICT: who asks looks again", async () => {
    const spec = test.spec({ command: ["true"] });
    const { id } = await test.runtime.create(spec);
    await test.runtime.start(id);
    await expect(test.runtime.create(spec)).rejects.toMatchObject({ reason: "CONFLICT" });
    expect(await engineJson(engine.socket, "GET", `/containers/${id}/json`)).toMatchObject({ Id: id });
  });

  it("by ours of another fingerprint, or by a stranger, is CONTAINER_EXISTS, and the holder is untouched", async () => {
    const spec = test.spec();
    const { id } = await test.runtime.create(spec);
    const other = { ...spec, owner: { ...spec.owner, fingerprint: "1-other" } };
    await expect(test.runtime.create(other)).rejects.toMatchObject({ reason: "CONTAINER_EXISTS" });
    const wanted = test.spec();
    const holder = await strangerNamed(wanted.name);
    await expect(test.runtime.create(wanted)).rejects.toMatchObject({
      reason: "CONTAINER_EXISTS",
      facts: { metadata: { holder } },
    });
    const listing = await test.runtime.list();
    expect(listing.strangers).toContainEqual({ id: holder, name: wanted.name, hostPorts: [] });
    expect(listing.ours.find((container) => container.id === id)?.status).toBe("created");
  });
});

describe("labels that are not whole", () => {
  it("make a stranger of a container with our cluster id", async () => {
    const labels = { "theseus.cluster": test.clusterId, "theseus.slot": "one" };
    const id = await strangerNamed(`odd-${test.clusterId}`, { Labels: labels });
    const listing = await test.runtime.list();
    expect(listing.ours.map((container) => container.id)).not.toContain(id);
    expect(listing.strangers.map((container) => container.id)).toContain(id);
  });

  it("or another cluster's id do too, with the host ports it holds", async () => {
    const labels = { ...(await ourLabels()), "theseus.cluster": "another" };
    const HostConfig = { PortBindings: { "8080/tcp": [{ HostIp: address, HostPort: "19341" }] } };
    const id = await strangerNamed(`another-${test.clusterId}`, {
      Labels: labels,
      ExposedPorts: { "8080/tcp": {} },
      HostConfig,
    });
    await engineJson(engine.socket, "POST", `/containers/${id}/start`);
    const listing = await test.runtime.list();
    expect(listing.strangers.find((container) => container.id === id)?.hostPorts).toEqual([19_341]);
  });

  async function ourLabels(): Promise<Record<string, string>> {
    const { id } = await test.runtime.create(test.spec());
    type Labelled = { Config: { Labels: Record<string, string> } };
    return (await engineJson<Labelled>(engine.socket, "GET", `/containers/${id}/json`)).Config.Labels;
  }
});

describe("a port that is taken", () => {
  it("by another container names that container", async () => {
    const first = test.spec({ ports }, { address, hostPorts: { http: 19_342 } });
    await test.runtime.start((await test.runtime.create(first)).id);
    const { id } = await test.runtime.create(test.spec({ ports }, { address, hostPorts: { http: 19_342 } }));
    await expect(test.runtime.start(id)).rejects.toMatchObject({
      reason: "PORT_TAKEN",
      facts: { metadata: { port: "19342", holder: "container", container: first.name } },
    });
    const left = (await test.runtime.list()).ours.find((container) => container.id === id);
    expect(left).toMatchObject({ status: "created" });
    expect(left).not.toHaveProperty("startedAt");
  });

  it("by a process says so in other words", async () => {
    const server: Server = createServer().listen(19_343, address);
    await once(server, "listening");
    try {
      const { id } = await test.runtime.create(test.spec({ ports }, { address, hostPorts: { http: 19_343 } }));
      await expect(test.runtime.start(id)).rejects.toMatchObject({
        reason: "PORT_TAKEN",
        facts: { metadata: { port: "19343", holder: "process" } },
      });
    } finally {
      server.close();
    }
  });
});

describe("a command that is not in the image", () => {
  it.each([
    ["with the init", { command: ["/no/such/bin"] }],
    ["with the init, by a name to be searched", { command: ["nosuchbin"] }],
    ["without the init", { command: ["/no/such/bin"], init: false }],
    ["without the init, by a name to be searched", { command: ["nosuchbin"], init: false }],
  ])("is COMMAND_NOT_FOUND naming it, %s", async (_, config) => {
    const { id } = await test.runtime.create(test.spec(config));
    await expect(test.runtime.start(id)).rejects.toMatchObject({
      reason: "COMMAND_NOT_FOUND",
      facts: { metadata: { command: config.command[0], image: test.image } },
    });
  });
});

describe("an image", () => {
  it("that is there is pinned by its id, whatever the policy allows to pull", async () => {
    expect(await test.runtime.resolveImage(test.tag, "missing")).toEqual({ pinned: test.image, hasHealthcheck: false });
    expect(await test.runtime.resolveImage(test.image, "always")).toEqual({
      pinned: test.image,
      hasHealthcheck: false,
    });
  });

  it("that is not there is told apart: never to be pulled, no registry, no name at all", async () => {
    const reason = (image: string, policy: "missing" | "never") =>
      test.runtime.resolveImage(image, policy).then(
        () => "found",
        (error: { reason: string; facts: { why: string[] } }) => `${error.reason} ${error.facts.why[0]}`,
      );
    expect(await reason("no-such-image:1", "never")).toMatch(/^IMAGE_NOT_FOUND .*never/);
    expect(await reason("127.0.0.1:1/no-such-image:1", "missing")).toMatch(/^REGISTRY_UNREACHABLE .*not on local/);
    expect(await reason("Not A Name", "missing")).toMatch(/^IMAGE_NOT_FOUND .*not the name/);
  });

  it("that vanished before the create is IMAGE_NOT_FOUND", async () => {
    const image = `sha256:${"0".repeat(64)}`;
    await expect(test.runtime.create(test.spec({}, { image }))).rejects.toMatchObject({ reason: "IMAGE_NOT_FOUND" });
  });
});

describe("a container that the engine does not take", () => {
  it("is CONTAINER_REFUSED with the engine's own words", async () => {
    await expect(test.runtime.create(test.spec({ mem: 1024 }))).rejects.toMatchObject({
      reason: "CONTAINER_REFUSED",
      facts: { why: [expect.stringMatching(/[Mm]inimum memory limit/)] },
    });
  });

  it("for a volume whose name somebody else holds is refused, and the volume stays", async () => {
    const spec = test.spec({ volumes: [{ name: "held", at: "/held", per: "group" }] });
    const probe = await test.runtime.create(spec);
    type Mounted = { Mounts: { Name: string }[] };
    const name =
      (await engineJson<Mounted>(engine.socket, "GET", `/containers/${probe.id}/json`)).Mounts[0]?.Name ?? "";
    await test.runtime.remove(probe.id);
    await engineJson(engine.socket, "DELETE", `/volumes/${name}`);
    await engineJson(engine.socket, "POST", "/volumes/create", { Name: name });
    try {
      await expect(test.runtime.create(spec)).rejects.toMatchObject({ reason: "CONTAINER_REFUSED" });
      expect(await engineJson(engine.socket, "GET", `/volumes/${name}`)).toMatchObject({ Name: name });
    } finally {
      await engineRequest(engine.socket, "DELETE", `/volumes/${name}`);
    }
  });
});

describe("an engine that is not there", () => {
  it("is HOST_UNREACHABLE naming the socket, for every kind of call", async () => {
    const options = { host: "far", url: "unix:///no/such/docker.sock", clusterId: () => "x", log: silentLog };
    const runtime = createRuntime({ ...options, clock: systemClock, rng: systemRng });
    const calls = [
      runtime.info(),
      runtime.list(),
      runtime.start("a"),
      runtime.create(test.spec()),
      runtime.aftermath("a"),
    ];
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({
        reason: "HOST_UNREACHABLE",
        retryable: true,
        facts: { what: "no answer from Docker on far", why: [expect.stringContaining("/no/such/docker.sock")] },
      });
    }
  });
});
