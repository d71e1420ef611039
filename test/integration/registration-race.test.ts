// Two programs that want one name at the same moment, each through a server of its own, over a real etcd: one has it, the
// other is told who, and neither learns what the other keeps to itself.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import type { RegisterResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import { TheseusClientError } from "../../clients/index.js";
import { ObservedStore } from "../proof/observed-store.js";
import { DiscoveryServer } from "../support/discovery-server.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";

const ROUNDS = 100;
const GROUP = { service: "race", labels: ["dev"] };
const TTL = { seconds: 60n, nanos: 0 };

let etcd: TestEtcd;
let servers: DiscoveryServer[] = [];
let clients: Connection[] = [];

beforeAll(async () => {
  etcd = await startEtcd();
  servers = [await DiscoveryServer.start(etcd.endpoint), await DiscoveryServer.start(etcd.endpoint)];
  clients = servers.map(({ address }) => connect(address));
}, 30_000);
afterAll(async () => {
  for (const client of clients) client.close();
  await Promise.all(servers.map((server) => server.stop()));
  await etcd?.stop();
});

type Program = { readonly registrationId: string; readonly address: string };

/** One program at each server; what came of each, in the order of the servers. */
async function atOnce(name: string, programs: readonly Program[]) {
  const asking = clients.map(({ discovery }, i) =>
    discovery.register({ group: GROUP, name, ttl: TTL, ...programs[i] }),
  );
  return await Promise.allSettled(asking);
}

const rivals = (round: number): Program[] => [
  { registrationId: `first-secret-${round}-0123456789`, address: "10.0.0.1" },
  { registrationId: `second-secret-${round}-0123456789`, address: "10.0.0.2" },
];

const isTaken = (end: PromiseSettledResult<RegisterResponse>): end is PromiseFulfilledResult<RegisterResponse> =>
  end.status === "fulfilled";

/** By name: the address that the store tells. */
async function stored(): Promise<Map<string, string | undefined>> {
  const infos = await new ObservedStore(etcd).infos();
  return new Map(infos.map(({ name, instance_host }) => [name, instance_host]));
}

/** Everything that a refused caller holds in hand. */
const wholeText = (error: TheseusClientError): string =>
  JSON.stringify([error, error.message, error.stack, String(error.cause), error.metadata]);

/** Who has it, and everything that is wrong with what came of it. */
function judge(ends: PromiseSettledResult<RegisterResponse>[], programs: readonly Program[]) {
  const winner = ends.findIndex(isTaken);
  const [won, lost] = [ends[winner], ends[1 - winner]];
  if (won === undefined || !isTaken(won)) return { winner, wrong: ["nobody has it"] };
  if (lost === undefined || isTaken(lost)) return { winner, wrong: ["both have it"] };
  const error: unknown = lost.reason;
  if (!(error instanceof TheseusClientError)) return { winner, wrong: [`the other is told ${String(error)}`] };
  const { reason, metadata } = error;
  const isTold = reason === "CONTAINER_EXISTS" && metadata["holder"] === won.value.holderId;
  const secret = programs.some(({ registrationId }) => wholeText(error).includes(registrationId));
  return { winner, wrong: [...(isTold ? [] : ["the other is not told who"]), ...(secret ? ["a secret is told"] : [])] };
}

describe("two programs that register one name at the same moment", () => {
  it(`are one who has it and one who is told who, in each of ${ROUNDS} rounds`, async () => {
    const wrong: string[] = [];
    const won = [0, 0];
    const winners = new Map<string, string | undefined>();
    for (let round = 0; round < ROUNDS; round++) {
      const programs = rivals(round);
      const verdict = judge(await atOnce(`r${round}`, programs), programs);
      wrong.push(...verdict.wrong);
      won[verdict.winner] = (won[verdict.winner] ?? 0) + 1;
      winners.set(`r${round}`, programs[verdict.winner]?.address);
    }
    expect(wrong).toEqual([]);
    expect(await stored()).toEqual(winners);
    expect((won[0] ?? 0) + (won[1] ?? 0)).toBe(ROUNDS);
    // Rounds that one server always wins would be no races.
    expect(Math.min(...won)).toBeGreaterThan(0);
  }, 60_000);

  it("are one and the same when they have the same secret: both have it, and it is stored once", async () => {
    const names = Array.from({ length: ROUNDS }, (_, round) => `s${round}`);
    for (const [round, name] of names.entries()) {
      const [program] = rivals(round);
      const ends = program === undefined ? [] : await atOnce(name, [program, program]);
      const taken = ends.filter(isTaken).map(({ value }) => [value.holderId, value.container?.which?.value]);
      expect(taken).toEqual([taken[0], taken[0]]);
      expect(taken[0]?.[1]).toBe(name);
    }
    const holders = await etcd.ctl("get", "--prefix", "/theseus/holders/", "-w", "json");
    const { kvs } = JSON.parse(holders) as { kvs: { key: string; version: number }[] };
    const versions = kvs.flatMap(({ key, version }) => {
      const name = Buffer.from(key, "base64").toString().split("/").at(-1) ?? "";
      return names.includes(name) ? [version] : [];
    });
    expect(versions).toEqual(names.map(() => 1));
  }, 60_000);
});
