import { describe, expect, it } from "@jest/globals";
import type { Probed } from "../../../src/model/defaults.js";
import { faultIn, withFault } from "../../../src/scheduler/probe-fault.js";

const http: Probed = { kind: "http", port: "http", path: "/healthz" };
const tcp: Probed = { kind: "tcp", port: "admin" };
const missing = { probed: http, passed: false, text: "404 in 3 ms", said: "404" };
const refused = { probed: tcp, passed: false, text: "connect ECONNREFUSED 172.17.0.1:20001" };

describe("what a check that does not pass is told of", () => {
  it("is what was asked and what was answered, without how long that took", () => {
    expect(faultIn([missing])).toBe("GET /healthz answered 404");
    const grpc = { ...missing, probed: { kind: "grpc", port: "http", service: "" } as const, said: "NOT_SERVING" };
    expect(faultIn([grpc])).toBe("the grpc health check answered NOT_SERVING");
    expect(faultIn([{ ...grpc, probed: { kind: "grpc", port: "http", service: "shop.Web" } }])).toBe(
      "the grpc health check of shop.Web answered NOT_SERVING",
    );
  });

  it("is why there was no answer", () => {
    expect(faultIn([refused])).toBe("a connection to port admin: connect ECONNREFUSED 172.17.0.1:20001");
    const silent = { probed: http, passed: false, text: "no answer in 2000 ms" };
    expect(faultIn([silent])).toBe("GET /healthz: no answer in 2000 ms");
  });

  it("is the first of several that did not pass", () => {
    const good = { probed: http, passed: true, text: "200 in 1 ms", said: "200" };
    expect(faultIn([good, refused, missing])).toContain("port admin");
    expect(faultIn([good])).toBeUndefined();
  });

  it("counts the same words, and begins anew with others", () => {
    const once = withFault(undefined, "GET / answered 404");
    const twice = withFault(once, "GET / answered 404");
    expect([once?.times, twice?.times]).toEqual([1, 2]);
    expect(withFault(twice, "GET / answered 500")).toEqual({ text: "GET / answered 500", times: 1 });
    expect(withFault(twice, undefined)).toBeUndefined();
  });
});
