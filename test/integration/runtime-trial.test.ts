// Trials on a real engine: ports that programs and containers hold are found without anything that serves, and nothing stays.

import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { engineJson } from "../support/engine-api.js";
import { freePort } from "../support/free-port.js";
import { type UsedEngine, useEngine } from "../support/start-docker.js";
import { type TestRuntime, testRuntime } from "../support/test-runtime.js";

let engine: UsedEngine;
let test: TestRuntime;
let address: string;
const programs: Server[] = [];

beforeAll(async () => {
  engine = await useEngine();
  test = await testRuntime(engine.socket, "127.0.0.1");
  address = (await test.runtime.info()).bridgeAddress ?? "";
}, 60_000);

afterAll(async () => {
  for (const program of programs) program.close();
  await test.cleanUp();
  await engine.stop();
}, 60_000);

async function heldPort(host: string): Promise<number> {
  const port = await freePort();
  const program = createServer().listen(port, host);
  programs.push(program);
  await once(program, "listening");
  return port;
}

async function trials(): Promise<readonly object[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`theseus.trial=${test.clusterId}/u${test.clusterId}`] }));
  return await engineJson<object[]>(engine.socket, "GET", `/containers/json?all=1&filters=${filters}`);
}

const fixed = (host: number, more: object = {}) =>
  test.spec({ ports: [{ name: "http", container: 8080, host }], ...more }, { address, hostPorts: { http: host } });

describe("a trial", () => {
  it("finds a port that a program holds, on the address of the bridge or on all", async () => {
    for (const host of [address, "0.0.0.0"]) {
      const port = await heldPort(host);
      await expect(test.runtime.tryOut(fixed(port), ["http"])).rejects.toMatchObject({
        reason: "PORT_TAKEN",
        facts: { metadata: { port: String(port), holder: "process" } },
      });
    }
    expect(await trials()).toEqual([]);
  });

  it("finds one that a container publishes, and names it", async () => {
    const port = await freePort();
    const holder = fixed(port);
    const { id } = await test.runtime.create(holder);
    await test.runtime.start(id);
    await expect(test.runtime.tryOut(fixed(port), ["http"])).rejects.toMatchObject({
      reason: "PORT_TAKEN",
      facts: { why: [`held by container ${holder.name} on local`] },
    });
    // The slot's own old container gives its port back: it is not asked for.
    await test.runtime.tryOut(fixed(port), []);
    expect(await trials()).toEqual([]);
  });

  it("of the host's own network finds them too", async () => {
    const port = await heldPort("0.0.0.0");
    const config = { ports: [{ name: "http", container: port }], networks: ["host"] };
    const spec = test.spec(config, { address, hostPorts: { http: port } });
    await expect(test.runtime.tryOut(spec, ["http"])).rejects.toMatchObject({ reason: "PORT_TAKEN" });
    await test.runtime.tryOut(spec, []);
  });

  it("passes where the ports are free, of both protocols, and lets them go again", async () => {
    const port = await freePort();
    const ports = [
      { name: "http", container: 8080, host: port },
      { name: "dns", container: 53, host: port, protocol: "udp" as const },
    ];
    await test.runtime.tryOut(test.spec({ ports }, { address, hostPorts: { http: port, dns: port } }), ["http", "dns"]);
    const program = createServer().listen(port, address);
    programs.push(program);
    await once(program, "listening");
    expect(await trials()).toEqual([]);
  });

  it("that was left over is removed, and is nobody's before that", async () => {
    const labels = { "theseus.trial": `${test.clusterId}/u${test.clusterId}` };
    const body = { Image: test.image, Labels: labels };
    const { Id } = await engineJson<{ Id: string }>(engine.socket, "POST", "/containers/create", body);
    const { ours, strangers } = await test.runtime.list();
    expect([...ours, ...strangers].map(({ id }) => id)).not.toContain(Id);
    await test.runtime.removeTrials();
    expect(await trials()).toEqual([]);
  });
});
