// GET /api/lookup: what a client would get that asks discovery, and what is near where it would get nothing.

import { type Question, requestTarget } from "../../cli/discover/answer.js";
import { listContainers, listGroups } from "../../cli/lists.js";
import { containerStateWord } from "../../cli/output/words.js";
import type { Selection, Target } from "../../cli/target.js";
import type { Connection } from "../../connect.js";
import { type LookupResponse, MissReason } from "../../gen/theseus/v1/discovery_service.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { ContainerState, LookupAnswer } from "../wire.js";
import { json } from "./answer.js";
import type { AnswerLog } from "./answer-log.js";
import { awaitedOf } from "./container-detail.js";
import type { Call, Handler } from "./http.js";
import { formatsOf } from "./lookup-formats.js";
import type { Params } from "./params.js";
import { containerRow, groupId, keyOf, timeOf } from "./rows.js";

export interface LookupParts {
  readonly connection: Connection;
  readonly changes: AnswerLog;
}

export function lookupHandler(parts: LookupParts): Handler {
  return async (call) => json(await lookup(parts, call));
}

async function lookup({ connection, changes }: LookupParts, { params, signal }: Call): Promise<LookupAnswer> {
  const target = targetOf(params);
  const selector = selectionOf(target);
  const port = params.port();
  const server = { ...connection, call: { signal } };
  const [response, groups, containers] = await Promise.all([
    connection.discovery.lookup({ target: requestTarget(target), port }, { signal }),
    listGroups(server, selector),
    listContainers(server, { selector }),
  ]);
  const question: Question = {
    target,
    port: port === "" ? undefined : port,
    ...{ includeNotReady: false, minimum: 0, host: undefined },
  };
  const isMeant = (ref: GroupRef | undefined) => target.kind === "selected" || groupId(ref) === groupId(target.ref);
  const meant = groups.items.flatMap(({ ref }) => (isMeant(ref) ? [groupId(ref)] : []));
  const leaving = containers.items
    .filter(({ group }) => isMeant(group))
    .flatMap((one) => awaitedOf(one).map((who) => `${who} · ${one.name}`));
  return {
    ...endpointsOf(response),
    formats: await formatsOf(question, response),
    changes: changes.of(new Set(meant)),
    watchers: leaving,
  };
}

/** Exactly one group where `ref` names it, else what `service` and `labels` select. */
function targetOf(params: Params): Target {
  if (params.text("ref") !== "") return { kind: "group", ref: params.group() };
  const [namespace, service, labels] = [params.namespace(), params.service(), params.labels()];
  return { kind: "selected", selector: { namespace, allNamespaces: false, service, labels } };
}

/** Finds at least what is meant. */
function selectionOf(target: Target): Selection {
  if (target.kind === "selected") return target.selector;
  const { namespace, service, labels } = target.ref;
  return { namespace, allNamespaces: false, service, labels: labels.join(",") };
}

function endpointsOf(response: LookupResponse): Omit<LookupAnswer, "formats" | "changes" | "watchers"> {
  return {
    endpoints: response.endpoints.flatMap(({ container, address, port, portName, weight }) =>
      container === undefined ? [] : [{ container: containerRow(container), address, port, portName, weight }],
    ),
    notReady: response.notReady.map(({ group, name, state, why }) => ({
      ...keyOf(group),
      name,
      state: containerStateWord(state) as ContainerState,
      why,
    })),
    nearMisses: [...response.nearMisses],
    miss: missWord(response.miss),
    revision: String(response.revision),
    asOf: timeOf(response.asOfTime),
  };
}

function missWord(miss: MissReason): string {
  return miss <= 0 ? "" : (MissReason[miss] ?? "unknown").toLowerCase().replaceAll("_", "-");
}
