// Finding and pulling images with a real engine and a registry on loopback.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { createRuntime } from "../../src/docker/runtime.js";
import type { Runtime } from "../../src/model/ports.js";
import { systemClock, systemRng } from "../../src/system.js";
import { engineRequest } from "../support/engine-api.js";
import { type UsedEngine, useEngine } from "../support/start-docker.js";
import { silentLog } from "../support/test-runtime.js";
import { startTinyRegistry, type TinyRegistry } from "../support/tiny-registry.js";

let engine: UsedEngine;
let registry: TinyRegistry;
let runtime: Runtime;
let folder: string;
let image: string;

beforeAll(async () => {
  engine = await useEngine();
  folder = await mkdtemp(join(tmpdir(), "theseus-pull-"));
}, 60_000);

beforeEach(async () => {
  await registry?.close();
  registry = await startTinyRegistry(String(Math.random()));
  image = `${registry.host}/tiny:1`;
  const dockerConfigFile = join(folder, "config.json");
  await writeFile(dockerConfigFile, "{}");
  const options = { host: "local", url: engine.url, clusterId: () => "none", dockerConfigFile };
  runtime = createRuntime({ ...options, clock: systemClock, rng: systemRng, log: silentLog });
});

afterAll(async () => {
  await registry.close();
  await rm(folder, { recursive: true, force: true });
  await engine.stop();
}, 60_000);

const configure = (config: object) => writeFile(join(folder, "config.json"), JSON.stringify(config));
const forget = (name: string) => engineRequest(engine.socket, "DELETE", `/images/${name}?force=1`);
const basic = (login: string) => `Basic ${Buffer.from(login).toString("base64")}`;

describe("a pull", () => {
  it("pins the registry's digest, sees the image's HEALTHCHECK, and is not done again", async () => {
    const pinned = `${registry.host}/tiny@${registry.digest}`;
    try {
      expect(await runtime.resolveImage(image, "missing")).toEqual({ pinned, hasHealthcheck: true });
      registry.mode = "silent";
      expect(await runtime.resolveImage(image, "missing")).toEqual({ pinned, hasHealthcheck: true });
      expect(await runtime.resolveImage(pinned, "never")).toEqual({ pinned, hasHealthcheck: true });
      await expect(runtime.resolveImage(image, "always")).rejects.toMatchObject({ reason: "REGISTRY_UNREACHABLE" });
    } finally {
      await forget(image);
    }
  }, 30_000);

  it("of a tag that the registry does not have is IMAGE_NOT_FOUND", async () => {
    const missing = runtime.resolveImage(`${registry.host}/tiny:2`, "missing");
    await expect(missing).rejects.toMatchObject({
      reason: "IMAGE_NOT_FOUND",
      facts: { metadata: { registry: registry.host } },
    });
  });

  it("of an image for another kind of machine is IMAGE_PLATFORM", async () => {
    const foreign = runtime.resolveImage(`${registry.host}/tiny:arm`, "missing");
    await expect(foreign).rejects.toMatchObject({ reason: "IMAGE_PLATFORM" });
  });

  it("that fails inside the stream of a good answer is told as a failure", async () => {
    registry.mode = "broken";
    await expect(runtime.resolveImage(image, "missing")).rejects.toMatchObject({ reason: "IMAGE_DENIED" });
  });
});

