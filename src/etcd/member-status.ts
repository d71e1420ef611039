// What the members of one etcd say of themselves, put together into one status. Plain values: who asks, and how, is not
// known here.

import { TheseusError } from "../model/errors.js";
import type { StoreStatus } from "../model/ports.js";
import { type RawHeader, revisionOf } from "./wire-messages.js";

export type RawStatus = {
  readonly header: RawHeader | null;
  readonly version: string;
  readonly dbSize: string;
  readonly dbSizeInUse: string;
  /** Member id, "0" without one. */
  readonly leader: string;
  /** Alarms as "memberID:1 alarm:NOSPACE ", and other complaints, since etcd 3.4. */
  readonly errors: readonly string[];
};

/** What one member answered, or why it did not. */
export type MemberAnswer = { readonly endpoint: string } & (
  | { readonly status: RawStatus }
  | { readonly failure: TheseusError }
);

type Alarm = StoreStatus["alarms"][number];

/** @throws TheseusError the failure of the first member, when none answered. */
export function storeStatus(answers: readonly MemberAnswer[], alarms: readonly string[]): StoreStatus {
  const statuses = answers.flatMap((answer) => ("status" in answer ? [answer.status] : []));
  const [first] = statuses;
  if (first === undefined) throw noneAnswers(answers);
  return {
    kind: "etcd",
    version: first.version,
    revision: newest(statuses),
    size: Math.max(...statuses.map(({ dbSize }) => Number(dbSize))),
    sizeInUse: Math.max(...statuses.map(({ dbSizeInUse }) => Number(dbSizeInUse))),
    alarms: known([...alarms, ...statuses.flatMap(({ errors }) => errors)]),
    members: answers.map((answer) => {
      const problem = problemOf(answer);
      return { endpoint: answer.endpoint, ...(problem === undefined ? {} : { problem }) };
    }),
  };
}

function newest(statuses: readonly RawStatus[]): bigint {
  let revision = 0n;
  for (const { header } of statuses) if (revisionOf(header) > revision) revision = revisionOf(header);
  return revision;
}

/** True when the member can take a request that all members have to agree on. */
export function hasLeader(status: RawStatus): boolean {
  return status.leader !== "0";
}

function known(texts: readonly string[]): Alarm[] {
  return (["NOSPACE", "CORRUPT"] as const).filter((alarm) => texts.some((text) => text.includes(alarm)));
}

function problemOf(answer: MemberAnswer): string | undefined {
  if ("failure" in answer) return reasonFor(answer.failure);
  return hasLeader(answer.status) ? undefined : "it has no leader: fewer than half of its cluster's members run";
}

/** The failure's own words, without the address that the member is listed under. */
function reasonFor({ facts }: TheseusError): string {
  const why = facts.why?.[0] ?? facts.what;
  return why.replace(/^etcd at \S+: /, "");
}

function noneAnswers(answers: readonly MemberAnswer[]): TheseusError {
  const failures = answers.flatMap((answer) => ("failure" in answer ? [answer.failure] : []));
  const [first] = failures;
  if (first === undefined) throw new Error("no member was asked");
  return new TheseusError(first.reason, { ...first.facts, why: failures.flatMap(({ facts }) => facts.why ?? []) });
}
