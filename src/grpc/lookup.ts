// DiscoveryService.Lookup: "where is it?", answered from the mirror. A miss explains itself.

import type { LookupRequest, LookupResponse } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { Answer, Question } from "../model/discovery.js";
import { HOUR, type Milliseconds } from "../model/instant.js";
import type { RepeatedHandler } from "./adapter.js";
import { type AskedLookup, readLookup } from "./asked.js";
import type { CallContext } from "./call.js";
import type { DiscoveryDeps } from "./discovery-deps.js";
import type { Encoded } from "./encoded.js";
import { notEnough } from "./not-enough.js";
import { tooLarge } from "./too-large.js";
import { notSeen, unconfirmed } from "./too-old.js";
import { unlessAborted } from "./unless-aborted.js";

/** Of one answer: what the listener sends at most, less what goes around it. */
const MOST_BYTES = 15 * 1024 * 1024;
/** For so many ready ones: a program that starts may wait for what it needs as long as its own caller lets it. */
const LONGEST_WAIT: Milliseconds = HOUR;

/** At once where nothing has to be waited for. NOT_ENOUGH; STORE_UNREACHABLE only where it has to be linearizable. */
export function lookupHandler(deps: DiscoveryDeps): RepeatedHandler<LookupRequest, LookupResponse> {
  const known = new WeakMap<LookupRequest, AskedLookup>();
  const read = (request: LookupRequest): AskedLookup => {
    const asked = readLookup(request);
    known.set(request, asked);
    return asked;
  };
  return { repeated: (request, context) => answered(deps, known.get(request) ?? read(request), context) };
}

function answered(deps: DiscoveryDeps, asked: AskedLookup, context: CallContext): Promise<Encoded> | Encoded {
  if (asked.atLeast > 0n || asked.linearizable || asked.minimum > 0) return waited(deps, asked, context);
  return encoded(deps, asked, deps.answers.answer(asked.question));
}

function encoded({ catalog, bytes }: DiscoveryDeps, { question, askingHost }: AskedLookup, answer: Answer): Encoded {
  const { revision } = catalog.view();
  const lookup = bytes.lookup(answer, question, { revision, asOf: catalog.asOf(), askingHost });
  const { length } = lookup.bytes;
  if (length > MOST_BYTES) throw tooLarge(length, MOST_BYTES, answer.pieces.length);
  return lookup;
}

/** Waits for everything that was asked for until shortly before the call would be ended, and then says what is missing. */
async function waited(deps: DiscoveryDeps, asked: AskedLookup, context: CallContext): Promise<Encoded> {
  const { answers, clock } = deps;
  if (asked.minimum > 0) context.allow(LONGEST_WAIT);
  const left = context.left();
  const over = new AbortController();
  const done = new AbortController();
  clock.sleep(Math.max(0, left - marginOf(left)), done.signal).then(
    () => over.abort(OUT_OF_TIME),
    () => undefined,
  );
  const wait: Wait = { signal: AbortSignal.any([context.signal, over.signal]), late: undefined };
  try {
    return encoded(deps, asked, await enough(deps, asked, wait));
  } catch (error) {
    if (error !== OUT_OF_TIME) throw error;
    const present = answers.answer(asked.question);
    const late = wait.late?.();
    if (late !== undefined && present.ready >= asked.minimum) throw late;
    throw await notEnough(deps, asked, { present, waitedFor: late?.message ?? "", within: marginOf(left) / 4 });
  } finally {
    done.abort();
  }
}

/** The caller's own timer would end the call first: its deadline travels as a length of time. */
function marginOf(left: Milliseconds): Milliseconds {
  return Math.min(1000, Math.max(100, left / 5));
}

type Wait = {
  readonly signal: AbortSignal;
  /** What is wrong if time is over now; undefined while it waits only for so many to be ready. */
  late: (() => Error) | undefined;
};

async function enough({ catalog, answers }: DiscoveryDeps, asked: AskedLookup, wait: Wait): Promise<Answer> {
  const { question, atLeast, minimum } = asked;
  const { signal } = wait;
  wait.late = () => notSeen({ asked: atLeast, seen: catalog.view().revision, age: catalog.age() });
  if (atLeast > 0n) await catalog.reach(atLeast, signal);
  wait.late = () => unconfirmed(catalog.age());
  if (asked.linearizable) await unlessAborted(catalog.confirm(scopeOf(question), signal), signal);
  wait.late = undefined;
  if (minimum === 0) return answers.answer(question);
  return await answers.when(question, ({ ready }) => ready >= minimum, signal);
}

const OUT_OF_TIME = new Error("it takes too long");

function scopeOf({ target }: Question) {
  const { namespace, service } = target.kind === "group" ? target.ref : target.query;
  return { ...(namespace === undefined ? {} : { namespace }), ...(service === undefined ? {} : { service }) };
}
