// A group that says `open: true`: a program of another's joins it, is found beside its containers, and counts as none of
// them; and what becomes of it when the group closes. Real Docker, a real server, the group file.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect, type RegisterOptions, type Registration, register } from "../../clients/index.js";
import { Stage } from "../proof/stage.js";
import { ObservedGroup } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const REFERENCE = "shop/open";

let stage: Stage;
let server: RunningServer;
let client: Connection;
let group: ObservedGroup;
const held: Registration[] = [];

beforeAll(async () => {
  stage = await Stage.setUp(undefined, "embedded");
  server = await stage.startServer();
  client = connect(server.listeners.grpc);
  group = new ObservedGroup(stage, REFERENCE);
}, 60_000);

afterAll(async () => {
  await Promise.all(held.map((one) => one.close().catch(() => undefined)));
  client?.close();
  await stage?.strike();
}, 60_000);

const apply = (open: boolean) =>
  stage.apply(server, { [REFERENCE]: { image: stage.image, instances: 2, ports: { http: 8080 }, open } });

async function join(name: string, more: Partial<RegisterOptions> = {}): Promise<Registration> {
  const asked = { group: REFERENCE, name, address: "192.0.2.7", ports: { http: 8080 }, ttl: 2000, ...more };
  const registration = await register(server.listeners.grpc, asked);
  held.push(registration);
  return registration;
}

async function found(atLeastRevision = 0n): Promise<string[]> {
  const target = { $case: "group" as const, value: group.ref };
  const { endpoints } = await client.discovery.lookup({ target, port: "http", atLeastRevision });
  return endpoints.map(({ container }) => container?.name ?? "");
}

describe("a group with a config", () => {
  it("that is not open refuses a program, and says what to do", async () => {
    await apply(false);
    await expect(join("guest")).rejects.toMatchObject({
      reason: "GROUP_CLOSED",
      why: [expect.stringContaining("open: true")],
      next: [expect.stringMatching(/^theseus apply -f .*open: true/)],
    });
    expect(await found()).toHaveLength(2);
  }, 60_000);

  it("that is open takes it, and it is found, and is none of its instances", async () => {
    await apply(true);
    const guest = await join("guest");
    expect(await found(guest.revision)).toHaveLength(3);
    expect(await found()).toContain("guest");
    const status = async () => (await client.discovery.getGroup({ group: group.ref })).group?.status;
    expect(await status()).toMatchObject({ ready: 2 });
    await apply(true);
    expect(await group.containers()).toHaveLength(2);
    const wide = await stage.theseus(server, "describe", REFERENCE);
    expect(wide).toMatch(/guest.*registered/);
  }, 60_000);

  it("that closes serves it no longer, keeps its place, takes no other, and serves it again once it opens", async () => {
    const [guest] = held;
    if (guest === undefined) throw new Error("nobody has joined");
    await apply(false);
    await until("it not to be served", async () => !(await found()).includes("guest"));
    await expect(join("other")).rejects.toMatchObject({ reason: "GROUP_CLOSED" });
    const before = await stage.store.infos(`${group.key}/containers/guest/`);
    expect(before).toHaveLength(1);
    const told = await stage.theseus(server, "describe", REFERENCE);
    expect(told).toMatch(/guest/);
    expect(told).toContain("is not open");
    // It still says that it lives, and is let.
    await guest.update({ weight: 50 });
    expect(await group.containers()).toHaveLength(2);
    await apply(true);
    await until("it to be served", async () => (await found()).includes("guest"));
    await guest.close();
    await until("it to be gone", async () => !(await found()).includes("guest"));
    expect(await stage.store.infos(`${group.key}/containers/guest/`)).toEqual([]);
  }, 60_000);

  it("that is removed leaves it where it is: it is another's", async () => {
    const guest = await join("stays");
    await stage.theseus(server, "remove", REFERENCE, "--yes");
    expect(await group.containers()).toEqual([]);
    expect(await found()).toEqual(["stays"]);
    await guest.update({ weight: 7 });
    await guest.close();
    expect([...(await stage.store.under(group.key)).keys()]).toEqual([]);
  }, 60_000);
});
