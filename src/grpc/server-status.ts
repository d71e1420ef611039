// TheseusService: how this server is. Answers also when the store does not, within seconds.

import type { GetServerStatusResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { TheseusError } from "../model/errors.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import { toDate, toDuration } from "./convert-time.js";
import type { TheseusDeps } from "./theseus-deps.js";

const PATIENCE: Milliseconds = 2 * SECOND;
/** The store is heard from at least every few seconds; an age above this is worth telling. */
const WORRYING_AGE: Milliseconds = 30 * SECOND;

export async function getServerStatus(deps: TheseusDeps): Promise<GetServerStatusResponse> {
  const { catalog, ports } = deps;
  const [leader, servers] = await Promise.all([
    answerOf(deps, () => ports.election.leader()),
    answerOf(deps, () => ports.membership.servers()),
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
    problems: [...problemsOf(leader, age), ...(ports.problems?.() ?? [])],
  };
}

function problemsOf(leader: Answer<string>, age: Milliseconds | undefined): string[] {
  const problems: string[] = [];
  if (leader.problem !== undefined) problems.push(`the store does not answer: ${leader.problem}`);
  else if (leader.value === "") problems.push("no server is the leader: changes are stored, and not carried out yet");
  if (age === undefined) problems.push("the store has not been read yet: nothing can be looked up");
  else if (age > WORRYING_AGE) problems.push(`answers are ${Math.round(age / SECOND)} s old`);
  return problems;
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
  return error.facts.why?.[0] ?? error.facts.what;
}
