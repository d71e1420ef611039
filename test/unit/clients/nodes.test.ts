import { describe, expect, it } from "@jest/globals";
import { parseAddresses } from "../../../clients/addresses.js";
import { hostPort } from "../../../clients/host-port.js";
import { nodeOf, nodeWith } from "../../../clients/nodes.js";
import { endpointOf } from "../../support/fake-groups.js";

describe("an address with its port", () => {
  it.each([
    ["10.0.0.1", [80], "10.0.0.1:80"],
    ["db.example", [80, 81], "db.example:80:81"],
    ["fd00::1", [80], "[fd00::1]:80"],
    ["::1", [8080, 9090], "[::1]:8080:9090"],
    ["[::1]", [80], "[::1]:80"],
    ["fd00::1", [0], "fd00::1"],
    ["10.0.0.1", [], "10.0.0.1"],
  ])("of %s and %j is %s", (address, ports, text) => {
    expect(hostPort(address, ...ports)).toBe(text);
  });

  it("has brackets in the lists that programs get", () => {
    const endpoint = { ...endpointOf("web/dev", 1), address: "fd00::1" };
    expect(nodeOf(endpoint)).toBe("[fd00::1]:20001");
    expect(nodeWith(endpoint, ["http"])).toBe("[fd00::1]:20001");
    expect(nodeWith(endpoint, ["http", "admin"])).toBeUndefined();
  });
});

describe("a server's address", () => {
  it("may be one of IPv6, with a port only in brackets", () => {
    expect(parseAddresses("::1, fd00::7700,[::1],[fd00::1]:7701,127.0.0.1,db:7702")).toEqual([
      "[::1]:7700",
      "[fd00::7700]:7700",
      "[::1]:7700",
      "[fd00::1]:7701",
      "127.0.0.1:7700",
      "db:7702",
    ]);
  });
});
