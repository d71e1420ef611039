// The viewer that a server starts beside itself: where it is, that it is there again, and that it ends with its server.

import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { Stage } from "../proof/stage.js";
import { Child } from "../support/child.js";
import { freePort } from "../support/free-port.js";
import { BIN, type RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

let stage: Stage;
let server: RunningServer | undefined;

beforeAll(async () => {
  stage = await Stage.setUp(undefined, "embedded");
}, 60_000);

afterEach(() => server?.child.stop());
afterAll(() => stage?.strike(), 60_000);

const isWell = (url: string) =>
  fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Of the process that listens for this server's viewer. */
function viewerOf(running: RunningServer): number | undefined {
  const path = `/proc/${running.child.pid}/task/${running.child.pid}/children`;
  const [child] = readFileSync(path, "utf8").trim().split(" ");
  return child === undefined || child === "" ? undefined : Number(child);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("the viewer of a server", () => {
  it("is where it was asked for, is started again when it dies, and ends with a server that is killed", async () => {
    server = await stage.startServer({ viewer: "127.0.0.1:0" });
    const { viewer: url = "" } = server.listeners;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    await until("the viewer to answer", () => isWell(url));
    const first = viewerOf(server);
    expect(first).toBeDefined();
    process.kill(first ?? 0, "SIGKILL");
    await until("it to answer again", async () => (await isWell(url)) && server && viewerOf(server) !== first);
    const second = viewerOf(server) ?? 0;
    await server.child.kill9();
    await until("the viewer to be gone", () => !isThere(second));
    server = undefined;
  }, 60_000);

  it("ends with a server that is asked to stop", async () => {
    server = await stage.startServer({ viewer: "127.0.0.1:0" });
    const { viewer: url = "" } = server.listeners;
    await until("the viewer to answer", () => isWell(url));
    const pid = viewerOf(server) ?? 0;
    await server.child.stop();
    expect(isThere(pid)).toBe(false);
    server = undefined;
  }, 60_000);

  it("keeps nobody from starting where its usual address is taken, and is an error where it was asked for", async () => {
    const port = await freePort();
    const there = createServer();
    await new Promise<void>((resolve) => there.listen(port, "127.0.0.1", resolve));
    try {
      const args = ["server", "start", ...stage.kept.serverFlags, "--listen-discovery", "off", "--listen-http", "off"];
      const usual = new Child(process.execPath, [BIN, ...args, "-o", "json", "--listen", `127.0.0.1:${port - 1}`]);
      await until("it to listen", () => usual.stdout.includes("\n") || usual.hasEnded);
      expect(JSON.parse(usual.stdout)).not.toHaveProperty("viewer");
      expect(usual.stderr).toContain("no viewer: its address is taken");
      await usual.stop();
      const asked = ["--listen", "127.0.0.1:0", "--listen-viewer", `127.0.0.1:${port}`];
      const refused = new Child(process.execPath, [BIN, ...args, ...asked]);
      expect(await refused.ended).toBe(2);
      expect(refused.stderr).toMatch(/^error: this server cannot listen on 127.*\n {2}why .*taken.*\n {2}now /);
    } finally {
      there.close();
    }
  }, 60_000);
});

describe("theseus viewer", () => {
  it.each([
    [["--listen", "0.0.0.0:0"], "can be reached by other machines, without TLS"],
    [["--listen", "nowhere"], "is not an address to listen on"],
    [["--allow-host", "http://a"], "is not the name of a host"],
  ])("refuses %j", async (flags, text) => {
    const child = new Child(process.execPath, [BIN, "viewer", ...flags]);
    expect(await child.ended).toBe(2);
    expect(child.stderr).toContain(text);
  });

  it("says which address is taken", async () => {
    const there = createServer();
    await new Promise<void>((resolve) => there.listen(0, "127.0.0.1", resolve));
    const bound = there.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    try {
      const child = new Child(process.execPath, [BIN, "viewer", "--listen", `127.0.0.1:${port}`]);
      expect(await child.ended).toBe(2);
      expect(child.stderr).toContain(`the viewer cannot listen on 127.0.0.1:${port}`);
    } finally {
      there.close();
    }
  });
});
