// The Runtime on a real engine: one container from creation to removal, and all that it is made of.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createRuntime } from "../../src/docker/runtime.js";
import { systemClock, systemRng } from "../../src/system.js";
import { engineJson, engineRequest } from "../support/engine-api.js";
import { removeImage } from "../support/images.js";
import { type UsedEngine, useEngine } from "../support/start-docker.js";
import { outputOf, silentLog, type TestRuntime, testRuntime } from "../support/test-runtime.js";
import { until } from "../support/until.js";

type Inspection = {
  Config: { Env: string[]; Labels: Record<string, string>; Cmd: string[] | null; Entrypoint: string[] | null };
  HostConfig: { Mounts?: unknown[]; RestartPolicy: { Name: string }; PortBindings: unknown };
  NetworkSettings: { Networks: Record<string, unknown> };
};

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

const inspect = (id: string) => engineJson<Inspection>(engine.socket, "GET", `/containers/${id}/json`);
const observed = async (id: string) => (await test.runtime.list()).ours.find((container) => container.id === id);

/** An import takes no STOPSIGNAL: made from a container that has one. */
async function imageWithSignal(signal: string, tag: string): Promise<string> {
  const body = { Image: test.tag, StopSignal: signal, Labels: { "theseus.cluster": test.clusterId } };
  const made = await engineJson<{ Id: string }>(engine.socket, "POST", "/containers/create", body);
  const [repo, version] = tag.split(":");
  const path = `/commit?container=${made.Id}&repo=${repo}&tag=${version}`;
  const image = await engineJson<{ Id: string }>(engine.socket, "POST", path, {});
  await engineRequest(engine.socket, "DELETE", `/containers/${made.Id}`);
  return image.Id;
}

describe("the engine", () => {
  it("is known by its ID, size and the address of its default bridge", async () => {
    const info = await test.runtime.info();
    const raw = await engineJson<{ ID: string; NCPU: number; MemTotal: number }>(engine.socket, "GET", "/info");
    expect(info).toMatchObject({ engineId: raw.ID, cpu: raw.NCPU, mem: raw.MemTotal });
    expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(address).not.toMatch(/^127\./);
    expect((await test.runtime.list()).engineId).toBe(raw.ID);
  });
});

