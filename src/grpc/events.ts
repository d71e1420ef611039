// TheseusService.ReadEvents: the timeline of a namespace, or of some of its groups.

import type { Event as ProtoEvent } from "../../clients/gen/theseus/v1/rollout.js";
import { type ReadEventsRequest, ReadEventsResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { type GroupQuery, isMeant } from "../model/discovery.js";
import type { Event, EventsAsked } from "../model/event.js";
import { EVERYTHING } from "../model/selector.js";
import type { CallContext } from "./call.js";
import { fromGroupRef } from "./convert-container.js";
import type { TheseusDeps } from "./theseus-deps.js";
import { readSelector } from "./validate.js";
import { at, type Report, Violations } from "./violations.js";

/** In one message; with the longest texts well below what any client takes. */
const MOST_IN_ONE = 200;

/** NO_SUCH_NAMESPACE. Followed, the first message without events says that all of the past was told. */
export async function* readEvents(
  deps: TheseusDeps,
  request: ReadEventsRequest,
  { signal }: CallContext,
): AsyncGenerator<ReadEventsResponse> {
  const { query, asked } = readAsked(request);
  if (query.namespace !== undefined) deps.refuseMissingNamespace(query.namespace);
  for await (const events of deps.ports.timeline.readEvents(asked, signal)) {
    if (events.length === 0) yield ReadEventsResponse.create();
    const meant = events.filter((event) => isAbout(query, event)).map(fromEvent);
    for (let begin = 0; begin < meant.length; begin += MOST_IN_ONE)
      yield { events: meant.slice(begin, begin + MOST_IN_ONE) };
  }
}

function readAsked({ selector, since, follow }: ReadEventsRequest): { query: GroupQuery; asked: EventsAsked } {
  const violations = new Violations();
  const query = readSelector(selector, at(violations.report, "selector"));
  const from = readSince(since, at(violations.report, "since"));
  violations.check();
  const { namespace } = query;
  const where = namespace === undefined ? {} : { namespace };
  return { query, asked: { ...where, ...(from === undefined ? {} : { since: from }), follow } };
}

function readSince(since: Date | undefined, report: Report): number | undefined {
  const time = since?.getTime();
  if (time !== undefined && (Number.isNaN(time) || time < 0)) report("", "it is no time since 1970");
  return time;
}

/** Who asks for some groups does not ask for what is about the whole cluster. */
function isAbout(query: GroupQuery, { group }: Event): boolean {
  if (group === undefined) return query.service === undefined && query.selector === EVERYTHING;
  return isMeant({ kind: "query", query, text: "" }, group);
}

function fromEvent({ at: time, actor, group, slot, host, configRevision, kind, text }: Event): ProtoEvent {
  return {
    time: new Date(time),
    actor,
    group: group && fromGroupRef(group),
    slot: slot ?? 0,
    host: host ?? "",
    configRevision: BigInt(configRevision ?? 0),
    kind,
    text,
  };
}
