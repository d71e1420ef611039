// Lookups over the wire: how many, how fresh, in which order, and why nothing is there.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Consistency, type LookupRequest, MissReason } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { ContainerInfo } from "../../src/model/container.js";
import { TheseusError } from "../../src/model/errors.js";
import { type GroupRef, groupRef } from "../../src/model/reference.js";
import { aGroup, anInfo, anIntent } from "../support/builders.js";
import { until } from "../support/until.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

type More = Partial<Omit<LookupRequest, "target">>;
const inGroup = (ref: GroupRef, more: More = {}) =>
  rig.discovery.lookup({ target: { $case: "group", value: ref }, ...more });
const select = (value: { service?: string; labels?: string; allNamespaces?: boolean }, more: More = {}) =>
  rig.discovery.lookup({ target: { $case: "selector", value }, ...more });

function put(ref: GroupRef, name: string, more: Partial<ContainerInfo> = {}): void {
  const portMappings = { http: { external: 8080, exposed: 80, protocol: "tcp" } } as const;
  const info = { instanceName: name, instanceHost: "10.1.2.3", instancePort: 8080, portMappings, ...more };
  rig.store.putContainer({ ...ref, name }, { info });
}

const namesOf = ({ endpoints }: Awaited<ReturnType<typeof inGroup>>) =>
  endpoints.map(({ container }) => container?.name);

describe("a lookup", () => {
  const ref = groupRef("where", ["a"]);
  beforeAll(async () => {
    put(ref, "one", { host: "h1", weight: 0 });
    put(ref, "two", { host: "h2" });
    put(ref, "zwei", { host: "h2", weight: 250 });
    await rig.settled();
  });

  it("puts those on the host of who asks first, and keeps the order otherwise", async () => {
    expect(namesOf(await inGroup(ref))).toEqual(["one", "two", "zwei"]);
    expect(namesOf(await inGroup(ref, { askingHost: "h2" }))).toEqual(["two", "zwei", "one"]);
    expect(namesOf(await inGroup(ref, { askingHost: "elsewhere" }))).toEqual(["one", "two", "zwei"]);
  });

  it("tells the weight of each, 100 where none is set", async () => {
    const { endpoints } = await inGroup(ref);
    expect(endpoints.map(({ weight }) => weight)).toEqual([0, 100, 250]);
  });

  it("by labels alone finds groups of every service, and of every namespace when asked", async () => {
    put(groupRef("where", ["a", "b"], "team"), "far");
    put(groupRef("anything", ["a"]), "else");
    await rig.settled();
    expect(namesOf(await select({ labels: "a" }))).toEqual(["else", "one", "two", "zwei"]);
    expect(namesOf(await select({ labels: "a,b", allNamespaces: true }))).toEqual(["far"]);
    expect(namesOf(await select({ labels: "a,!b|c", service: "anything" }))).toEqual(["else"]);
  });

  it("that nothing has changed for has the revision of now", async () => {
    const before = await inGroup(ref);
    put(groupRef("unrelated", []), "x");
    await rig.settled();
    const after = await inGroup(ref);
    expect(after.revision).toBe(rig.store.revision);
    expect(after.endpoints).toEqual(before.endpoints);
  });

  it("that has to be linearizable asks the store, and fails when it does not answer; others go on", async () => {
    put(ref, "zzz");
    const fresh = await inGroup(ref, { consistency: Consistency.LINEARIZABLE });
    expect(namesOf(fresh)).toEqual(["one", "two", "zwei", "zzz"]);
    rig.store.broken = new TheseusError("STORE_UNREACHABLE", { what: "away", retryable: true });
    const failed = await failureOf(inGroup(ref, { consistency: Consistency.LINEARIZABLE }));
    expect(failed.reason).toBe("STORE_UNREACHABLE");
    expect((await inGroup(ref)).asOfTime).toEqual(expect.any(Date));
    rig.store.broken = undefined;
  });

  it("is refused with everything that is wrong with it", async () => {
    const wrong = { minimum: -1, consistency: 7, askingHost: "x".repeat(300), port: "UP", atLeastRevision: -1n };
    const failed = await failureOf(rig.discovery.lookup(wrong));
    expect(failed).toMatchObject({ code: 3, reason: "INVALID_REQUEST" });
    expect(failed.why.split("\n")).toHaveLength(6);
  });
});

