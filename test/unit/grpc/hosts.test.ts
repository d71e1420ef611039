import { describe, expect, it } from "@jest/globals";
import { ListHostsRequest } from "../../../clients/gen/theseus/v1/theseus_service.js";
import { getHost, listHosts } from "../../../src/grpc/hosts.js";
import type { TheseusDeps } from "../../../src/grpc/theseus-deps.js";
import type { HostRecord } from "../../../src/model/host.js";
import { byGroup } from "../../../src/model/reservations.js";
import { aGroup, anIntent } from "../../support/builders.js";

const host = (name: string): HostRecord => ({
  ...{ name, address: "10.0.0.1", engineId: name, engineVersion: "20.10", labels: [], cpu: 4, mem: 4096 },
  ...{ nextPort: 20_000, freedPorts: {}, lastSeen: 1_000 },
});

const group = aGroup();
const held = (slot: number, on: string, phase: "running" | "stopping" = "running") => ({
  group: group.ref,
  intent: anIntent(group, { slot, host: on, phase }),
  cpu: 0.5,
  mem: 100,
});

/** Whoever reads every reservation out of the store for a list of hosts has no store here. */
function scene() {
  const asked: bigint[] = [];
  const ports = {
    store: {
      readHosts: async () => ["b", "a", "c"].map((name, i) => ({ value: host(name), modRevision: BigInt(i + 5) })),
    },
    reservations: async (atLeast: bigint) => {
      asked.push(atLeast);
      return byGroup([held(1, "a"), held(2, "b"), held(3, "a", "stopping")]);
    },
  };
  return { asked, deps: { ports } as unknown as TheseusDeps };
}

describe("hosts", () => {
  it("are listed with what the mirror says is held of each, as new as the newest of their records", async () => {
    const { asked, deps } = scene();
    const { hosts, revision } = await listHosts(deps, ListHostsRequest.fromPartial({}));
    expect(
      hosts.map(({ name, cpuReserved, memBytesReserved, containers }) => [
        name,
        cpuReserved,
        memBytesReserved,
        containers,
      ]),
    ).toEqual([
      ["a", 1, 200n, 1],
      ["b", 0.5, 100n, 1],
      ["c", 0, 0n, 0],
    ]);
    expect([asked, revision]).toEqual([[7n], 7n]);
  });

  it("come page by page, each once", async () => {
    const { deps } = scene();
    const first = await listHosts(deps, ListHostsRequest.fromPartial({ pageSize: 2 }));
    const second = await listHosts(deps, ListHostsRequest.fromPartial({ pageSize: 2, pageToken: first.nextPageToken }));
    expect([...first.hosts, ...second.hosts].map(({ name }) => name)).toEqual(["a", "b", "c"]);
    expect([second.nextPageToken, second.revision]).toEqual(["", first.revision]);
  });

  it("are told one by one in the same way", async () => {
    const { deps } = scene();
    expect((await getHost(deps, { name: "a" })).host).toMatchObject({ cpuReserved: 1, containers: 1 });
    await expect(getHost(deps, { name: "x" })).rejects.toThrow("there is no host x");
  });
});
