// DiscoveryService.Lookup: "where is it?", answered from the mirror. A miss explains itself.

import type { LookupRequest } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { CatalogView, GroupEntry } from "../model/catalog.js";
import type { Answer, GroupQuery, Question } from "../model/discovery.js";
import { matches } from "../model/selector.js";
import { Encoded } from "./adapter.js";
import { type AskedLookup, readLookup } from "./asked.js";
import type { CallContext } from "./call.js";
import type { DiscoveryDeps } from "./discovery-deps.js";
import { notEnough } from "./not-enough.js";

/** The caller's own timer would end the call first: its deadline travels as a length of time. */
const TO_ANSWER = 100;

/** At once where nothing has to be waited for. NOT_ENOUGH; STORE_UNREACHABLE only where it has to be linearizable. */
export function answerLookup(
  deps: DiscoveryDeps,
  request: LookupRequest,
  context: CallContext,
): Promise<Encoded> | Encoded {
  const asked = readLookup(request);
  if (asked.atLeast > 0n || asked.linearizable || asked.minimum > 0) return waited(deps, asked, context);
  return encoded(deps, asked, deps.answers.answer(asked.question));
}

async function waited(deps: DiscoveryDeps, asked: AskedLookup, context: CallContext): Promise<Encoded> {
  const { catalog, answers } = deps;
  const { question, atLeast } = asked;
  if (atLeast > 0n) await catalog.reach(atLeast, context.signal);
  if (asked.linearizable) await catalog.confirm(scopeOf(question), context.signal);
  return encoded(deps, asked, asked.minimum > 0 ? await enough(deps, asked, context) : answers.answer(question));
}

function encoded({ catalog, bytes }: DiscoveryDeps, { question, askingHost }: AskedLookup, answer: Answer): Encoded {
  const { revision } = catalog.view();
  return new Encoded(bytes.lookup(answer, question, { revision, asOf: catalog.asOf(), askingHost }));
}

/** Waits for so many until shortly before the call would be ended. */
async function enough(deps: DiscoveryDeps, asked: AskedLookup, context: CallContext): Promise<Answer> {
  const { answers, clock } = deps;
  const { question, minimum } = asked;
  const isEnough = ({ ready }: Answer): boolean => ready >= minimum;
  const present = answers.answer(question);
  if (isEnough(present)) return present;
  const over = new AbortController();
  const left = context.left();
  clock.sleep(Math.max(0, left - Math.max(TO_ANSWER, left / 20)), over.signal).then(
    () => over.abort(OUT_OF_TIME),
    () => undefined,
  );
  try {
    return await answers.when(question, isEnough, AbortSignal.any([context.signal, over.signal]));
  } catch (error) {
    if (error !== OUT_OF_TIME) throw error;
    throw await notEnough(deps, asked, answers.answer(question));
  } finally {
    over.abort();
  }
}

const OUT_OF_TIME = new Error("it takes too long");

function scopeOf({ target }: Question) {
  const { namespace, service } = target.kind === "group" ? target.ref : target.query;
  return { ...(namespace === undefined ? {} : { namespace }), ...(service === undefined ? {} : { service }) };
}

/** Every group that the query selects, in the order of the view. */
export function groupsOf(view: CatalogView, { namespace, service, selector }: GroupQuery): readonly GroupEntry[] {
  return view.groups(namespace, service).filter((group) => matches(selector, group.ref.labels));
}
