// Probes through the ports that a real engine publishes.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createProbe } from "../../src/health/probe.js";
import { systemClock } from "../../src/system.js";
import { type UsedEngine, useEngine } from "../support/start-docker.js";
import { type TestRuntime, testRuntime } from "../support/test-runtime.js";
import { until } from "../support/until.js";

const probe = createProbe(systemClock);
const never = new AbortController().signal;
const ports = [{ name: "http", container: 8080 }];

let engine: UsedEngine;
let test: TestRuntime;
let address: string;

beforeAll(async () => {
  engine = await useEngine();
  test = await testRuntime(engine.socket, "127.0.0.1");
  address = (await test.runtime.info()).bridgeAddress ?? "";
}, 60_000);

afterAll(async () => {
  await test.cleanUp();
  await engine.stop();
}, 60_000);

async function started(config: object, hostPort: number, at: string): Promise<void> {
  const spec = test.spec({ ports, ...config }, { address: at, hostPorts: { http: hostPort } });
  await test.runtime.start((await test.runtime.create(spec)).id);
}

describe("a published port with nothing listening behind it", () => {
  it("fails the tcp probe again and again, on the bridge address and where the proxy accepts", async () => {
    const idle = { command: ["sleep", "1000"] };
    await started(idle, 19_351, address);
    await started(idle, 19_352, "127.0.0.1");
    for (let attempt = 0; attempt < 5; attempt++) {
      for (const [at, port] of [[address, 19_351] as const, ["127.0.0.1", 19_352] as const]) {
        const seen = await probe.attempt({ kind: "tcp", port: "http" }, at, port, 2000, never);
        expect(seen).toMatchObject({ passed: false });
      }
    }
  });
});

describe("a published port with a web server behind it", () => {
  it("passes the tcp and the http probe; a missing page fails with its status", async () => {
    await started({}, 19_353, address);
    const ask = (probed: Parameters<typeof probe.attempt>[0]) => probe.attempt(probed, address, 19_353, 2000, never);
    await until("the web server listens", async () => (await ask({ kind: "tcp", port: "http" })).passed);
    const page = await ask({ kind: "http", port: "http", path: "/healthz" });
    expect(page).toMatchObject({ passed: true, text: expect.stringMatching(/^200 in \d+ ms$/) });
    const missing = await ask({ kind: "http", port: "http", path: "/nothing" });
    expect(missing).toMatchObject({ passed: false, text: expect.stringMatching(/^404 in \d+ ms$/) });
  });
});
