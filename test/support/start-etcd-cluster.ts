// Several private etcds on loopback that are members of one cluster. Nothing is left behind by their stop().

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.js";
import { TestEtcd } from "./start-etcd.js";

type Place = { readonly name: string; readonly endpoint: string; readonly peer: string; readonly port: number };

/** Starts them and waits until all are healthy. Call stop() of each whatever happens. */
export async function startEtcdCluster(size: number): Promise<readonly TestEtcd[]> {
  const places: Place[] = [];
  for (let i = 0; i < size; i++) {
    const [port, peerPort] = [await freePort(), await freePort()];
    places.push({ name: `m${i}`, port, endpoint: `http://127.0.0.1:${port}`, peer: `http://127.0.0.1:${peerPort}` });
  }
  const cluster = places.map(({ name, peer }) => `${name}=${peer}`).join(",");
  const members = await Promise.all(places.map((place) => memberAt(place, cluster)));
  try {
    await Promise.all(members.map((member) => member.start()));
    return members;
  } catch (error) {
    await Promise.all(members.map((member) => member.stop()));
    throw error;
  }
}

async function memberAt({ name, endpoint, peer, port }: Place, cluster: string): Promise<TestEtcd> {
  const folder = await mkdtemp(join(tmpdir(), "theseus-etcd-"));
  return new TestEtcd({
    port,
    folder,
    endpoint,
    certificates: undefined,
    serverArguments: [
      ...[`--name=${name}`, `--data-dir=${join(folder, "data")}`, "--logger=zap", "--log-level=error"],
      ...[`--listen-client-urls=${endpoint}`, `--advertise-client-urls=${endpoint}`],
      ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
      ...[`--initial-cluster=${cluster}`, "--initial-cluster-token=theseus-test"],
    ],
    detached: false,
    inside: [],
    ctlArguments: [`--endpoints=${endpoint}`],
  });
}
