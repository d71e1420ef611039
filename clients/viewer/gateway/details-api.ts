// GET /api/group, /api/rollout, /api/container, /api/events: read when they are opened, never kept.

import { Failure, hasReason } from "../../cli/failure.js";
import { formatGroup } from "../../cli/references.js";
import type { Connection } from "../../connect.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Event, Evidence, Revision } from "../../gen/theseus/v1/rollout.js";
import type { ContainerDetail, ContainerRow, EventsAnswer, GroupDetail, RolloutDetail } from "../wire.js";
import { json } from "./answer.js";
import type { Blindness } from "./blindness.js";
import { awaitedOf, gatherContainer } from "./container-detail.js";
import { changesOf, eventRow, evidenceDetail, fieldsOf, revisionDetail, type Secrets } from "./details.js";
import type { Fleet } from "./fleet.js";
import type { Call, Handler } from "./http.js";
import { pictureOf } from "./lanes.js";
import type { Recorder } from "./recorder.js";
import type { RolloutBook } from "./rollout-book.js";
import { groupId, groupRow, rolloutRow } from "./rows.js";

export interface DetailParts {
  readonly connection: Connection;
  readonly fleet: Fleet;
  readonly recorder: Recorder;
  readonly blindness: Blindness;
  readonly book: RolloutBook;
  readonly secrets: Secrets;
}

const MOST_EVENTS = 2_000;
const EVENTS_PATIENCE = 20_000;

export function detailHandlers(parts: DetailParts): [string, Handler][] {
  return [
    ["/api/group", async (call) => json(await groupDetail(parts, call))],
    ["/api/rollout", async (call) => json(await rolloutDetail(parts, call))],
    ["/api/container", async (call) => json(await containerDetail(parts, call))],
    ["/api/events", async (call) => json(await events(parts, call))],
  ];
}

async function groupDetail(parts: DetailParts, { params, signal }: Call): Promise<GroupDetail> {
  const { connection, fleet, secrets } = parts;
  const ref = params.group();
  const [{ group }, revisions, evidence] = await Promise.all([
    connection.discovery.getGroup({ group: ref }, { signal }),
    revisionsOf(parts, ref, signal),
    evidenceOf(parts, ref, signal),
  ]);
  if (group === undefined) throw noSuchGroup(ref);
  const known = fleet.groups.get(groupId(ref));
  return {
    row: groupRow(group, known?.rollout ?? null),
    revisions: revisions.map((revision) => revisionDetail(revision, secrets)),
    evidence: evidence.map(evidenceDetail),
  };
}

function noSuchGroup(ref: GroupRef): Failure {
  return new Failure("NO_SUCH_GROUP", { what: `there is no group ${formatGroup(ref)}`, now: "nothing was changed" });
}

/** A group without a config has none. */
async function revisionsOf(
  { connection }: DetailParts,
  group: GroupRef,
  signal: AbortSignal,
): Promise<readonly Revision[]> {
  try {
    return (await connection.theseus.listRevisions({ group }, { signal })).revisions;
  } catch (error) {
    if (hasReason(error, "NO_SUCH_GROUP")) return [];
    throw error;
  }
}

async function evidenceOf(
  { connection }: DetailParts,
  group: GroupRef,
  signal: AbortSignal,
): Promise<readonly Evidence[]> {
  try {
    return (await connection.theseus.listEvidence({ group }, { signal })).evidence;
  } catch (error) {
    if (hasReason(error, "NO_SUCH_GROUP")) return [];
    throw error;
  }
}