describe("an engine on loopback tcp", () => {
  it("is spoken to at its own address, whatever DOCKER_HOST says", async () => {
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      const inner = connect(engine.socket);
      open.add(socket).add(inner);
      for (const end of [socket, inner]) end.on("error", () => socket.destroy());
      socket.pipe(inner).pipe(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    process.env["DOCKER_HOST"] = "tcp://127.0.0.1:1";
    try {
      const url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const parts = { clock: systemClock, rng: systemRng, log: silentLog };
      const runtime = createRuntime({ host: "local", url, clusterId: () => test.clusterId, ...parts });
      expect((await runtime.list()).engineId).toBe((await test.runtime.info()).engineId);
    } finally {
      delete process.env["DOCKER_HOST"];
      for (const socket of open) socket.destroy();
      server.close();
    }
  });
});

describe("a container", () => {
  it("goes from created over running and exited to gone, seen in the list at each step", async () => {
    const spec = test.spec();
    const { id } = await test.runtime.create(spec);
    const created = await observed(id);
    expect(created).toMatchObject({ name: spec.name, host: "local", owner: spec.owner, status: "created" });
    expect(created).not.toHaveProperty("startedAt");
    expect(created).not.toHaveProperty("exitCode");
    expect(created).toMatchObject({ restartPolicy: "no", restartCount: 0, health: "none", verdict: "untried" });

    await test.runtime.start(id);
    await test.runtime.start(id);
    expect(await observed(id)).toMatchObject({ status: "running", startedAt: expect.any(Number) });

    await test.runtime.setRestartPolicy(id, "unless-stopped");
    expect((await observed(id))?.restartPolicy).toBe("unless-stopped");
    await test.runtime.setRestartPolicy(id, "no");

    await expect(test.runtime.remove(id)).rejects.toMatchObject({ reason: "CONTAINER_REFUSED" });
    await test.runtime.stop(id, 10_000);
    await test.runtime.stop(id, 10_000);
    expect(await observed(id)).toMatchObject({ status: "exited", exitCode: expect.any(Number) });

    await test.runtime.remove(id);
    await test.runtime.remove(id);
    await test.runtime.stop(id, 10_000);
    expect(await observed(id)).toBeUndefined();
  });

  it("is killed when it does not end within the grace", async () => {
    const config = { command: ["/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"], init: false };
    const { id } = await test.runtime.create(test.spec(config));
    await test.runtime.start(id);
    await test.runtime.stop(id, 300);
    expect(await observed(id)).toMatchObject({ status: "exited", exitCode: 137 });
  });

  it("is neither waited for nor killed once the mandate is over, and can be stopped by the next who has one", async () => {
    const command = ["/bin/sh", "-c", "trap 'echo heard' TERM; echo ready; while :; do sleep 1; done"];
    const { id } = await test.runtime.create(test.spec({ command, init: false }));
    await test.runtime.start(id);
    await until("its trap is set", async () => (await outputOf(test.runtime, id)).includes("ready"));
    const over = new AbortController();
    const isOver = new Error("not in office any more");
    const mandate = { end: over.signal, assertMayAct: () => over.signal.throwIfAborted() };
    const stopping = test.runtime.stop(id, 600_000, mandate);
    const failure = stopping.then(
      () => "stopped",
      (error: unknown) => error,
    );
    await until("its signal", async () => (await outputOf(test.runtime, id)).includes("heard"));
    over.abort(isOver);
    expect(await failure).toMatchObject({ cause: isOver });
    expect(await observed(id)).toMatchObject({ status: "running" });
    await test.runtime.stop(id, 0);
    expect(await observed(id)).toMatchObject({ status: "exited" });
  }, 20_000);

  it("is stopped by the signal of its config, else of its image, else by SIGTERM", async () => {
    const tag = `theseus-test-${test.clusterId}:signal`;
    const image = await imageWithSignal("SIGINT", tag);
    const traps = "trap 'exit 41' INT; trap 'exit 42' TERM; echo ready; while :; do sleep 0.1; done";
    const config = { command: ["/bin/sh", "-c", traps], init: false };
    const endsWith = async (more: object, of: { image?: string }): Promise<number | undefined> => {
      const { id } = await test.runtime.create(test.spec({ ...config, ...more }, of));
      await test.runtime.start(id);
      await until("its traps are set", async () => (await outputOf(test.runtime, id)).includes("ready"));
      await test.runtime.stop(id, 10_000);
      const exitCode = (await observed(id))?.exitCode;
      await test.runtime.remove(id);
      return exitCode;
    };
    try {
      expect(await endsWith({}, { image })).toBe(41);
      expect(await endsWith({ stop: { signal: "SIGTERM" } }, { image })).toBe(42);
      expect(await endsWith({}, {})).toBe(42);
    } finally {
      await removeImage(engine.socket, tag);
    }
  });

  it("answers on its published port of the bridge address with its own name and the image's version", async () => {
    const ports = [{ name: "http", container: 8080 }];
    const spec = test.spec({ ports, env: { COLOUR: "green" } }, { address, hostPorts: { http: 19_321 } });
    const { id } = await test.runtime.create(spec);
    await test.runtime.start(id);
    const body = await until("the web server answers", () =>
      fetch(`http://${address}:19321/`).then(
        (answer) => answer.json(),
        () => undefined,
      ),
    );
    expect(body).toEqual({ container: spec.name, version: "1", hostname: spec.name });
    const { Config } = await inspect(id);
    expect(Config.Env).toEqual(expect.arrayContaining(["COLOUR=green", "VERSION=1", `CONTAINER_NAME=${spec.name}`]));
    const listed = (await test.runtime.list()).ours.map((container) => container.id);
    expect(listed).toContain(id);
  });

  it("has its files, with content and mode, before it starts", async () => {
    const at = "/etc/deep/app.conf";
    const content = Buffer.from("täst\n").toString("base64");
    const command = ["/bin/sh", "-c", `stat -c %a ${at}; cat ${at}`];
    const { id } = await test.runtime.create(test.spec({ files: [{ at, content, mode: "0640" }], command }));
    await test.runtime.start(id);
    await until("it has ended", async () => (await observed(id))?.status === "exited");
    expect(await outputOf(test.runtime, id)).toEqual(["640", "täst"]);
  });

  it("has what it wrote to stdout and to stderr in its log; a removed one has none, and no end", async () => {
    const { id } = await test.runtime.create(test.spec({ command: ["/bin/sh", "-c", "echo out; echo err >&2"] }));
    await test.runtime.start(id);
    await until("it has ended", async () => (await observed(id))?.status === "exited");
    expect([...(await outputOf(test.runtime, id))].sort()).toEqual(["err", "out"]);
    expect(await test.runtime.aftermath(id)).toEqual({ exitCode: 0, outOfMemory: false, answers: [] });
    await test.runtime.remove(id);
    expect(await outputOf(test.runtime, id)).toEqual([]);
    expect(await test.runtime.aftermath(id)).toBeUndefined();
  });

  it("finds what an earlier container of its slot wrote to its volume, and another slot does not", async () => {
    const write = (slot: number, script: string) => {
      const spec = test.spec({ volumes: [{ name: "data", at: "/data" }], command: ["/bin/sh", "-c", script] });
      return { ...spec, owner: { ...spec.owner, slot } };
    };
    const output = async (slot: number, script: string) => {
      const { id } = await test.runtime.create(write(slot, script));
      await test.runtime.start(id);
      await until("it has ended", async () => (await observed(id))?.status === "exited");
      const lines = await outputOf(test.runtime, id);
      await test.runtime.remove(id);
      return lines;
    };
    await output(1, "echo one > /data/note");
    expect(await output(1, "cat /data/note")).toEqual(["one"]);
    expect(await output(2, "ls /data")).toEqual([]);
    const groupUid = test.spec().owner.groupUid;
    await test.runtime.removeVolumes(groupUid);
    await test.runtime.removeVolumes(groupUid);
    expect(await output(1, "ls /data")).toEqual([]);
  });

  it("joins every network it names, and is refused a network that is not there", async () => {
    const network = `theseus-test-${test.clusterId}`;
    await engineJson(engine.socket, "POST", "/networks/create", { Name: network });
    try {
      const { id } = await test.runtime.create(test.spec({ networks: ["bridge", network] }));
      await test.runtime.start(id);
      expect(Object.keys((await inspect(id)).NetworkSettings.Networks).sort()).toEqual(["bridge", network].sort());
      await test.runtime.stop(id, 0);
      await test.runtime.remove(id);
    } finally {
      await engineRequest(engine.socket, "DELETE", `/networks/${network}`);
    }
    for (const networks of [["no-such-net"], ["bridge", "no-such-net"]]) {
      const begun = test.runtime.create(test.spec({ networks })).then(({ id }) => test.runtime.start(id));
      await expect(begun).rejects.toMatchObject({
        reason: "NETWORK_NOT_FOUND",
        facts: { metadata: { network: "no-such-net" } },
      });
    }
  });

  it("is not left behind when its files cannot be put into it", async () => {
    const spec = test.spec({ files: [{ at: "/bin/busybox/below-a-file", content: "" }] });
    await expect(test.runtime.create(spec)).rejects.toMatchObject({ reason: "CONTAINER_REFUSED" });
    expect((await test.runtime.list()).ours.map((container) => container.name)).not.toContain(spec.name);
  });

  it("takes the healthcheck of its config for its health", async () => {
    const health = {
      check: { kind: "exec", command: ["test", "-e", "/tmp/www/healthz"] },
      interval: 1000,
      fails: 1,
    } as const;
    const { id } = await test.runtime.create(test.spec({ health }));
    await test.runtime.start(id);
    await until("it is healthy", async () => (await observed(id))?.health === "healthy");
  });

  it("under the restricted profile has no capability, no root, a read-only root, and its files all the same", async () => {
    // One stream: the engine reads stdout and stderr apart, so their lines may change places.
    const script =
      "exec 2>&1; id -u; grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; cat /etc/own/a; touch /x; touch /tmp/y && echo ok";
    const files = [{ at: "/etc/own/a", content: Buffer.from("hello\n").toString("base64") }];
    const spec = test.spec({ profile: "restricted", files, command: ["/bin/sh", "-c", script] });
    const { id } = await test.runtime.create(spec);
    await test.runtime.start(id);
    await until("it has ended", async () => (await observed(id))?.status === "exited");
    const lines = await outputOf(test.runtime, id);
    expect(lines.map((line) => line.replace(/\s+/g, " "))).toEqual([
      "65532",
      "CapEff: 0000000000000000",
      "NoNewPrivs: 1",
      "Seccomp: 2",
      "hello",
      "touch: /x: Read-only file system",
      "ok",
    ]);
  });
});
