// TheseusService: how this server is. Answers also when the store does not, within seconds.

import type { GetServerStatusResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { StoreStatus } from "../model/ports.js";
import { alarmLines, NOTHING_TO_RECOVER } from "../model/recovery.js";
import { toDate, toDuration } from "./convert-time.js";
import { storeProblems, toStoreStatus } from "./store-facts.js";
import type { TheseusDeps } from "./theseus-deps.js";

/** A little more than the store's own calls have, so that they say themselves what is wrong. */
const PATIENCE: Milliseconds = 2.5 * SECOND;
/** The store is heard from at least every few seconds; an age above this is worth telling. */
const WORRYING_AGE: Milliseconds = 30 * SECOND;
/** Nothing to advise somebody who has just done it. */
const THIS_CALL = "theseus server status";

export async function getServerStatus(deps: TheseusDeps): Promise<GetServerStatusResponse> {
  const { catalog, ports } = deps;
  const [leader, servers, store, recovery] = await Promise.all([
    answerOf(deps, () => ports.election.leader()),
    answerOf(deps, () => ports.membership.servers()),
    answerOf(deps, () => ports.storage.status()),
    answerOf(deps, () => ports.store.readRecovery()),
  ]);
  const loaded = catalog.cursor() !== undefined;
  const view = loaded ? catalog.view() : undefined;
  const age = loaded ? catalog.age() : undefined;
  return {
    version: ports.version,
    serverId: ports.membership.serverId,
    clusterId: view?.clusterId ?? "",
    leaderId: leader.value ?? "",
    storeReachable: leader.problem === undefined,
    revision: view?.revision ?? 0n,
    storeAge: toDuration(age === undefined ? undefined : Math.round(age)),
    serverIds: (servers.value ?? []).map(({ id }) => id),
    startTime: toDate(ports.startTime),
    problems: [
      ...problemsOf(leader, store, age),
      ...alarmLines(recovery.value?.value ?? NOTHING_TO_RECOVER).map((text) => `${text}\ntheseus recover`),
      ...(ports.problems?.() ?? []),
    ],
    store: store.value === undefined ? undefined : toStoreStatus(store.value),
    epoch: catalog.cursor()?.epoch ?? "",
  };
}

/** One text each: the first line says what is wrong, the others what to run. */
function problemsOf(leader: Answer<string>, store: Answer<StoreStatus>, age: Milliseconds | undefined): string[] {
  return [
    ...(store.value === undefined ? [] : storeProblems(store.value)),
    ...storeAnswers(leader, store),
    ...(leader.value === "" ? ["no server is the leader: changes are stored, and not carried out yet"] : []),
    ...ageProblems(age),
  ];
}

function storeAnswers(leader: Answer<string>, store: Answer<StoreStatus>): string[] {
  // The store's status tells of every member, a read of one.
  if (leader.problem !== undefined) return [`the store does not answer: ${store.problem ?? leader.problem}`];
  return store.problem === undefined ? [] : [`the store does not tell how it is: ${store.problem}`];
}

function ageProblems(age: Milliseconds | undefined): string[] {
  if (age === undefined) return ["the store has not been read yet: nothing can be looked up"];
  return age > WORRYING_AGE ? [`answers are ${Math.round(age / SECOND)} s old`] : [];
}

type Answer<T> = { readonly value?: T; readonly problem?: string };

async function answerOf<T>({ clock }: TheseusDeps, ask: () => Promise<T>): Promise<Answer<T>> {
  const done = new AbortController();
  const tooLong = clock.sleep(PATIENCE, done.signal).then(
    (): Answer<T> => ({ problem: `no answer within ${PATIENCE / SECOND} s` }),
    (): Answer<T> => ({}),
  );
  const answer = ask().then(
    (value): Answer<T> => ({ value }),
    (error: unknown): Answer<T> => ({ problem: textOf(error) }),
  );
  try {
    return await Promise.race([answer, tooLong]);
  } finally {
    done.abort();
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof TheseusError)) return "it failed inside; see the log of this server";
  const { what, why = [what], next = [] } = error.facts;
  return [why.join("; "), ...next.filter((step) => step !== THIS_CALL)].join("\n");
}
