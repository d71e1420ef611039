import { describe, expect, it } from "@jest/globals";
import { banner } from "../../../src/start/banner.js";

const facts = {
  version: "1.2.3",
  serverId: "ab12",
  etcd: ["http://a:1"],
  docker: "unix:///x",
  listening: { grpc: "127.0.0.1:7700", discovery: undefined, http: "[::1]:7702" },
};

describe("what a started server says", () => {
  it("names every address it listens on, and no other", () => {
    const text = banner(facts, "text");
    expect(text).toMatch(/^theseus 1\.2\.3 · server ab12\n {2}gRPC {7}127\.0\.0\.1:7700 +discovery and changes\n/);
    expect(text).toContain("[::1]:7702");
    expect(text).not.toContain("for containers");
  });

  it("is one line of JSON for programs", () => {
    expect(JSON.parse(banner(facts, "json"))).toEqual({
      kind: "Server",
      version: "1.2.3",
      serverId: "ab12",
      grpc: "127.0.0.1:7700",
      http: "[::1]:7702",
      etcd: ["http://a:1"],
      docker: "unix:///x",
    });
  });
});
