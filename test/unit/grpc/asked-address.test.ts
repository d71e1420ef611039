// Which addresses a program may be found at, and the one form in which each is kept.

import { describe, expect, it } from "@jest/globals";
import { readAddress } from "../../../src/grpc/asked-address.js";

/** What it becomes, and everything that is said against it. */
function read(address: string): { readonly kept: string; readonly said: string } {
  const said: string[] = [];
  const kept = readAddress(address, (_, text) => void said.push(text));
  return { kept, said: said.join("\n") };
}

describe("an address that every host reaches", () => {
  it.each([
    ["10.1.2.3", "10.1.2.3"],
    ["172.17.0.1", "172.17.0.1"],
    ["128.0.0.1", "128.0.0.1"],
    ["1.127.0.1", "1.127.0.1"],
    ["2001:db8::1", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["[2001:0db8:0000::0001]", "2001:db8::1"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["[::FFFF:a01:203]", "10.1.2.3"],
    ["fd00::7f00:1", "fd00::7f00:1"],
    ["web-1.example", "web-1.example"],
    ["7of9.example", "7of9.example"],
    ["a.0x7g", "a.0x7g"],
    ["localhost.example", "localhost.example"],
    ["notlocalhost", "notlocalhost"],
  ])("is taken: %s is kept as %s", (address, kept) => {
    expect(read(address)).toEqual({ kept, said: "" });
  });
});

describe("an address that leads each host to itself", () => {
  it.each([
    ...["127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3"],
    ...["::1", "[::1]", "0:0:0:0:0:0:0:1", "0000::0001", "::", "::0", "[::]", "0:0:0:0:0:0:0:0"],
    ...["::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "::FFFF:7f00:1", "0:0:0:0:0:ffff:7f12:3456", "::ffff:0.0.0.0"],
    ...["::ffff:0:0", "::127.0.0.1"],
    ...["localhost", "LocalHost", "localhost.", "a.localhost", "a.b.LOCALHOST."],
  ])("is refused: %s", (address) => {
    expect(read(address).said).toContain("is loopback");
  });
});

describe("an address of many, or of the link alone", () => {
  it.each([...["224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1", "[ff05::2]", "::ffff:224.0.0.1"]])(
    "is refused: %s",
    (address) => {
      expect(read(address).said).toContain("multicast");
    },
  );

  it.each(["fe80::1", "fe80::1%eth0", "[fe80::1%2]", "febf::1", "::1%lo", "2001:db8::1%eth0"])(
    "is refused: %s",
    (address) => {
      expect(read(address).said).toContain("link-local");
    },
  );
});

describe("what is no address", () => {
  it.each([
    ...["127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "0X7F.0.0.1", "0177.0.0.1", "017700000001"],
    ...["127.0.0.1.", "1.2.3", "1.2.3.4.5", "256.1.1.1", "10.1.2.3.", "a.1", "a.0x", "10.0.0.0x1"],
  ])("is refused, and what an IPv4 address is: %s", (address) => {
    expect(read(address).said).toContain("four decimal numbers");
  });

  it.each([
    ...["a b", " 10.1.2.3", "10.1.2.3\n", "10.1.2.3:80", "[10.1.2.3]", "http://a", "a_b", "-a", "a..b", "web."],
    ...["[::1", "::1]", "[[2001:db8::1]]", "2001:db8::1:", "2001:db8::g", "\uff11\uff12\uff17.1.1.1x", "a".repeat(64)],
  ])("is refused: %s", (address) => {
    expect(read(address).said).toContain("neither an IP address nor a host name");
  });

  it("is required", () => {
    expect(read("").said).toBe("it is required");
  });
});
