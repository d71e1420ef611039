// watchService() at two servers over one real etcd: what it tells stays what a fresh lookup tells, whatever breaks.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect, type ServiceState, watchService } from "../../clients/index.js";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire } from "../../src/model/ports.js";
import { systemClock } from "../../src/system.js";
import { DiscoveryServer } from "../support/discovery-server.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.js";
import { until } from "../support/until.js";

let etcd: TestEtcd;
let wire: EtcdWire;
let servers: DiscoveryServer[] = [];
let proxies: TcpProxy[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  servers = [await DiscoveryServer.start(etcd.endpoint), await DiscoveryServer.start(etcd.endpoint)];
  proxies = await Promise.all(servers.map(({ address }) => startTcpProxy(Number(address.split(":")[1]))));
}, 30_000);

afterAll(async () => {
  for (const proxy of proxies) await proxy.close();
  for (const server of servers) await server.stop();
  wire?.close();
  await etcd?.stop();
});

async function put(name: string, weight: number): Promise<bigint> {
  const port_mappings = { http: { external: 8080, exposed: 80, protocol: "tcp" } };
  const where = { instance_host: "10.1.1.1", instance_port: 8080, port_mappings };
  const value = JSON.stringify({ instance_name: name, ...where, weight });
  return (await wire.txn([], [{ op: "put", key: `/services/web/-/containers/${name}/info`, value }])).revision;
}

describe("a watched service", () => {
  it("is told whole over cuts and over the end of a server", async () => {
    const breaks: string[] = [];
    const watch = watchService(
      proxies.map(({ port }) => `127.0.0.1:${port}`),
      "web/-",
      { acknowledge: true, onBreak: ({ reason }) => void breaks.push(reason) },
    );
    const states: ServiceState[] = [];
    const reading = (async () => {
      for await (const state of watch) states.push(state);
    })();
    try {
      await until("the first state", () => states.length > 0);
      let last = 0n;
      for (let round = 0; round < 12; round += 1) {
        last = await put(`w${round}`, 1);
        for (const proxy of proxies) proxy.cut();
        if (round === 6) await servers[0]?.stopServing();
        last = await put(`w${round}`, 2);
      }
      await until("the newest state", () => (states.at(-1)?.revision ?? 0n) >= last);
      expect(breaks.length).toBeGreaterThan(0);
      const client = connect(servers[1]?.address ?? "");
      const target = { $case: "group" as const, value: { service: "web" } };
      const { endpoints } = await client.discovery.lookup({ target, atLeastRevision: last });
      client.close();
      expect(states.at(-1)?.endpoints).toEqual(endpoints);
      const revisions = states.map(({ revision }) => revision);
      expect(revisions).toEqual([...revisions].sort((a, b) => Number(a - b)));
      expect(watch.age()).toBeLessThan(60_000);
    } finally {
      await watch.return();
      await reading;
    }
  });
});
