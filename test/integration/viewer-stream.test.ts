// The gateway of the viewer on a real server: what the page is told while groups change, and where it goes on after
// breaks of every part.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import type { GroupConfig } from "../../clients/gen/theseus/v1/group.js";
import type { Fields } from "../../clients/partial.js";
import type { ContainerDetail, GroupDetail, LookupAnswer, RolloutDetail } from "../../clients/viewer/wire.js";
import { Stage } from "../proof/stage.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";
import { ViewerStream } from "../support/viewer-stream.js";
import { type RunningViewer, startViewer } from "../viewer/support/viewer.js";

const GOOD = { ports: [{ name: "http", container: 8080 }], instances: 2 };
const SOON = { minHealthyTime: { seconds: 0n, nanos: 200_000_000 } };

let stage: Stage;
let server: RunningServer;
let viewer: RunningViewer;
let client: Connection;
const streams: ViewerStream[] = [];

beforeAll(async () => {
  stage = await Stage.setUp(undefined, "embedded");
  server = await stage.startServer();
  viewer = await startViewer(server.listeners.grpc);
  client = connect(server.listeners.grpc);
}, 60_000);

afterEach(() => {
  for (const stream of streams.splice(0)) stream.close();
});

afterAll(async () => {
  client?.close();
  await viewer?.child.stop();
  await stage?.strike();
}, 60_000);

function follow(cursor = ""): ViewerStream {
  const stream = new ViewerStream(viewer.url, cursor);
  streams.push(stream);
  return stream;
}

