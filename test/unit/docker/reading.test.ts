// How the engine's answers are read: streams of JSON, multiplexed output, labels, references, addresses, versions.

import { Readable } from "node:stream";
import { describe, expect, it } from "@jest/globals";
import { pickVersion } from "../../../src/docker/engine.js";
import { parseEngineUrl } from "../../../src/docker/engine-url.js";
import { readEvent } from "../../../src/docker/events.js";
import { places } from "../../../src/docker/executable.js";
import { parseImageReference } from "../../../src/docker/image-reference.js";
import { LineTimes, nanoseconds } from "../../../src/docker/line-times.js";
import { LogFrames } from "../../../src/docker/log-frames.js";
import { ndjson } from "../../../src/docker/ndjson.js";
import { observe, rowSignature, stranger } from "../../../src/docker/observe.js";
import { ownershipLabels, readOwnership } from "../../../src/docker/ownership.js";
import { tar } from "../../../src/docker/tar.js";

const owner = {
  cluster: "c",
  group: { namespace: "default", service: "web", labels: [] },
  groupUid: "u",
  slot: 2,
  generation: 3,
  configRevision: 4,
  fingerprint: "f",
};

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const inPieces = (bytes: Buffer, size: number) =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
  );

describe("a stream of JSON lines", () => {
  const text = '{"a":"täst 🌊"}\r\n\n{"b":{"c":[1,2]}}\n{"last":true}';

  it.each([1, 2, 3, 7, 1000])("is read whole when it comes in pieces of %d bytes", async (size) => {
    const objects = await collect(ndjson(inPieces(Buffer.from(text), size)));
    expect(objects).toEqual([{ a: "täst 🌊" }, { b: { c: [1, 2] } }, { last: true }]);
  });

  it("fails on text that is not JSON", async () => {
    await expect(collect(ndjson(Readable.from([Buffer.from("{half\n")])))).rejects.toThrow(SyntaxError);
  });
});

describe("multiplexed output", () => {
  const frame = (stream: number, text: string) => {
    const head = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };

  const framesOf = (bytes: Buffer, size: number) => {
    const frames = new LogFrames();
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => i * size);
    return pieces.flatMap((at) => frames.take(bytes.subarray(at, at + size)));
  };

  it.each([1, 5, 8, 9, 4096])("gives the frames of both streams in order from pieces of %d bytes", (size) => {
    const bytes = Buffer.concat([frame(1, "one "), frame(2, ""), frame(2, "twö "), frame(1, "three")]);
    const frames = framesOf(bytes, size).map(({ stream, bytes }) => `${stream} ${bytes.toString()}`);
    expect(frames).toEqual(["stdout one ", "stderr ", "stderr twö ", "stdout three"]);
  });

  it("survives a hundred thousand frames of one byte in one piece", () => {
    const bytes = Buffer.concat(Array.from({ length: 100_000 }, () => frame(1, "x")));
    expect(framesOf(bytes, bytes.length)).toHaveLength(100_000);
  });
});

describe("the time of a line", () => {
  it.each([
    ["1970-01-01T00:00:00Z", 0n],
    ["1970-01-01T00:00:01.5Z", 1_500_000_000n],
    ["2026-11-22T22:15:12.428337662Z", 1_795_385_712_428_337_662n],
    ["2026-11-22T23:15:12.428337662+01:00", 1_795_385_712_428_337_662n],
    ["2026-11-22T17:15:12.000000001-05:00", 1_795_385_712_000_000_001n],
  ])("%s is that many nanoseconds", (text, at) => {
    expect(nanoseconds(text)).toBe(at);
    const times = new LineTimes();
    const bytes = Buffer.from(`${text} and what was said`);
    expect([times.read(bytes, text.length), times.read(bytes, text.length)]).toEqual([at, at]);
  });
});

describe("the labels of a managed container", () => {
  it("are read back as what was written", () => {
    expect(readOwnership(ownershipLabels(owner))).toEqual(owner);
    const labelled = { ...owner, group: { ...owner.group, labels: ["dev", "zone=eu-1"] } };
    expect(readOwnership(ownershipLabels(labelled))).toEqual(labelled);
  });

  it.each(Object.keys(ownershipLabels(owner)))("are nothing without %s, or with a broken one", (label) => {
    const { [label]: _, ...rest } = ownershipLabels(owner);
    expect(readOwnership(rest)).toBeUndefined();
    expect(readOwnership({ ...rest, [label]: "" })).toBeUndefined();
  });

  it.each(["0", "-1", "1.5", "1e3", "01", "one", "99999999999999999999"])("are nothing with slot %s", (slot) => {
    expect(readOwnership({ ...ownershipLabels(owner), "theseus.slot": slot })).toBeUndefined();
  });
});

