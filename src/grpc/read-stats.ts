// TheseusService.ReadStats: what containers use of their hosts, divided into messages.

import {
  type ContainerStats,
  type ReadStatsRequest,
  ReadStatsResponse,
} from "../../clients/gen/theseus/v1/theseus_service.js";
import type { CatalogView } from "../model/catalog.js";
import { isMeant } from "../model/discovery.js";
import type * as model from "../model/stats.js";
import { readTargets } from "./asked-logs.js";
import type { CallContext } from "./call.js";
import { fromGroupRef } from "./convert-container.js";
import { noSuchGroup } from "./error-texts.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { checkText, Violations } from "./violations.js";

/** In one message; with the longest names well below what any client takes. */
const MOST_IN_ONE = 1000;

/** NO_SUCH_GROUP for a group named exactly that neither the store nor an engine knows, HOST_UNREACHABLE. */
export async function* readStats(
  { catalog, ports: { stats } }: TheseusDeps,
  request: ReadStatsRequest,
  { signal }: CallContext,
): AsyncGenerator<ReadStatsResponse> {
  const query = readStatsQuery(request);
  const view = catalog.view();
  let isFirst = true;
  for await (const sample of stats.read(query, signal)) {
    if (isFirst) checkKnown(view, query, sample);
    isFirst = false;
    yield* messagesOf(sample);
  }
}

function readStatsQuery({ targets, host, follow }: ReadStatsRequest): model.StatsQuery {
  const violations = new Violations();
  const picks = readTargets(targets, violations.report);
  checkText(violations.report, "host", host, 256);
  violations.check();
  return { picks, host, follow };
}

/** A group that was removed may still have containers. @throws TheseusError NO_SUCH_GROUP. */
function checkKnown(view: CatalogView, { picks }: model.StatsQuery, { containers }: model.StatsSample): void {
  for (const { target } of picks) {
    if (target.kind !== "group" || view.group(target.ref) !== undefined) continue;
    if (!containers.some(({ group }) => isMeant(target, group))) throw noSuchGroup(view, target.ref);
  }
}

function* messagesOf({ at, containers }: model.StatsSample): Generator<ReadStatsResponse> {
  const time = new Date(at);
  for (let begin = 0; begin === 0 || begin < containers.length; begin += MOST_IN_ONE) {
    const some = containers.slice(begin, begin + MOST_IN_ONE);
    const more = begin + MOST_IN_ONE < containers.length;
    yield ReadStatsResponse.fromPartial({ time, containers: some.map(fromStats), more });
  }
}

function fromStats(stats: model.ContainerStats): ContainerStats {
  const { group, name, slot, host, configRevision, limits, usage, pace, restarts, problem } = stats;
  return {
    ...{ group: fromGroupRef(group), name, slot, host, restarts, problem: problem ?? "" },
    configRevision: BigInt(configRevision),
    cpu: pace?.cpu,
    cpuLimit: limits?.cpu,
    memBytes: whole(usage?.mem),
    memLimitBytes: whole(limits?.mem),
    netRxBytes: whole(usage?.net?.rx),
    netTxBytes: whole(usage?.net?.tx),
    netRxBytesPerSecond: pace?.net?.rx,
    netTxBytesPerSecond: pace?.net?.tx,
  };
}

function whole(count: number | undefined): bigint | undefined {
  return count === undefined ? undefined : BigInt(Math.trunc(count));
}
