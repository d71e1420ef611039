// Whatever a browser sends: an answer of ours or a refusal with a reason, and nothing thrown that nobody expected.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ReadLogsRequest } from "../../clients/gen/theseus/v1/theseus_service.js";
import { failed } from "../../clients/viewer/gateway/answer.js";
import { refusalOf } from "../../clients/viewer/gateway/guard.js";
import { targetsOf } from "../../clients/viewer/gateway/log-api.js";
import { Params } from "../../clients/viewer/gateway/params.js";
import { Ring } from "../../clients/viewer/gateway/ring.js";
import { targetOf } from "../../clients/viewer/gateway/routes.js";

const NAMES = ["ns", "ref", "name", "rev", "service", "labels", "port", "target", "slot", "host", "since", "tail"];
const GOOD = ["default", "web/prod", "web/-", "default web/prod", "a,b", "!a", "http", "0", "7", "2147483647", "1"];
const value = fc.oneof(fc.constantFrom(...GOOD), fc.string({ unit: "binary" }), fc.string(), fc.nat().map(String));
const query = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), fc.string()), value), { maxLength: 8 })
  .map((pairs) => pairs.map(([name, text]) => `${name}=${encoded(text)}`).join("&"));

/** Half of a pair has no form. */
const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());

const READS: readonly ((params: Params) => unknown)[] = [
  (params) => params.group(),
  (params) => params.namespace(),
  (params) => params.service(),
  (params) => params.labels(),
  (params) => params.port(),
  (params) => params.required("name"),
  (params) => params.isOn("follow"),
  (params) => BigInt(params.count("rev") ?? 0),
  (params) => new Date(params.count("since") ?? 0).toISOString(),
  (params) => ReadLogsRequest.encode(ReadLogsRequest.fromPartial({ targets: targetsOf(params) })).finish(),
];

describe("what browsers send", () => {
  it("is a path and a query, or refused as one of them", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.webUrl(), fc.webPath()), (url) => {
        const target = targetOf(url);
        if (target.kind === "refused") expect([400, 414]).toContain(target.status);
        else expect(target.path.startsWith("/") && !target.path.startsWith("//")).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is read from its query, or refused with a status of 4xx and a sentence", () => {
    fc.assert(
      fc.property(query, fc.constantFrom(...READS), (text, read) => {
        try {
          read(new Params(new URLSearchParams(text)));
        } catch (error) {
          const { status, body } = failed(error);
          expect([status, String(body)]).toEqual([400, expect.stringContaining('"message":"')]);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it("comes from no other host and no other site's page, whatever its headers are", () => {
    const own = "127.0.0.1:7701";
    const header = fc.tuple(fc.constantFrom("Host", "Origin", "Sec-Fetch-Site", "sec-fetch-mode", "X-A"), fc.string());
    fc.assert(
      fc.property(fc.array(header, { maxLength: 6 }), fc.boolean(), (headers, isPage) => {
        const asked = { rawHeaders: headers.flat(), localAddress: "127.0.0.1", localPort: 7701, isPage };
        const hosts = headers.filter(([name]) => name === "Host");
        const isOurs =
          hosts.length === 1 && ["127.0.0.1", "localhost", "[::1]"].some((at) => hosts[0]?.[1] === `${at}:7701`);
        if (!isOurs) expect(refusalOf(asked, [])?.status).toBe(421);
        const foreign = { ...asked, rawHeaders: ["Host", own, ...headers.filter(([name]) => name !== "Host").flat()] };
        const origins = headers.filter(([name, text]) => name === "Origin" && text.toLowerCase() !== `http://${own}`);
        if (origins.length > 0) expect([400, 403]).toContain(refusalOf(foreign, [])?.status);
      }),
      { numRuns: 2_000 },
    );
  });

  it("goes on from a cursor of this gateway, or begins anew", () => {
    const ring = new Ring("abcdef");
    for (let i = 0; i < 5; i++) ring.add(1_000 + i, (cursor) => Buffer.from(cursor));
    const cursor = fc.oneof(fc.string(), fc.stringMatching(/^abcdef-\d{1,16}-\d{1,17}$/), fc.constant(undefined));
    fc.assert(
      fc.property(cursor, (text) => {
        const resumed = ring.resume(text);
        if (resumed.kind === "deltas") expect(resumed.frames.length).toBeLessThanOrEqual(5);
        else expect(Number.isFinite(resumed.missedSince)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