describe("the name of an image", () => {
  const digest = `sha256:${"a".repeat(64)}`;

  it.each([
    ["busybox", { registry: "docker.io", name: "busybox", fullName: "docker.io/library/busybox" }],
    ["ana/web:1", { registry: "docker.io", name: "ana/web", fullName: "docker.io/ana/web", tag: "1" }],
    [
      "localhost:5000/a/b:x",
      { registry: "localhost:5000", name: "localhost:5000/a/b", fullName: "localhost:5000/a/b", tag: "x" },
    ],
    [`r.io/web@${digest}`, { registry: "r.io", name: "r.io/web", fullName: "r.io/web", digest }],
    [`r.io/web:2@${digest}`, { registry: "r.io", name: "r.io/web", fullName: "r.io/web", tag: "2", digest }],
  ])("%s is understood", (text, expected) => {
    expect(parseImageReference(text)).toEqual({ kind: "name", ...expected });
  });

  it("may be an id", () => {
    expect(parseImageReference(digest)).toEqual({ kind: "id", id: digest });
  });

  it.each([
    "",
    "Web",
    "web:",
    "web@sha256:12",
    "../containers/x",
    "a//b",
    "-a",
    "a b",
    "web:tag with",
    "r.io/../x",
    "web?x=1",
  ])("%p is none", (text) => {
    expect(parseImageReference(text)).toBeUndefined();
  });
});

describe("the address of an engine", () => {
  it.each([
    "unix:///var/run/docker.sock",
    "tcp://127.0.0.1:2375",
    "tcp://localhost:2375",
    "tcp://[::1]:2375",
    "tcp://127.8.9.1:1",
  ])("%s is taken", (text) => {
    expect(parseEngineUrl(text).text).toBe(text);
  });

  it.each([
    ["tcp://10.0.0.1:2375", /loopback only/],
    ["tcp://0.0.0.0:2375", /loopback only/],
    ["tcp://127.0.0.1.evil.example:2375", /loopback only/],
    ["tcp://127.0.0.1", /host:port/],
    ["tcp://user@127.0.0.1:1", /host:port/],
    ["ssh://root@host", /ssh or TLS/],
    ["unix://docker.sock", /absolute/],
    ["/var/run/docker.sock", /unix:\/\//],
    ["", /unix:\/\//],
  ])("%s is refused with a reason", (text, why) => {
    const attempt = () => parseEngineUrl(text);
    expect(attempt).toThrow(expect.objectContaining({ reason: "INVALID_REQUEST" }));
    expect(attempt).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ why: [expect.stringMatching(why)] }) }),
    );
  });
});

describe("the API version", () => {
  it.each([
    [{ ApiVersion: "1.41", MinAPIVersion: "1.12" }, "1.41"],
    [{ ApiVersion: "1.99", MinAPIVersion: "1.44" }, "1.51"],
    [{ ApiVersion: "1.99", MinAPIVersion: "1.60" }, "1.60"],
    [{}, "1.51"],
  ])("for an engine of %j is %s", (engine, expected) => {
    expect(pickVersion(engine)).toBe(expected);
  });
});

describe("a row of the list", () => {
  const row = { Id: "i", Names: ["/web"], State: "running", Status: "Up 2 minutes (healthy)", Labels: {}, Ports: [] };

  it("has a signature that time does not change, and health, exit codes and names do", () => {
    const same = rowSignature({ ...row, Status: "Up 3 hours (healthy)" });
    expect(same).toBe(rowSignature(row));
    const others = [{ Status: "Up 3 hours (unhealthy)" }, { State: "exited" }, { Names: ["/other"] }];
    for (const other of others) expect(rowSignature({ ...row, ...other })).not.toBe(same);
  });

  it("gives of a stranger the name and each published host port once", () => {
    const port = { IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8080, Type: "tcp" };
    const hidden = { PrivatePort: 443, Type: "tcp" } as typeof port;
    const seen = stranger({ ...row, Ports: [port, { ...port, IP: "::" }, hidden] });
    expect(seen).toEqual({ id: "i", name: "web", hostPorts: [8080] });
  });
});

