import { describe, expect, it } from "@jest/globals";
import { type Asked, refusalOf } from "../../../clients/viewer/gateway/guard.js";

const OURS = ["127.0.0.1:7701", "localhost:7701", "LOCALHOST:7701", "[::1]:7701"];

const FOREIGN = [
  "",
  "evil.example",
  "evil.example:7701",
  "127.0.0.1",
  "127.0.0.1:7700",
  "127.0.0.1:77010",
  "127.0.0.1:7701.evil.example",
  "127.0.0.1.nip.io:7701",
  "127.0.0.2:7701",
  "127.1:7701",
  "2130706433:7701",
  "0x7f000001:7701",
  "0177.0.0.1:7701",
  "0.0.0.0:7701",
  "10.0.0.5:7701",
  "localhost",
  "localhost.:7701",
  "localhost.evil.example:7701",
  "evil.localhost:7701",
  "localhost:7701@evil.example",
  "evil.example@localhost:7701",
  "localhost:7701/..",
  "localhost:7701#",
  "localhost:7701?",
  " localhost:7701",
  "localhost:7701 ",
  "localhost:07701",
  "localhost:",
  "::1:7701",
  "[::1]",
  "[::]:7701",
  "[0:0:0:0:0:0:0:1]:7701",
  "[::ffff:127.0.0.1]:7701",
  "[::1%25lo]:7701",
  "ⓛocalhost:7701",
  "localhost:7701,evil.example",
  "viewer.example:7701",
  "null",
];

function asked(headers: readonly string[], more: Partial<Asked> = {}): Asked {
  return { rawHeaders: headers, localAddress: "127.0.0.1", localPort: 7701, isPage: false, ...more };
}

const status = (headers: readonly string[], more: Partial<Asked> = {}, allowed: readonly string[] = []) =>
  refusalOf(asked(headers, more), allowed)?.status;

describe("who may ask the viewer", () => {
  it.each(OURS)("takes its own name %s", (host) => {
    expect(status(["Host", host])).toBeUndefined();
  });

  it.each(FOREIGN)("refuses the foreign host %j", (host) => {
    expect(status(["Host", host])).toBe(421);
    expect(status(["Host", host], { isPage: true })).toBe(421);
  });

  it("refuses a request without a host, and one with two", () => {
    expect(status([])).toBe(421);
    expect(status(["Host", "localhost:7701", "Host", "evil.example"])).toBe(421);
    expect(status(["Host", "localhost:7701", "host", "localhost:7701"])).toBe(421);
  });

  it("takes the address that the connection came to, and no other", () => {
    const there = { localAddress: "10.0.0.5" };
    expect(status(["Host", "10.0.0.5:7701"], there)).toBeUndefined();
    expect(status(["Host", "10.0.0.6:7701"], there)).toBe(421);
    expect(status(["Host", "10.0.0.5:7701"], { localAddress: "::ffff:10.0.0.5" })).toBeUndefined();
    expect(status(["Host", "[fd00::5]:7701"], { localAddress: "fd00::5" })).toBeUndefined();
  });

  it("leaves the port away where it is that of HTTP", () => {
    expect(status(["Host", "localhost"], { localPort: 80 })).toBeUndefined();
    expect(status(["Host", "evil.example"], { localPort: 80 })).toBe(421);
  });

  it("takes a name that was allowed, alone or with the own port, or exactly as it was given", () => {
    const allowed = ["Viewer.example", "front.example:8443"];
    for (const host of ["viewer.example", "viewer.example:7701", "front.example:8443"])
      expect(status(["Host", host], {}, allowed)).toBeUndefined();
    for (const host of ["viewer.example:1", "front.example", "front.example:7701", "a.viewer.example"])
      expect(status(["Host", host], {}, allowed)).toBe(421);
  });
});

describe("what other sites may cause", () => {
  const own = ["Host", "localhost:7701"];
  const navigation = ["Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"];

  it("is nothing of the calls, whoever says where it comes from", () => {
    for (const site of ["cross-site", "same-site", "anything"])
      expect(status([...own, "Sec-Fetch-Site", site])).toBe(403);
    for (const origin of [
      "http://evil.example",
      "null",
      "http://localhost:7702",
      "file://",
      "",
      "http://127.0.0.1:7701",
    ])
      expect(status([...own, "Origin", origin])).toBe(403);
    expect(status([...own, "Sec-Fetch-Site", "cross-site", ...navigation])).toBe(403);
    expect(status([...own, "Origin", "http://localhost:7701", "Origin", "http://localhost:7701"])).toBe(400);
  });

  it("is a link to a page, in a window of its own, and not in a frame", () => {
    const link = [...own, "Sec-Fetch-Site", "cross-site"];
    expect(status([...link, ...navigation], { isPage: true })).toBeUndefined();
    expect(status(link, { isPage: true })).toBe(403);
    expect(status([...link, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"], { isPage: true })).toBe(403);
    expect(status([...link, ...navigation, "Origin", "http://evil.example"], { isPage: true })).toBe(403);
  });

  it("does not concern its own page, nor programs that say nothing", () => {
    expect(status(own)).toBeUndefined();
    expect(status([...own, "Sec-Fetch-Site", "same-origin", "Origin", "http://localhost:7701"])).toBeUndefined();
    expect(status([...own, "Sec-Fetch-Site", "none"])).toBeUndefined();
  });
});
