// DiscoveryService over the wire: lookups, misses that explain themselves, pages at one revision.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { ContainerState, Origin } from "../../clients/gen/theseus/v1/container.js";
import type { LookupRequest } from "../../clients/gen/theseus/v1/discovery_service.js";
import { ErrorReason } from "../../clients/gen/theseus/v1/error_reason.js";
import { GroupState } from "../../clients/gen/theseus/v1/group.js";
import type { ContainerInfo } from "../../src/model/container.js";
import { type GroupRef, groupRef } from "../../src/model/reference.js";
import { aGroup, anInfo, anIntent, NOW } from "../support/builders.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

const FRONT = groupRef("web", ["dev", "frontend"]);
const SEEDS_FOUR: ContainerInfo = {
  instanceName: "byhand",
  instanceHost: "10.1.2.3",
  instancePort: 8080,
  portMappings: { http: { external: 8080, exposed: 80, protocol: "tcp" } },
};

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

type More = Partial<Pick<LookupRequest, "port" | "includeNotReady" | "atLeastRevision">>;
const inGroup = (ref: GroupRef, more: More = {}) =>
  rig.discovery.lookup({ target: { $case: "group", value: ref }, ...more });
const select = (service: string, labels: string, more: More = {}) =>
  rig.discovery.lookup({ target: { $case: "selector", value: { service, labels } }, ...more });

describe("with three containers in one group", () => {
  const group = aGroup({
    ref: FRONT,
    instances: 3,
    ports: [
      { name: "http", container: 80 },
      { name: "admin", container: 81 },
    ],
  });
  beforeAll(async () => {
    rig.store.putGroup(FRONT, group.record, "u1");
    for (const slot of [1, 2, 3]) {
      const intent = anIntent(group, { slot });
      const state = slot === 3 ? "starting" : "ready";
      rig.store.putContainer({ ...FRONT, name: intent.name }, { intent, info: anInfo(group, intent, { state }) });
    }
    await rig.settled();
  });

  it("a lookup of the exact group gives the ready ones, in the order of slots, on the first port", async () => {
    const answer = await inGroup(FRONT);
    expect(answer.endpoints.map(({ container, port, portName }) => [container?.slot, port, portName])).toEqual([
      [1, 20010, "http"],
      [2, 20020, "http"],
    ]);
    expect(answer).toMatchObject({
      matchingGroups: 1,
      matchingContainers: 3,
      nearMisses: [],
      revision: rig.store.revision,
    });
    expect(answer.endpoints[0]).toMatchObject({ address: "172.17.0.1", ready: true, serving: true, draining: false });
  });

  it("a named port is answered with its host port, and an unknown one with nothing", async () => {
    expect((await inGroup(FRONT, { port: "admin" })).endpoints.map(({ port }) => port)).toEqual([20011, 20021]);
    expect((await inGroup(FRONT, { port: "nope" })).endpoints).toEqual([]);
  });

  it("those that are not ready come with their state when asked for", async () => {
    const { endpoints } = await select("web", "dev", { includeNotReady: true });
    expect(endpoints.map(({ ready, container }) => [ready, container?.state])).toEqual([
      [true, ContainerState.READY],
      [true, ContainerState.READY],
      [false, ContainerState.STARTING],
    ]);
  });

  it("a group that does not exist exactly is answered with those that contain its labels", async () => {
    const answer = await inGroup(groupRef("web", ["dev"]));
    expect(answer).toMatchObject({ endpoints: [], matchingGroups: 0, nearMisses: ["web/dev,frontend"] });
  });

  it("a misspelt selector is answered with what it may have meant", async () => {
    expect((await select("webb", "dev,frontend")).nearMisses).toContain("web/dev,frontend");
  });

  it("GetGroup says how it stands, and that one of three is missing", async () => {
    const { group: got } = await rig.discovery.getGroup({ group: { ...FRONT, labels: ["frontend", "dev", "dev"] } });
    expect(got).toMatchObject({ uid: "u1", configRevision: 1n, pinnedImage: "web:1@sha256:0" });
    expect(got?.status).toMatchObject({ state: GroupState.STARTING, wanted: 3, ready: 2 });
    expect(got?.config?.ports.map(({ name }) => name)).toEqual(["http", "admin"]);
  });

  it("GetGroup tells why a group is not as asked", async () => {
    rig.store.slots = {
      slots: {},
      attention: [{ reason: "IMAGE_NOT_FOUND", text: "image web:1 does not exist", since: NOW, retryAt: NOW + 5000 }],
    };
    const other = aGroup({ ref: groupRef("web", ["other"]) });
    rig.store.putGroup(other.ref, other.record, "u2");
    await rig.settled();
    const request = { group: { service: "web", labels: ["other"] } };
    const { group: got } = await rig.discovery.getGroup(request);
    expect(got?.status?.attention).toMatchObject([
      { text: "image web:1 does not exist", retryTime: new Date(NOW + 5000) },
    ]);
    rig.store.slots = undefined;
  });

  it("a missing group is answered with the groups that contain its labels and the command that shows them", async () => {
    const request = { group: { service: "web", labels: ["frontend"] } };
    const failed = await failureOf(rig.discovery.getGroup(request));
    expect(failed).toMatchObject({ code: 5, reason: "NO_SUCH_GROUP", domain: "theseus" });
    expect(failed.text).toBe("there is no group web/frontend");
    expect(failed.why).toBe("web/frontend means exactly the labels {frontend}. these contain it: web/dev,frontend");
    expect(failed.next.split("\n")).toEqual([
      "theseus describe web/dev,frontend",
      "theseus get groups web -l frontend",
    ]);
  });

  it("GetContainer finds by name and by slot, and names what there is otherwise", async () => {
    const ref = { ...FRONT, labels: [...FRONT.labels] };
    const get = (which: { $case: "name"; value: string } | { $case: "slot"; value: number }) =>
      rig.discovery.getContainer({ container: { group: ref, which } });
    const bySlot = await get({ $case: "slot", value: 2 });
    const byName = await get({ $case: "name", value: bySlot.container?.name ?? "" });
    expect(byName).toEqual(bySlot);
    expect(bySlot.container).toMatchObject({ slot: 2, origin: Origin.MANAGED, phase: "running", generation: 1n });
    expect(await failureOf(get({ $case: "slot", value: 9 }))).toMatchObject({ reason: "NO_SUCH_CONTAINER", code: 5 });
  });
});

