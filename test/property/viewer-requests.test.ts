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

  const OWN = ["127.0.0.1", "localhost", "[::1]"].map((at) => `${at}:7701`);
  /** Names that are nearly ours. */
  const NEAR = ["127.0.0.1", "127.0.0.1:7702", "127.0.0.1:77010", "localhost", "localhost:7701.example", "[::1]:7702"];
  const NEARER = ["::1:7701", "xlocalhost:7701", "127.0.0.1:7701@example", "127.0.0.2:7701", "localhost:07701", ""];
  const host = fc.oneof(
    { arbitrary: fc.constantFrom(...OWN), weight: 3 },
    { arbitrary: fc.constantFrom(...NEAR, ...NEARER), weight: 2 },
    fc.string(),
  );
  const origin = fc.oneof(
    { arbitrary: host.map((at) => `http://${at}`), weight: 3 },
    fc.constantFrom("null", `https://${OWN[0]}`, `http://${OWN[0]}/`, "http://localhost:7701.example"),
    fc.string(),
  );
  const HEADERS = { host, origin, site: fc.constantFrom("same-origin", "none", "cross-site", "same-site", "odd") };

  const LOCAL = { localAddress: "127.0.0.1", localPort: 7701 };
  type Header = { host: string; origin?: string; site?: string; isTwice?: boolean };

  function raw({ host: at, origin: from, site, isTwice = false }: Header): string[] {
    const pairs = [["Host", at], isTwice ? ["host", at] : [], from === undefined ? [] : ["Origin", from]];
    return [...pairs, site === undefined ? [] : ["Sec-Fetch-Site", site]].flat();
  }

  /** Without a word of where the answer would be shown, so that no link of another site leads here. */
  function rightStatus({ host: at, origin: from, site = "none", isTwice = false }: Header): number | undefined {
    if (isTwice || !OWN.includes(at.toLowerCase())) return 421;
    const origins = ["http", "https"].map((scheme) => `${scheme}://${at.toLowerCase()}`);
    if (from !== undefined && !origins.includes(from.toLowerCase())) return 403;
    return site === "none" || site === "same-origin" ? undefined : 403;
  }

  it("is let in from a browser on one of our own pages and from no other host, whatever its headers are", () => {
    const seen = { own: 0, foreign: 0 };
    const headers = fc.record(
      { ...HEADERS, isTwice: fc.nat({ max: 9 }).map((n) => n === 0) },
      { requiredKeys: ["host"] },
    );
    fc.assert(
      fc.property(headers, fc.boolean(), (header, isPage) => {
        const status = refusalOf({ rawHeaders: raw(header), ...LOCAL, isPage }, [])?.status;
        const right = rightStatus(header);
        seen[right === undefined ? "own" : "foreign"] += 1;
        expect(status).toBe(right);
      }),
      { numRuns: 3_000 },
    );
    expect([seen.own > 100, seen.foreign > 500]).toEqual([true, true]);
  });

  it("goes on behind a cursor of this gateway with exactly what is behind it, or begins anew", () => {
    const [kept, told] = [4, 9];
    const ring = new Ring("abcdef", { count: kept, bytes: 1_000_000 });
    for (let i = 1; i <= told; i++) ring.add(1_000 + i, () => Buffer.from(String(i)));
    const ours = fc.tuple(fc.nat({ max: 12 }), fc.nat()).map(([at, time]) => `abcdef-${at}-${time}`);
    const strange = fc.oneof(fc.string(), fc.stringMatching(/^abcde[a-g]-\d{1,16}-\d{1,17}$/), fc.constant(undefined));
    const seen = { deltas: 0, snapshot: 0 };
    fc.assert(
      fc.property(fc.oneof(ours, strange), (cursor) => {
        const [, digits] = /^abcdef-(0|[1-9]\d{0,14})-(?:0|[1-9]\d{0,15})$/.exec(cursor ?? "") ?? [];
        const from = digits === undefined ? -1 : Number(digits);
        const resumed = ring.resume(cursor);
        seen[resumed.kind] += 1;
        if (from < told - kept || from > told) expect(resumed.kind).toBe("snapshot");
        else {
          const behind = Array.from({ length: told - from }, (_, i) => String(from + i + 1));
          expect(resumed.kind === "deltas" && resumed.frames.map(String)).toEqual(behind);
        }
        if (resumed.kind === "snapshot") expect(Number.isFinite(resumed.missedSince)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    expect([seen.deltas > 200, seen.snapshot > 200]).toEqual([true, true]);
  });
});