async function rolloutDetail(parts: DetailParts, { params, signal }: Call): Promise<RolloutDetail> {
  const { connection, recorder, blindness, book } = parts;
  const group = params.group();
  const configRevision = BigInt(params.count("rev") ?? 0);
  const [{ rollout }, revisions, evidence] = await Promise.all([
    connection.theseus.getRollout({ group, configRevision }, { signal }),
    revisionsOf(parts, group, signal),
    evidenceOf(parts, group, signal),
  ]);
  if (rollout === undefined)
    throw new Failure("NO_ROLLOUT", { what: `${formatGroup(group)} has no rollout`, now: "nothing was changed" });
  const id = groupId(group);
  const row = rolloutRow(rollout);
  const told = { row, slots: rollout.slots };
  const isNew = (rev: number) => book.isOf(id, row.to, rev);
  const configOf = (rev: number) => revisions.find((one) => Number(one.configRevision) === rev)?.config;
  for (const { configRevision: rev, config } of revisions) book.noteImage(id, Number(rev), config?.image ?? "");
  const picture = pictureOf(told, recorder.of(id), isNew, Date.now());
  const ofIt = evidence.filter((one) => Number(one.configRevision) === row.to);
  return {
    row: book.withImage(id, row),
    ...picture,
    blind: blindness.after(picture.seenFrom, Date.now()),
    changes: changesOf(configOf(row.from), configOf(row.to)),
    evidence: ofIt.map(evidenceDetail),
  };
}

async function containerDetail(parts: DetailParts, { params, signal }: Call): Promise<ContainerDetail> {
  const { connection, recorder, secrets } = parts;
  const group = params.group();
  const name = params.required("name");
  const ref = { group, which: { $case: "name", value: name } } as const;
  const [found, revisions, evidence, all] = await Promise.all([
    connection.discovery.getContainer({ container: ref }, { signal }).catch(unlessGone),
    revisionsOf(parts, group, signal),
    evidenceOf(parts, group, signal),
    readEvents(parts, { namespace: group.namespace, service: group.service, labels: group.labels.join(",") }, signal),
  ]);
  const container = found?.container;
  const { row, siblings } = gatherContainer(parts, { group, name, container, evidence });
  const life = recorder.of(row.group)?.lives.find((one) => one.row.name === name);
  const own = revisions.find((one) => Number(one.configRevision) === row.rev);
  const isOf = ({ group: of, slot }: Event) => of !== undefined && groupId(of) === row.group && slot === row.slot;
  return {
    row,
    ports: (container?.ports ?? []).map((port) => ({
      name: port.name,
      external: port.external,
      exposed: port.exposed,
      protocol: port.protocol === 2 ? "udp" : "tcp",
    })),
    weight: container?.weight ?? null,
    awaited: container === undefined ? [] : awaitedOf(container),
    fields: fieldsOf(own?.config, secrets),
    events: row.slot === 0 ? [] : all.filter(isOf).map(eventRow),
    evidence: evidence.filter((one) => isOfSlot(one, row)).map(evidenceDetail),
    siblings,
    ...(life === undefined ? {} : { steps: life.steps }),
  };
}

function isOfSlot({ container, slot }: Evidence, row: ContainerRow): boolean {
  return row.slot === 0 ? container === row.name : slot === row.slot;
}

function unlessGone(error: unknown): undefined {
  if (hasReason(error, "NO_SUCH_CONTAINER", "NO_SUCH_GROUP")) return undefined;
  throw error;
}

async function events(parts: DetailParts, { params, signal }: Call): Promise<EventsAnswer> {
  const since = params.count("since");
  const at = since === undefined || since === 0 ? undefined : new Date(since);
  const isAll = params.text("ns") === "";
  if (params.text("ref") === "") {
    const where = isAll ? { allNamespaces: true } : { namespace: params.namespace() };
    return { events: (await readEvents(parts, where, signal, at)).map(eventRow) };
  }
  const group = params.group();
  const where = { namespace: group.namespace, service: group.service, labels: group.labels.join(",") };
  const all = await readEvents(parts, where, signal, at);
  const exact = all.filter((event) => groupId(event.group) === groupId(group));
  return { events: exact.map(eventRow) };
}

type Where = {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly service?: string;
  readonly labels?: string;
};

/** The newest, oldest first. */
async function readEvents(
  { connection }: DetailParts,
  selector: Where,
  signal: AbortSignal,
  since?: Date,
): Promise<Event[]> {
  const kept: Event[] = [];
  const options = { signal, deadline: EVENTS_PATIENCE };
  for await (const { events: some } of connection.theseus.readEvents({ selector, since }, options)) {
    kept.push(...some);
    if (kept.length > 2 * MOST_EVENTS) kept.splice(0, kept.length - MOST_EVENTS);
  }
  return kept.slice(-MOST_EVENTS);
}