describe("records written by hand", () => {
  const open = groupRef("hand", ["open"]);
  const closed = groupRef("hand", ["closed"]);
  const bare = groupRef("hand", []);
  beforeAll(async () => {
    rig.store.putGroup(open, aGroup({ ref: open, open: true, instances: 0 }).record);
    rig.store.putGroup(closed, aGroup({ ref: closed, instances: 0 }).record);
    for (const ref of [open, closed, bare]) rig.store.putContainer({ ...ref, name: "byhand" }, { info: SEEDS_FOUR });
    rig.store.put("odd", { kind: "broken", ref: { ...bare, name: "odd" }, problem: "the value is no JSON" });
    await rig.settled();
  });

  it("the seed's four fields alone are ready in a group without a config, and in an open one", async () => {
    for (const ref of [bare, open]) {
      const { endpoints } = await inGroup(ref);
      expect(endpoints).toMatchObject([
        {
          address: "10.1.2.3",
          port: 8080,
          portName: "http",
          ready: true,
          container: { name: "byhand", origin: Origin.FOREIGN },
        },
      ]);
    }
  });

  it("in a closed group such a record is never served, and is listed with the reason", async () => {
    expect((await inGroup(closed, { includeNotReady: true })).endpoints).toEqual([]);
    const request = { group: { ...closed, labels: [...closed.labels] } };
    const { containers } = await rig.discovery.listContainers(request);
    expect(containers).toMatchObject([{ name: "byhand", problem: expect.stringContaining("not open") }]);
  });

  it("a value that cannot be read is listed with its problem, and never served", async () => {
    const { endpoints } = await inGroup(bare, { includeNotReady: true });
    expect(endpoints.map(({ container }) => container?.name)).toEqual(["byhand"]);
    const request = { group: { service: "hand", labels: [] } };
    const { containers } = await rig.discovery.listContainers(request);
    expect(containers).toMatchObject([{ name: "byhand" }, { name: "odd", problem: "the value is no JSON" }]);
  });

  it("a value that cannot be read keeps nothing else from being served, and is told with its group", async () => {
    const ref = groupRef("hand", ["half"]);
    rig.store.putContainer({ ...ref, name: "byhand" }, { info: SEEDS_FOUR });
    rig.store.put("half", { kind: "broken", ref: { ...ref, name: "byhand" }, problem: "it is not JSON" });
    rig.store.put("half group", { kind: "broken", ref, problem: "uid is not text" });
    await rig.settled();
    expect((await inGroup(ref)).endpoints).toMatchObject([{ ready: true, container: { problem: "it is not JSON" } }]);
    const { group } = await rig.discovery.getGroup({ group: { ...ref, labels: [...ref.labels] } });
    expect(group?.status).toMatchObject({
      ready: 1,
      attention: [{ reason: ErrorReason.STORE_DAMAGED, text: expect.stringContaining("uid is not text") }],
    });
  });

  it("a stale record is served as ready, a draining one only as serving", async () => {
    rig.store.putContainer(
      { ...bare, name: "a-stale" },
      { info: { ...SEEDS_FOUR, instanceName: "a-stale", state: "stale" } },
    );
    rig.store.putContainer(
      { ...bare, name: "b-drain" },
      { info: { ...SEEDS_FOUR, instanceName: "b-drain", state: "draining" } },
    );
    await rig.settled();
    const { endpoints } = await inGroup(bare, { includeNotReady: true });
    expect(
      endpoints.map(({ container, ready, serving, draining }) => [container?.name, ready, serving, draining]),
    ).toEqual([
      ["a-stale", true, true, false],
      ["b-drain", false, true, true],
      ["byhand", true, true, false],
    ]);
  });
});