describe("a lookup for so many", () => {
  const ref = groupRef("many", ["x"]);
  /** The server gives up shortly before the deadline. */
  const within = (milliseconds: number) => ({ deadline: Date.now() + milliseconds });

  it("waits until they are ready", async () => {
    put(ref, "a");
    put(ref, "b", { state: "starting" });
    await rig.settled();
    let answered = false;
    const answer = inGroup(ref, { minimum: 2 }).finally(() => {
      answered = true;
    });
    await inGroup(ref);
    expect(answered).toBe(false);
    put(ref, "b");
    expect(namesOf(await answer)).toEqual(["a", "b"]);
  });

  it("says at its deadline what there is, and why the rest is not ready", async () => {
    const group = aGroup({ ref: groupRef("few", ["x"]), instances: 3, ports: [{ name: "http", container: 80 }] });
    rig.store.putGroup(group.ref, group.record, "u1");
    for (const [i, state] of (["ready", "unhealthy", "starting"] as const).entries()) {
      const intent = anIntent(group, { slot: i + 1 });
      const info = anInfo(group, intent, { state });
      rig.store.putContainer({ ...group.ref, name: intent.name }, { intent, info });
    }
    await rig.settled();
    const request = { target: { $case: "group" as const, value: group.ref }, minimum: 2, port: "http" };
    const failed = await failureOf(rig.lookupWith(request, within(1500)));
    expect(failed).toMatchObject({
      code: 4,
      reason: "NOT_ENOUGH",
      text: "1 of at least 2 are ready for few/x, port http",
      next: "theseus describe few/x",
    });
    expect(failed.metadata).toMatchObject({ ready: "1", minimum: "2", matching_containers: "3" });
    const [counted, second, third] = failed.why.split("\n");
    expect(counted).toBe("1 group matches, with 3 containers");
    expect([second, third]).toEqual([expect.stringContaining("is unhealthy"), expect.stringContaining("is starting")]);
  });

  it("of a group that does not exist says what is near", async () => {
    const request = { target: { $case: "group" as const, value: groupRef("mny", ["x"]) }, minimum: 1 };
    const failed = await failureOf(rig.lookupWith(request, within(1500)));
    expect(failed).toMatchObject({ reason: "NOT_ENOUGH", next: "theseus describe many/x" });
    expect(failed.why).toBe("no group matches; near: many/x");
  });

  it("leaves nothing behind when its caller gives up", async () => {
    const request = { target: { $case: "group" as const, value: groupRef("gone", []) }, minimum: 1 };
    const [call, answer] = rig.lookupCall(request);
    await inGroup(ref);
    call.cancel();
    await expect(answer).rejects.toMatchObject({ code: 1 });
    await until("the call to be over", () => rig.calls.some(({ code }) => code === "CANCELLED"));
  });
});

describe("a lookup that finds nothing ready says which of these it is:", () => {
  it("nothing of that name exists", async () => {
    expect(await select({ service: "nosuch" })).toMatchObject({ miss: MissReason.NONE_EXIST, matchingGroups: 0 });
  });

  it("groups exist, and none of them is meant", async () => {
    put(groupRef("shop", ["dev", "front"]), "a");
    await rig.settled();
    expect(await inGroup(groupRef("shop", ["dev"]))).toMatchObject({
      miss: MissReason.NONE_MATCH,
      nearMisses: ["shop/dev,front"],
    });
  });

  it("nothing has such a port", async () => {
    const answer = await inGroup(groupRef("shop", ["dev", "front"]), { port: "admin" });
    expect(answer).toMatchObject({
      miss: MissReason.NO_SUCH_PORT,
      notReady: [{ name: "a", why: "it has no port named admin" }],
    });
  });

  it("nothing is ready, with each that is not, 20 at most", async () => {
    const ref = groupRef("slow", []);
    for (let i = 10; i < 40; i++) put(ref, `c${i}`, { state: "unhealthy" });
    await rig.settled();
    const answer = await inGroup(ref);
    expect(answer).toMatchObject({ miss: MissReason.NONE_READY, matchingContainers: 30 });
    expect(answer.notReady.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, i) => `c${i + 10}`));
  });

  it("and none where something is", async () => {
    const answer = await inGroup(groupRef("shop", ["dev", "front"]));
    expect(answer).toMatchObject({ miss: MissReason.UNSPECIFIED, notReady: [] });
  });
});
