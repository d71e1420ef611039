// /healthz, /readyz and /metrics beside a running gRPC server.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createMetrics } from "../../src/http/metrics.js";
import { catalogProblems } from "../../src/http/readiness.js";
import { createHttpServer } from "../../src/http/server.js";
import { groupRef } from "../../src/model/reference.js";
import { systemClock } from "../../src/system.js";
import { aGroup, anInfo, anIntent } from "../support/builders.js";
import { type Rig, startRig } from "../unit/grpc/rig.js";

let rig: Rig;
let problems: readonly string[] = [];
let base = "";
let stop: () => Promise<void>;
beforeAll(async () => {
  rig = await startRig();
  const metrics = createMetrics(rig.catalog);
  const { log } = rig;
  const notReady = () => [...catalogProblems(rig.catalog), ...problems];
  const server = createHttpServer({ notReady, metrics, clock: systemClock, log });
  const { port } = await server.start({ host: "127.0.0.1", port: 0 });
  base = `http://127.0.0.1:${port}`;
  stop = () => server.stop();
  const group = aGroup({ ref: groupRef("web", ["dev"]), instances: 3 });
  const intent = anIntent(group);
  rig.store.putGroup(group.ref, group.record);
  rig.store.putContainer({ ...group.ref, name: intent.name }, { intent, info: anInfo(group, intent) });
  await rig.settled();
  metrics.observe({ kind: "rpc", method: "theseus.v1.DiscoveryService/Lookup", outcome: "OK", milliseconds: 3 });
  metrics.observe({ kind: "store", method: "range", outcome: "STORE_UNREACHABLE", milliseconds: 3 });
});
afterAll(async () => {
  await stop();
  await rig.close();
});

describe("the http listener", () => {
  it("says that the process lives, and whether it can answer", async () => {
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    problems = ["the store was last heard from 40 s ago"];
    const answer = await fetch(`${base}/readyz?verbose`);
    problems = [];
    expect([answer.status, await answer.text()]).toEqual([503, "the store was last heard from 40 s ago\n"]);
  });

  it("knows nothing else, and can only be read", async () => {
    expect((await fetch(`${base}/`)).status).toBe(404);
    const posted = await fetch(`${base}/metrics`, { method: "POST" });
    expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect((await fetch(`${base}/healthz`, { method: "HEAD" })).status).toBe(200);
  });

  it("counts calls from before the first reader, and tells wanted and ready of each group", async () => {
    const text = await (await fetch(`${base}/metrics`)).text();
    const lines = text.split("\n");
    expect(lines).toContain('theseus_rpc_calls_total{method="theseus.v1.DiscoveryService/Lookup",outcome="OK"} 1');
    expect(lines).toContain('theseus_store_calls_total{method="range",outcome="STORE_UNREACHABLE"} 1');
    expect(lines).toContain('theseus_group_wanted{namespace="default",service="web",labels="dev"} 3');
    expect(lines).toContain('theseus_group_ready{namespace="default",service="web",labels="dev"} 1');
    expect(text).toContain("nodejs_eventloop_lag_p99_seconds");
    expect(text).toContain("theseus_catalog_age_seconds");
  });

  it("is not ready before the store has been read", () => {
    expect(catalogProblems({ cursor: () => undefined, age: () => 0 })).toEqual(["the store has not been read yet"]);
  });
});
