import { describe, expect, it } from "@jest/globals";
import { problemText } from "../../src/config/problem.js";
import { type ReadConfig, readConfig, type Surroundings } from "../../src/config.js";

const around: Surroundings = {
  env: {},
  stderrIsTTY: false,
  isRoot: false,
  bridgeAddress: () => "172.17.0.1",
  engineComplaint: (url) => (url.startsWith("unix:///") ? undefined : "it has to start with unix://"),
};
const ETCD = ["--etcd", "http://127.0.0.1:2379"];

function read(argv: readonly string[], env: Surroundings["env"] = {}): ReadConfig {
  return readConfig(argv, { ...around, env });
}

function config(argv: readonly string[], env: Surroundings["env"] = {}) {
  const result = read(argv, env);
  if (result.kind !== "config") throw new Error(JSON.stringify(result));
  return result.config;
}

function complaints(argv: readonly string[], env: Surroundings["env"] = {}): string[] {
  const result = read(argv, env);
  if (result.kind !== "problems") throw new Error(JSON.stringify(result));
  return result.problems.map(({ what, why }) => (why === undefined ? what : `${what}: ${why}`));
}

describe("settings of the server", () => {
  it("need nothing but the store", () => {
    expect(config(ETCD)).toMatchObject({
      version: "0.1.0",
      dev: false,
      clean: false,
      store: { kind: "etcd", etcd: { endpoints: ["http://127.0.0.1:2379"] }, compact: true },
      docker: { url: "unix:///var/run/docker.sock" },
      listen: { host: "127.0.0.1", port: 7700 },
      listenDiscovery: { bridge: true, port: 7700 },
      listenHttp: { host: "127.0.0.1", port: 7702 },
      viewer: { address: { host: "127.0.0.1", port: 7701 }, isAsked: false, hosts: [] },
      hostLabels: [],
      allowHostAccess: false,
      leaderTtlSeconds: 5,
      log: { level: "info", form: "json" },
      output: "text",
    });
  });

  it("come from the environment where no flag says otherwise", () => {
    const env = { THESEUS_ETCD: "https://a:1,https://b:2/", THESEUS_LEADER_TTL: "9", THESEUS_ALLOW_HOST_ACCESS: "1" };
    const read = config(["--leader-ttl", "7"], { ...env, THESEUS_CRASHPOINT: "3", THESEUS_LISTEN_INSECURELY: "0" });
    expect(read).toMatchObject({ store: { etcd: { endpoints: ["https://a:1", "https://b:2"] } } });
    expect(read).toMatchObject({ leaderTtlSeconds: 7, allowHostAccess: true, crashPoint: { count: 3, when: "after" } });
  });

  it("let the other listeners follow --listen", () => {
    expect(config([...ETCD, "--listen", "127.0.0.1:8000"])).toMatchObject({
      listenDiscovery: { bridge: true, port: 8000 },
      listenHttp: { host: "127.0.0.1", port: 8002 },
      viewer: { address: { host: "127.0.0.1", port: 8001 } },
    });
    expect(config([...ETCD, "--listen", "[::1]:0"])).toMatchObject({
      listen: { host: "::1", port: 0 },
      listenDiscovery: { bridge: true, port: 0 },
      listenHttp: { host: "127.0.0.1", port: 0 },
      viewer: { address: { host: "127.0.0.1", port: 0 } },
    });
  });

  it("place the viewer where a person says, on this machine unless they know what they do", () => {
    expect(config([...ETCD, "--listen-viewer", "none"]).viewer).toBeUndefined();
    expect(config([...ETCD, "--listen-viewer", "127.0.0.1:9", "--viewer-hosts", "a.example, b"]).viewer).toEqual({
      address: { host: "127.0.0.1", port: 9 },
      isAsked: true,
      hosts: ["a.example", "b"],
    });
    const [reached] = complaints([...ETCD, "--listen-viewer", "10.0.0.1:9"]);
    expect(reached).toMatch(/^--listen-viewer: 10\.0\.0\.1:9 can be reached by other machines, without TLS/);
    const [named] = complaints([...ETCD, "--viewer-hosts", "a/b"]);
    expect(named).toMatch(/^--viewer-hosts: "a\/b" is not the name of a host/);
    const open = config([...ETCD, "--listen-viewer", "10.0.0.1:9", "--listen-insecurely"]);
    expect(open.viewer?.address).toEqual({ host: "10.0.0.1", port: 9 });
  });

  it("switch listeners off, or place discovery on the bridge", () => {
    const off = config([...ETCD, "--listen-http", "off", "--listen-discovery=off"]);
    expect([off.listenHttp, off.listenDiscovery]).toEqual([undefined, undefined]);
    expect(config([...ETCD, "--listen-discovery", "172.17.0.1:99"]).listenDiscovery).toEqual({
      host: "172.17.0.1",
      port: 99,
    });
  });

  it("take a sorted set of host labels", () => {
    expect(config([...ETCD, "--host-labels", "zone=eu-1, ssd,ssd"]).hostLabels).toEqual(["ssd", "zone=eu-1"]);
  });

  it.each<[string, string[], string]>([
    ["no store", [], "no store is named: neither --dev nor --etcd"],
    ["a store that is no URL", ["--etcd", "127.0.0.1:2379"], "http://HOST:PORT"],
    ["a login in the URL", ["--etcd", "http://root:geheim@h:1"], "--etcd-password-file"],
    ["an unknown flag", [...ETCD, "--lisen", "127.0.0.1:1"], "did you mean --listen?"],
    ["a flag without its value", [...ETCD, "--listen"], "argument missing"],
    ["a word too many", [...ETCD, "now"], "too many arguments"],
    ["an address without a port", [...ETCD, "--listen", "127.0.0.1"], "HOST:PORT"],
    ["a port that cannot be", [...ETCD, "--listen", "127.0.0.1:70000"], "HOST:PORT"],
    ["an open gRPC address", [...ETCD, "--listen", "0.0.0.0:7700"], "without TLS"],
    ["gRPC on the bridge", [...ETCD, "--listen", "172.17.0.1:7700"], "without TLS"],
    ["open discovery", [...ETCD, "--listen-discovery", "0.0.0.0:7700"], "without TLS"],
    ["open metrics", [...ETCD, "--listen-http", "10.0.0.1:7702"], "without TLS"],
    ["a loopback address to advertise", [...ETCD, "--advertise", "127.0.0.1"], "loopback"],
    ["a name to advertise", [...ETCD, "--advertise", "here"], "not an IP address"],
    ["every address to advertise", [...ETCD, "--advertise", "0.0.0.0"], "every address"],
    ["a bad label", [...ETCD, "--host-labels", "Zone=1"], "capital Z"],
    ["a term too short", [...ETCD, "--leader-ttl", "1"], "from 2 to 300"],
    ["a term that is no number", [...ETCD, "--leader-ttl", "5s"], "from 2 to 300"],
    ["a level nobody knows", [...ETCD, "--log-level", "loud"], "choices are info debug warn error"],
    ["an engine out of reach", [...ETCD, "--docker", "tcp://10.0.0.1:2375"], "Docker Engine"],
    ["a file that is not there", [...ETCD, "--etcd-ca", "/nowhere/ca.pem"], "there is no such file"],
    ["half a client certificate", ["--etcd", "https://h:1", "--etcd-cert", "/dev/null"], "go together"],
    ["certificates without TLS", [...ETCD, "--etcd-ca", "/dev/null"], "https://"],
    ["a user without a password", [...ETCD, "--etcd-user", "root"], "go together"],
  ])("are refused for %s", (_, argv, words) => {
    expect(complaints(argv).join("\n")).toContain(words);
  });

  it("never repeat a password from a URL", () => {
    expect(complaints(["--etcd", "http://root:geheim@h:1"]).join()).not.toContain("geheim");
  });

  it("are refused for switches in the environment that are neither on nor off", () => {
    expect(complaints(ETCD, { THESEUS_LISTEN_INSECURELY: "maybe" })).toEqual([
      'THESEUS_LISTEN_INSECURELY is "maybe": it is 1 or 0',
    ]);
    expect(complaints(ETCD, { THESEUS_CRASHPOINT: "-1" })).toHaveLength(1);
    expect(complaints(ETCD, { THESEUS_CRASHPOINT: "3:during" })).toHaveLength(1);
    expect(config(ETCD, { THESEUS_CRASHPOINT: "3:before" }).crashPoint).toEqual({ count: 3, when: "before" });
  });

  it("allow open addresses to who says so", () => {
    const open = config([...ETCD, "--listen", "0.0.0.0:1", "--listen-http", "0.0.0.0:2", "--listen-insecurely"]);
    expect(open.listen).toEqual({ host: "0.0.0.0", port: 1 });
  });

  it("are all looked at before any is complained of", () => {
    const argv = ["--lisen", "x", "--etc", "--leader-ttl", "0", "--listen", "0.0.0.0:1", "--docker", "ssh://h"];
    const found = complaints(argv);
    expect(found).toHaveLength(6);
    for (const name of ["--lisen", "--etc'", "neither --dev nor --etcd", "--docker", "--listen:", "--leader-ttl"]) {
      expect(found.join("\n")).toContain(name);
    }
  });

  it("are explained by -h", () => {
    const result = read(["-h"]);
    expect(result.kind).toBe("help");
    if (result.kind === "help") expect(result.text).toContain("--listen-discovery");
  });
});

describe("the text about wrong settings", () => {
  it("has four lines for one problem", () => {
    const text = problemText([{ what: "it is wrong", why: "so it is", next: ["do this"] }], "text");
    expect(text.split("\n").map((line) => line.trimEnd())).toEqual([
      `${"error: it is wrong".padEnd(74)} [USAGE]`,
      "  why   so it is",
      "  now   the server was not started; nothing was changed",
      "  next  do this",
      "",
    ]);
  });

  it("is one line of JSON for programs", () => {
    const { error } = JSON.parse(problemText([{ what: "a" }, { what: "b", why: "c" }], "json"));
    expect(error).toMatchObject({ code: "USAGE", exit: 2, why: [{ text: "a" }, { text: "b: c" }] });
  });
});