describe("looking an image up", () => {
  const onEngine = async () => (await engineRequest(engine.socket, "GET", `/images/${image}/json`)).status === 200;

  it("tells what a pull would pin, and pulls nothing", async () => {
    expect(await runtime.findImage(image, "missing")).toEqual({ pinned: `${registry.host}/tiny@${registry.digest}` });
    expect(await onEngine()).toBe(false);
  });

  it("takes the engine's word where it has the image, the registry's with policy always, and nobody else's with never", async () => {
    try {
      const { pinned } = await runtime.resolveImage(image, "missing");
      registry.mode = "silent";
      expect(await runtime.findImage(image, "missing")).toEqual({ pinned });
      expect(await runtime.findImage(image, "never")).toEqual({ pinned });
      await expect(runtime.findImage(image, "always")).rejects.toMatchObject({ reason: "REGISTRY_UNREACHABLE" });
      registry.mode = "good";
      expect(await runtime.findImage(image, "always")).toEqual({ pinned });
    } finally {
      await forget(image);
    }
    await expect(runtime.findImage(image, "never")).rejects.toMatchObject({ reason: "IMAGE_NOT_FOUND" });
  }, 30_000);

  it("tells a tag that the registry does not have from a registry that refuses", async () => {
    const missing = runtime.findImage(`${registry.host}/tiny:2`, "missing");
    await expect(missing).rejects.toMatchObject({ reason: "IMAGE_NOT_FOUND" });
    registry.login = "ana:s3cret";
    await expect(runtime.findImage(image, "missing")).rejects.toMatchObject({ reason: "IMAGE_DENIED" });
    await configure({ auths: { [registry.host]: { username: "ana", password: "s3cret" } } });
    expect(await runtime.findImage(image, "missing")).toMatchObject({ pinned: expect.stringContaining("@sha256:") });
  });
});

describe("a pull that is given up", () => {
  it("ends at once, and so does what waits for nothing else", async () => {
    registry.mode = "silent";
    const script = `
      import { createRuntime } from "./src/docker/runtime.ts";
      import { TheseusError } from "./src/model/errors.ts";
      import { systemClock as clock, systemRng as rng } from "./src/system.ts";
      const [url, image] = process.argv.slice(-2);
      const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
      const runtime = createRuntime({ host: "local", url, clusterId: () => "none", clock, rng, log });
      await runtime.info();
      const end = new AbortController();
      const pulling = runtime.resolveImage(image, "always", end.signal).catch(({ reason }) => console.log(reason));
      await clock.sleep(1000);
      end.abort(new TheseusError("CANCELLED", { what: "not in office any more" }));
      await pulling;`;
    const args = ["--import", "tsx", "--input-type=module", "-e", script, engine.url, image];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
    expect(stdout.trim()).toBe("CANCELLED");
  }, 30_000);
});

describe("credentials", () => {
  beforeEach(() => {
    registry.login = "ana:s3cret:with-colon";
  });

  it("missing or wrong make IMAGE_DENIED, and are in no text", async () => {
    await expect(runtime.resolveImage(image, "missing")).rejects.toMatchObject({ reason: "IMAGE_DENIED" });
    await configure({ auths: { [registry.host]: { username: "ana", password: "wr0ng" } } });
    const error: unknown = await runtime.resolveImage(image, "missing").catch((caught: unknown) => caught);
    expect(error).toMatchObject({ reason: "IMAGE_DENIED" });
    expect(registry.authorizations).toContain(basic("ana:wr0ng"));
    expect(JSON.stringify((error as { facts: object }).facts)).not.toContain("wr0ng");
  });

  it("are taken from the config file, also where it names the registry by URL", async () => {
    const auth = Buffer.from(registry.login ?? "").toString("base64");
    await configure({ auths: { [`http://${registry.host}/v1/`]: { auth } } });
    try {
      await runtime.resolveImage(image, "missing");
    } finally {
      await forget(image);
    }
  });

  it("are asked of the credential helper that the config file names", async () => {
    const helper = `#!/bin/sh\nread server\n[ "$server" = "${registry.host}" ] && echo '{"Username":"ana","Secret":"s"}'\n`;
    await writeFile(join(folder, "docker-credential-test"), helper, { mode: 0o755 });
    await configure({ credHelpers: { [registry.host]: "test" } });
    // In a process of its own: a test cannot change the PATH that this one starts programs by.
    const script = `
      import { registryAuth } from "./src/docker/credentials.ts";
      import { systemClock as clock } from "./src/system.ts";
      const [file, registry] = process.argv.slice(-2);
      console.log(await registryAuth({ file, clock, log: console }, registry));`;
    const args = ["--import", "tsx", "--input-type=module", "-e", script, join(folder, "config.json"), registry.host];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: `${folder}:/usr/bin:/bin` } });
    const secret: unknown = JSON.parse(Buffer.from(stdout.trim(), "base64url").toString());
    expect(secret).toEqual({ username: "ana", password: "s", serveraddress: registry.host });
  });
});