describe("an inspected container", () => {
  const zero = "0001-01-01T00:00:00Z";
  const state = { Status: "created", Running: false, OOMKilled: false, ExitCode: 0, StartedAt: zero, FinishedAt: zero };
  const seen = (changes: object, policy = "no", { config = {}, hostConfig = {} } = {}) =>
    observe("local", owner, {
      Id: "i",
      Name: "/web",
      RestartCount: 0,
      Config: { Image: "web:1", ...config },
      HostConfig: { ...hostConfig, RestartPolicy: { Name: policy } },
      State: { ...state, ...changes },
    } as unknown as Parameters<typeof observe>[2]);

  it("that was never started has no times and no exit code", () => {
    const created = seen({});
    for (const key of ["startedAt", "finishedAt", "exitCode"]) expect(created).not.toHaveProperty(key);
  });

  it("that has ended tells how and when; one that runs tells nothing of its last end", () => {
    const times = { StartedAt: "2026-01-02T03:04:05.678Z", FinishedAt: "2026-01-02T03:05:05Z" };
    const ended = seen({ ...times, Status: "exited", ExitCode: 137, OOMKilled: true });
    expect(ended).toMatchObject({ status: "exited", exitCode: 137, outOfMemory: true });
    expect(ended.finishedAt).toBe(Date.parse(times.FinishedAt));
    const running = seen({ ...times, Status: "running", Running: true });
    expect(running.startedAt).toBe(Date.parse(times.StartedAt));
    expect(running).not.toHaveProperty("exitCode");
  });

  it("tells its limits, and none where the engine has a zero", () => {
    expect(seen({}, "no", { hostConfig: { NanoCpus: 5e8, Memory: 1024 } }).limits).toEqual({ cpu: 0.5, mem: 1024 });
    expect(seen({}, "no", { hostConfig: { NanoCpus: 0, Memory: 1024 } }).limits).toEqual({ mem: 1024 });
    expect(seen({}, "no", { hostConfig: { NanoCpus: 0, Memory: 0 } })).not.toHaveProperty("limits");
  });

  it("of a state unknown to us is what its process is", () => {
    expect(seen({ Status: "stopping", Running: true }).status).toBe("running");
    expect(seen({ Status: "whatever" }).status).toBe("exited");
  });

  it("tells what it was made from: image, the ports that are published by name, and the config that it carries", () => {
    const config = {
      Image: "sha256:abc",
      Env: ["PORT_HTTP=20001", "EXPOSED_PORT_HTTP=8080", "PORT_ADMIN_API=20002", "EXPOSED_PORT_ADMIN_API=9000"],
      Labels: { "theseus.config": "{}" },
    };
    const PortBindings = { "8080/tcp": [{ HostPort: "20001" }], "9000/udp": [{ HostPort: "20002" }], "1/tcp": null };
    expect(seen({}, "no", { config, hostConfig: { PortBindings } }).made).toEqual({
      image: "sha256:abc",
      hostPorts: { http: 20001, "admin-api": 20002 },
      configText: "{}",
    });
  });

  it("takes no variable for a port that is not published, unless it is on the host's own network", () => {
    const Env = ["PORT_HTTP=20001", "EXPOSED_PORT_HTTP=8080", "PORT_OWN=80", "EXPOSED_PORT_OWN=80", "PORT_X=none"];
    expect(seen({}, "no", { config: { Env } }).made).toEqual({ image: "web:1", hostPorts: {} });
    const hostConfig = { NetworkMode: "host" };
    expect(seen({}, "no", { config: { Env }, hostConfig }).made?.hostPorts).toEqual({ own: 80 });
  });

  it("has one of three restart policies", () => {
    const policies = ["", "no", "always", "on-failure"].map((policy) => seen({}, policy).restartPolicy);
    expect(policies).toEqual(["no", "no", "unless-stopped", "other"]);
  });
});

describe("an event", () => {
  it("of a container is read, of anything else is not", () => {
    const Actor = { ID: "i", Attributes: { "theseus.cluster": "c" } };
    expect(readEvent({ Type: "container", Action: "die", Actor })).toEqual({
      kind: "container",
      id: "i",
      action: "die",
      cluster: "c",
    });
    expect(readEvent({ Type: "network", Action: "connect", Actor })).toBeUndefined();
    expect(readEvent({})).toBeUndefined();
  });
});

describe("the command of a container", () => {
  const looked = (Path: string, Env: string[] = [], WorkingDir = "") =>
    places({ Path, Config: { Env, WorkingDir } } as unknown as Parameters<typeof places>[0]);

  it("is looked for where it is named, else along the last PATH", () => {
    expect(looked("/bin/x")).toEqual(["/bin/x"]);
    expect(looked("./x", [], "/app")).toEqual(["/app/x"]);
    expect(looked("x", ["PATH=/a", "PATH=/b:/c"])).toEqual(["/b/x", "/c/x"]);
    expect(looked("x")).toContain("/usr/bin/x");
  });
});

describe("a tar archive", () => {
  it("is refused for paths that the format cannot hold, and splits long ones", () => {
    const file = (path: string) => tar([{ path, content: Buffer.from("x"), mode: 0o644 }], new Date(0));
    expect(
      file(`${"d".repeat(120)}/${"f".repeat(90)}`)
        .subarray(345, 465)
        .toString(),
    ).toBe("d".repeat(120));
    expect(() => file("f".repeat(101))).toThrow(RangeError);
    expect(file("a").length % 512).toBe(0);
  });
});
