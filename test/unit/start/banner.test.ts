import { describe, expect, it } from "@jest/globals";
import { type Config, readConfig } from "../../../src/config.js";
import { greeting, type Started } from "../../../src/start/banner.js";

const started: Started = {
  serverId: "ab12",
  listening: { grpc: "127.0.0.1:7700", discovery: undefined, http: "[::1]:7702", store: undefined },
  lookAtEngine: async () => "20.10.24, 1 container of ours",
};

function config(...argv: string[]): Config {
  const around = { env: {}, stderrIsTTY: false, isRoot: false, bridgeAddress: () => undefined };
  const read = readConfig(argv, { ...around, engineComplaint: () => undefined });
  if (read.kind !== "config") throw new Error(JSON.stringify(read));
  return { ...read.config, version: "1.2.3" };
}

const age = () => 640;

describe("what a started server says", () => {
  it("names every address it listens on, and no other", async () => {
    const text = await greeting(config("--etcd", "http://a:1"), started, age);
    expect(text).toMatch(/^theseus 1\.2\.3 · server ab12\n {2}gRPC {7}127\.0\.0\.1:7700 +discovery and changes\n/);
    expect(text).toContain("[::1]:7702");
    expect(text).not.toContain("for containers");
    expect(text).not.toContain("viewer");
    expect(text).toMatch(/ {2}etcd {7}http:\/\/a:1\n/);
  });

  it("is one line of JSON for programs", async () => {
    const said = { kind: "Server", version: "1.2.3", serverId: "ab12", grpc: "127.0.0.1:7700", http: "[::1]:7702" };
    const docker = "unix:///var/run/docker.sock";
    const withEtcd = await greeting(config("--etcd", "http://a:1", "-o", "json"), started, age);
    expect(JSON.parse(withEtcd)).toEqual({ ...said, etcd: ["http://a:1"], docker });
    const own = { ...started, listening: { ...started.listening, store: "127.0.0.1:2379" } };
    const withItsOwn = await greeting(config("--dev", "--data", "/d", "-o", "json"), own, age);
    expect(JSON.parse(withItsOwn)).toEqual({ ...said, data: "/d", storeListen: "127.0.0.1:2379", docker });
    expect(withItsOwn).toMatch(/^[^\n]*\n$/);
  });

  it("shows who has just started one where the state is, what to try, and how it ends", async () => {
    const listening = { ...started.listening, store: "127.0.0.1:2379" };
    const own = { ...started, listening, viewer: { host: "127.0.0.1", port: 7701 } };
    expect((await greeting(config("--dev", "--data", "/d"), own, age)).split("\n")).toEqual([
      "theseus 1.2.3 dev · state in /d (--data DIR)",
      "  gRPC       127.0.0.1:7700         discovery and changes",
      "  viewer     http://127.0.0.1:7701  for a browser",
      "  HTTP       [::1]:7702             /healthz /readyz /metrics",
      "  store      127.0.0.1:2379         etcd's API, for etcdctl",
      "  docker     unix:///var/run/docker.sock 20.10.24, 1 container of ours",
      "  namespace  default",
      "try:  theseus create hello/dev --image busybox --cmd 'httpd -f -p 8080' -p http=8080",
      "      theseus discover hello -o host:port",
      "ready in 0.6 s · ctrl-c stops (containers stay; --clean removes them)",
      "",
    ]);
  });

  it("writes commands that find this server, and says when everything will go", async () => {
    const elsewhere = { ...started, listening: { ...started.listening, grpc: "127.0.0.1:9000" } };
    const text = await greeting(config("--dev", "--clean"), elsewhere, age);
    expect(text).toContain("theseus --server 127.0.0.1:9000 create hello/dev");
    expect(text).toContain("ctrl-c stops and removes all groups\n");
  });
});