describe("lists", () => {
  const list = (request: Parameters<Rig["discovery"]["listGroups"]>[0]) => rig.discovery.listGroups(request);

  beforeAll(async () => {
    for (const label of ["a", "b", "c", "d", "e"]) {
      const ref = groupRef("paged", [label]);
      rig.store.putGroup(ref, aGroup({ ref }).record);
    }
    await rig.settled();
  });

  it("give all pages at one revision, whatever is written in between", async () => {
    const first = await list({ selector: { service: "paged" }, pageSize: 2 });
    rig.store.keepPast();
    rig.store.delete("default/paged/d", "default/paged/d config");
    await rig.settled();
    const names = first.groups.map(({ ref }) => ref?.labels.join());
    let token = first.nextPageToken;
    while (token !== "") {
      const page = await list({ selector: { service: "paged" }, pageSize: 2, pageToken: token });
      expect(page.revision).toBe(first.revision);
      names.push(...page.groups.map(({ ref }) => ref?.labels.join()));
      token = page.nextPageToken;
    }
    expect(names).toEqual(["a", "b", "c", "d", "e"]);
    expect((await list({ selector: { service: "paged" } })).groups).toHaveLength(4);
  });

  it("refuse a token of another question, and one that is made up", async () => {
    const { nextPageToken } = await list({ selector: { service: "paged" }, pageSize: 1 });
    for (const pageToken of [nextPageToken, "bm9uc2Vuc2U"]) {
      const failed = await failureOf(list({ selector: { service: "web" }, pageSize: 1, pageToken }));
      expect(failed).toMatchObject({ code: 3, reason: "PAGE_TOKEN_EXPIRED" });
    }
  });

  it("say PAGE_TOKEN_EXPIRED when the store has forgotten the revision", async () => {
    const page = Buffer.from((await list({ selector: { service: "paged" }, pageSize: 1 })).nextPageToken, "base64url");
    const old = page.toString().replace(/^\d+/, "2");
    const pageToken = Buffer.from(old).toString("base64url");
    const failed = await failureOf(list({ selector: { service: "paged" }, pageSize: 1, pageToken }));
    expect(failed.reason).toBe("PAGE_TOKEN_EXPIRED");
  });

  it("refuse a negative page size and a bad selector together", async () => {
    const failed = await failureOf(list({ selector: { service: "paged", labels: "A B" }, pageSize: -1 }));
    expect(failed.why.split("\n")).toHaveLength(2);
  });

  it("count groups, wanted and ready containers of each service", async () => {
    const { services } = await rig.discovery.listServices({});
    expect(services.find(({ name }) => name === "paged")).toMatchObject({
      groups: 4,
      wanted: 4,
      ready: 0,
      namespace: "default",
    });
    expect(services.find(({ name }) => name === "web")).toMatchObject({ groups: 2, wanted: 4, ready: 2 });
  });
});

describe("at_least_revision", () => {
  beforeEach(() => rig.settled());

  it("makes a lookup wait until the write is seen", async () => {
    const ref = groupRef("late", []);
    const coming = rig.store.revision + 1n;
    const answer = inGroup(ref, { atLeastRevision: coming });
    rig.store.putContainer({ ...ref, name: "byhand" }, { info: SEEDS_FOUR });
    expect((await answer).endpoints).toHaveLength(1);
  });
});
