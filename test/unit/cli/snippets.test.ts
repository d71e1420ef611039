import { describe, expect, it } from "@jest/globals";
import { blockName, envText, haproxyText, isAddressable, nginxText } from "../../../clients/cli/discover/snippets.js";
import type { Endpoint } from "../../../clients/gen/theseus/v1/discovery_service.js";
import { endpointOf } from "../../support/fake-groups.js";

const at = (group: string, slot: number, more: Partial<Endpoint> = {}): Endpoint => ({
  ...endpointOf(group, slot),
  weight: 100,
  ...more,
});
const TWO = [at("web/frontend,prod", 1), at("web/canary,prod", 2)];
const serversOf = (text: string) => text.split("\n").filter((line) => line.startsWith("  server "));

describe("variables", () => {
  it("are three, named for the service and the port", () => {
    expect(envText(TWO, "web-api", "http")).toBe(
      "WEB_API_HTTP_HOST=172.17.0.1\nWEB_API_HTTP_PORT=20001\nWEB_API_HTTP_ENDPOINTS=172.17.0.1:20001,172.17.0.1:20002\n",
    );
  });

  it("are three for each port where none was asked for", () => {
    const text = envText([at("web/dev", 1), at("web/dev", 2, { portName: "admin" })], "web", undefined);
    expect(text.match(/^\w+(?==)/gm)).toEqual([
      "WEB_HTTP_HOST",
      "WEB_HTTP_PORT",
      "WEB_HTTP_ENDPOINTS",
      "WEB_ADMIN_HOST",
      "WEB_ADMIN_PORT",
      "WEB_ADMIN_ENDPOINTS",
    ]);
  });

  it("have brackets around IPv6 only where a port follows", () => {
    expect(envText([at("web/-", 1, { address: "fd00::1" })], "web", "http")).toContain(
      "HOST=fd00::1\nWEB_HTTP_PORT=20001\nWEB_HTTP_ENDPOINTS=[fd00::1]:20001\n",
    );
  });
});

describe("a backend of HAProxy", () => {
  it("has one server for each endpoint, named for its place", () => {
    expect(haproxyText(TWO, "web_prod")).toBe(
      "backend web_prod\n  balance roundrobin\n" +
        "  server web.frontend-prod.1 172.17.0.1:20001 check\n  server web.canary-prod.2 172.17.0.1:20002 check\n",
    );
  });

  it("gives no work to those that are not ready, are draining or weigh nothing", () => {
    const idle = [at("web/-", 1, { ready: false }), at("web/-", 2, { draining: true }), at("web/-", 3, { weight: 0 })];
    for (const line of serversOf(haproxyText(idle, "web"))) expect(line).toMatch(/ weight 0$/);
  });

  it("keeps weights in proportion within what HAProxy takes", () => {
    const text = haproxyText([at("web/-", 1, { weight: 1000 }), at("web/-", 2, { weight: 1 }), at("web/-", 3)], "web");
    expect(text.match(/weight \d+/g)).toEqual(["weight 256", "weight 1", "weight 26"]);
  });

  it("never has two servers of one name", () => {
    const alike = [at("web/a,b", 1), at("web/a-b", 1), at("web/a=b", 1)];
    const names = serversOf(haproxyText(alike, "web")).map((line) => line.split(" ")[3]);
    expect(new Set(names).size).toBe(3);
    for (const name of names) expect(name).toMatch(/^web\.a-b\.1-[0-9a-f]{8}$/);
  });

  it("starts also while a host's name cannot be resolved", () => {
    expect(haproxyText([at("web/-", 1, { address: "db.example" })], "web")).toContain("init-addr last,libc,none");
  });
});

describe("an upstream of nginx", () => {
  it("has one server for each endpoint, with its reference behind", () => {
    expect(nginxText(TWO, "web_prod")).toBe(
      "upstream web_prod {\n" +
        "  server 172.17.0.1:20001 max_fails=3 fail_timeout=5s; # web/frontend,prod:1\n" +
        "  server 172.17.0.1:20002 max_fails=3 fail_timeout=5s; # web/canary,prod:2\n}\n",
    );
  });

  it("marks those without work, and has a server that is down when there is none", () => {
    expect(nginxText([at("web/-", 1, { ready: false }), at("web/-", 2, { weight: 50 })], "web")).toMatch(
      /:20001 down .*\n.*:20002 weight=50 /,
    );
    expect(nginxText([], "web")).toContain("server 127.0.0.1:9 down;");
  });
});

describe("what stands in a configuration", () => {
  it("is nothing but addresses with ports", () => {
    expect(TWO.every(isAddressable)).toBe(true);
    expect(isAddressable(at("web/-", 1, { address: "fd00::1" }))).toBe(true);
    expect(isAddressable(at("web/-", 1, { port: 0 }))).toBe(false);
    for (const address of ["a b", "a;b", "a\nserver b", "a{", "-a", "$(reboot)", ""])
      expect(isAddressable(at("web/-", 1, { address }))).toBe(false);
  });

  it("has names of letters, digits and three signs", () => {
    expect(blockName("web_prod,!dev|x_http")).toBe("web_prod_dev_x_http");
    expect(blockName("!")).toBe("all");
  });
});
