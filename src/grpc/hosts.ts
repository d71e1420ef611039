// TheseusService: hosts, as their records and the intents on them tell.

import { type Host, HostState } from "../../clients/gen/theseus/v1/host.js";
import type {
  GetHostRequest,
  GetHostResponse,
  ListHostsRequest,
  ListHostsResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import type { HostRecord } from "../model/host.js";
import type { GroupReservations } from "../model/reservations.js";
import type { Versioned } from "../model/store.js";
import { toDate } from "./convert-time.js";
import { noSuchHost } from "./error-texts.js";
import { cutPage, readPosition } from "./page.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { readPageSize } from "./validate.js";
import { Violations } from "./violations.js";

/** Hosts are few and change seldom: each page is read anew, in the order of names. */
export async function listHosts(deps: TheseusDeps, request: ListHostsRequest): Promise<ListHostsResponse> {
  const violations = new Violations();
  const size = readPageSize(request.pageSize, violations.report);
  violations.check();
  const page = { size, token: request.pageToken, question: { list: "hosts" } };
  const { hosts, newest, held } = await readAll(deps);
  const position = readPosition(page) ?? { revision: newest, after: undefined };
  const { items, nextPageToken } = cutPage(
    hosts,
    { ...page, position },
    {
      keyOf: ({ value }) => value.name,
      convert: ({ value }) => fromHost(value, held),
    },
  );
  return { hosts: [...items], nextPageToken, revision: position.revision };
}

export async function getHost(deps: TheseusDeps, request: GetHostRequest): Promise<GetHostResponse> {
  const violations = new Violations();
  if (request.name === "") violations.report("name", "it is required");
  violations.check();
  const { hosts, held } = await readAll(deps);
  const found = hosts.find(({ value }) => value.name === request.name);
  if (found === undefined) {
    const names = hosts.map(({ value }) => value.name);
    throw noSuchHost(request.name, names);
  }
  return { host: fromHost(found.value, held) };
}

/** What is held of each host is at least as new as the hosts' records. */
async function readAll({ ports }: TheseusDeps) {
  const hosts = [...(await ports.store.readHosts())].sort(byName);
  const newest = newestRevision(hosts);
  return { hosts, newest, held: heldByHost(await ports.reservations(newest)) };
}

type Held = { cpu: number; mem: number; containers: number };
const NOTHING: Readonly<Held> = { cpu: 0, mem: 0, containers: 0 };

function heldByHost(groups: readonly GroupReservations[]): ReadonlyMap<string, Readonly<Held>> {
  const all = new Map<string, Held>();
  for (const { reservations } of groups) {
    for (const { intent, cpu, mem } of reservations) {
      const held = all.get(intent.host) ?? { ...NOTHING };
      all.set(intent.host, held);
      held.cpu += cpu;
      held.mem += mem;
      if (intent.phase === "creating" || intent.phase === "running") held.containers += 1;
    }
  }
  return all;
}

function newestRevision(hosts: readonly Versioned<HostRecord>[]): bigint {
  let newest = 0n;
  for (const { modRevision } of hosts) if (modRevision > newest) newest = modRevision;
  return newest;
}

function byName(a: Versioned<HostRecord>, b: Versioned<HostRecord>): number {
  return a.value.name < b.value.name ? -1 : 1;
}

function fromHost(record: HostRecord, heldBy: ReadonlyMap<string, Readonly<Held>>): Host {
  const held = heldBy.get(record.name) ?? NOTHING;
  return {
    name: record.name,
    state: record.problem === undefined ? HostState.READY : HostState.SILENT,
    address: record.address,
    engineId: record.engineId,
    engineVersion: record.engineVersion,
    labels: [...record.labels],
    cpu: record.cpu,
    memBytes: BigInt(Math.trunc(record.mem)),
    cpuReserved: held.cpu,
    memBytesReserved: BigInt(Math.trunc(held.mem)),
    containers: held.containers,
    lastSeenTime: toDate(record.lastSeen),
    problem: record.problem?.text ?? "",
  };
}