async function asked<T>(path: string): Promise<T> {
  const response = await fetch(`${viewer.url}${path}`);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

const refOf = (ref: string) => {
  const [service = "", labels = ""] = ref.split("/");
  return { service, labels: labels.split(",") };
};

async function create(ref: string, config: Fields<GroupConfig> = {}): Promise<void> {
  const whole = { image: stage.image, ...GOOD, update: SOON, ...config };
  await client.theseus.createGroup({ group: refOf(ref), config: whole });
}

async function steady(stream: ViewerStream, ref: string, rev: number): Promise<void> {
  await until(`${ref} to be steady at ${rev}`, () => {
    const row = stream.group(ref);
    return row?.state === "steady" && row.rev === rev && row.rollout === null;
  });
}

describe("the stream of the viewer", () => {
  it("begins with everything, and then tells each change once, with a cursor", async () => {
    const stream = follow();
    await until("a snapshot", () => stream.came.length > 0);
    expect(stream.came[0]).toMatchObject({ event: "snapshot", data: { truth: { state: "ok" }, missedSince: 0 } });
    await create("web/told");
    await steady(stream, "web/told", 1);
    const told = stream.containersOf("web/told").map(({ slot, state }) => `${slot} ${state}`);
    expect(told.sort()).toEqual(["1 ready", "2 ready"]);
    expect(stream.came.slice(1).some(({ event }) => event === "snapshot")).toBe(false);
    const ids = stream.came.flatMap(({ id }) => (id === "" ? [] : [id]));
    expect(new Set(ids).size).toBe(ids.length);
    // What was told piece by piece is what somebody is told who comes now.
    const fresh = follow();
    await until("another snapshot", () => fresh.came.length > 0);
    expect(Object.fromEntries(fresh.groups)).toEqual(Object.fromEntries(stream.groups));
    expect(Object.fromEntries(fresh.containers)).toEqual(Object.fromEntries(stream.containers));
  }, 60_000);

  it("goes on from a cursor with what was missed, and begins anew from what is none", async () => {
    const first = follow();
    await until("a snapshot", () => first.cursor !== "");
    const { cursor } = first;
    first.close();
    await create("web/missed");
    await steady(follow(), "web/missed", 1);
    const again = follow(cursor);
    await until("what was missed", () => again.group("web/missed")?.state === "steady");
    expect(again.came.some(({ event }) => event === "snapshot")).toBe(false);
    for (const strange of [
      "abcdef123456-9-1700000000000",
      cursor.replace(/-\d+-/, "-999999-"),
      "x".repeat(5_000),
      "-",
    ]) {
      const stream = follow(strange);
      await until("a snapshot", () => stream.came.length > 0);
      expect(stream.came[0]?.event).toBe("snapshot");
      expect(stream.group("web/missed")).toBeDefined();
    }
    const late = follow("abcdef123456-9-1700000000000");
    await until("a snapshot", () => late.came.length > 0);
    expect(late.came[0]).toMatchObject({ data: { missedSince: 1_700_000_000_000 } });
  }, 60_000);

  it("tells of a container that is gone, and of a group that is", async () => {
    const stream = follow();
    await create("web/leaves");
    await steady(stream, "web/leaves", 1);
    await client.theseus.removeGroup({ group: refOf("web/leaves") });
    await until("nothing of it", () => {
      return stream.group("web/leaves") === undefined && stream.containersOf("web/leaves").length === 0;
    });
  }, 60_000);
});

describe("a rollout in the viewer", () => {
  it("has its capacity over time and its lanes, and is gone from the row when it is done", async () => {
    const stream = follow();
    await create("web/rolls", { env: { TOKEN: "hunter2", LEVEL: "info" } });
    await steady(stream, "web/rolls", 1);
    await client.theseus.updateGroup({ group: refOf("web/rolls"), config: { env: { TOKEN: "hunter3" } } });
    await until("the rollout", () => stream.group("web/rolls")?.rollout?.state === "running");
    await steady(stream, "web/rolls", 2);
    const { row, capacity, lanes, changes, seenFrom, blind } = await asked<RolloutDetail>(
      "api/rollout?ref=web/rolls&rev=2",
    );
    expect(row).toMatchObject({ id: "r-2", state: "done" });
    expect(seenFrom).toBeLessThan(row.started);
    expect(blind).toEqual([]);
    const totals = capacity.filter(({ time }) => time >= row.started).map((point) => point.old + point.new);
    expect(Math.min(...totals)).toBeGreaterThanOrEqual(row.promised);
    expect(capacity.at(-1)).toMatchObject({ old: 0, new: 2 });
    expect(lanes.map(({ slot, state }) => `${slot} ${state}`)).toEqual(["1 done", "2 done"]);
    for (const { containers } of lanes) {
      // A port that somebody else has taken meanwhile costs a generation.
      expect([...new Set(containers.map(({ rev }) => rev))]).toEqual([1, 2]);
      expect(containers.at(-1)?.steps.at(-1)).toMatchObject({ what: "ready", to: 0 });
      expect(containers[0]?.steps.at(-1)?.to).toBeGreaterThan(0);
    }
    expect(JSON.stringify(changes)).not.toContain("hunter");
    expect(changes.map(({ path }) => path)).toContain("env.TOKEN");
  }, 60_000);

  it("that fails tells why in place, with the evidence, and is still told when it is rolled back", async () => {
    const stream = follow();
    await create("web/fails", { env: { API_KEY: "hunter2" } });
    await steady(stream, "web/fails", 1);
    const config = { command: ["sh", "-c", "echo no key; exit 3"] };
    await client.theseus.updateGroup({ group: refOf("web/fails"), config, updateMask: ["command"] });
    await until("it to be rolled back", () => stream.group("web/fails")?.rollout?.state === "rolled-back");
    await until("it to be steady", () => stream.group("web/fails")?.state === "steady");
    expect(stream.group("web/fails")?.rollout).toMatchObject({ id: "r-2", failure: { reason: "CONTAINER_EXITED" } });
    const { evidence } = await asked<RolloutDetail>("api/rollout?ref=web/fails&rev=2");
    expect(evidence[0]).toMatchObject({ exitCode: 3, lines: [{ text: "no key" }] });
    const group = await asked<GroupDetail>("api/group?ns=default&ref=web/fails");
    expect(group.revisions.map(({ rev }) => rev)).toEqual([3, 2, 1]);
    const hidden = group.revisions.flatMap(({ fields }) => fields).filter(([path]) => path === "env.API_KEY");
    expect(new Set(hidden.map(([, value]) => value)).size).toBe(1);
    expect(JSON.stringify(group)).not.toContain("hunter");
    const name = evidence[0]?.container ?? "";
    const gone = await asked<ContainerDetail>(`api/container?ref=web/fails&name=${name}`);
    expect(gone).toMatchObject({ row: { name, state: "failed" } });
    expect(gone.evidence[0]).toMatchObject({ container: name, exitCode: 3 });
    expect(gone.steps?.at(-1)?.to).toBeGreaterThan(0);
    expect(gone.siblings.length).toBeGreaterThan(0);
  }, 60_000);

  it("leads to what a client is given", async () => {
    await create("looked/prod,up");
    const stream = follow();
    await steady(stream, "looked/prod,up", 1);
    const found = await asked<LookupAnswer>("api/lookup?service=looked&labels=prod&port=http");
    expect(found.endpoints).toHaveLength(2);
    expect(Object.keys(found.formats).sort()).toEqual(
      ["table", "wide", "name", "json", "yaml", "jsonl", "tsv", "host:port", "env", "haproxy", "nginx"].sort(),
    );
    expect(found.formats["haproxy"]).toContain("backend looked_prod_http");
    expect(found.changes.flatMap(({ put }) => put).sort()).toEqual(found.endpoints.map((one) => one.container.name));
    const missed = await asked<LookupAnswer>("api/lookup?service=looked&labels=prod&port=other");
    expect(missed).toMatchObject({ endpoints: [], miss: "no-such-port" });
  }, 60_000);
});

describe("a viewer whose server is killed", () => {
  it("keeps what it knows and says so, and comes to what is true when it is back", async () => {
    const stream = follow();
    await create("web/stays");
    await steady(stream, "web/stays", 1);
    const { listeners } = server;
    await server.child.kill9();
    await until("it to be said", () => stream.truth?.state === "server-away");
    expect(stream.group("web/stays")).toMatchObject({ state: "steady", ready: 2 });
    const refused = await fetch(`${viewer.url}api/group?ref=web/stays`);
    expect([refused.status, await refused.json()]).toMatchObject([503, { error: { code: "SERVER_UNREACHABLE" } }]);
    server = await stage.startServer({ flags: ["--listen", listeners.grpc] });
    await until("the server to be back", () => stream.truth?.state === "ok", { withinMs: 30_000 });
    await create("web/after");
    await steady(stream, "web/after", 1);
    const fresh = follow();
    await until("a snapshot", () => fresh.came.length > 0);
    expect([...fresh.groups.keys()].sort()).toEqual([...stream.groups.keys()].sort());
    expect(Object.fromEntries(fresh.containers)).toEqual(Object.fromEntries(stream.containers));
  }, 90_000);
});
