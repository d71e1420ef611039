// The words for who was not the first to change a group: who was, when, why, and which fields.

import { changedFields } from "../model/config-changes.js";
import { TheseusError } from "../model/errors.js";
import type { ConfigRecord } from "../model/group.js";
import type { HistoryRecord } from "../model/history.js";
import { formatGroup, type GroupRef } from "../model/reference.js";
import { diffConfigs } from "./config-diff.js";
import { briefMessage, inNamespace, whoChanged } from "./error-texts.js";
import { type HistoryReader, revisionLines } from "./revision-lines.js";

/** Longer lists help nobody, and an error has to fit into headers. */
const MOST_FIELDS = 100;

type Found = { readonly uid: string; readonly record: ConfigRecord };

/**
 * CONFLICT. Beside the texts its metadata has `expected` and `actual`, and where it is known `actor`, `message`, and the
 * paths of the fields that differ between the two as `fields`, one a line, in the end how many more. Never fails.
 */
export async function conflict(
  store: HistoryReader,
  ref: GroupRef,
  expected: number,
  found: Found | undefined,
): Promise<TheseusError> {
  const record = found?.record;
  const kept = found === undefined ? [] : await store.readHistory(ref.namespace, found.uid).catch(() => []);
  const history = kept.filter(({ configRevision }) => configRevision <= (record?.configRevision ?? 0));
  const looked = history.find(({ configRevision }) => configRevision === expected);
  const actual = record?.configRevision ?? 0;
  const fields = record === undefined || looked === undefined ? [] : pathsBetween(looked, record);
  const name = formatGroup(ref);
  return new TheseusError("CONFLICT", {
    what: `${name} changed since you looked`,
    why: [
      `your change was made from rev ${expected}`,
      ...(record === undefined ? ["the group is gone meanwhile"] : sinceThen(record, { expected, looked, history })),
    ],
    now: "nothing of yours was changed",
    next: [
      `theseus describe ${name}${inNamespace(ref.namespace)}`,
      ...(looked === undefined || record === undefined || actual < expected
        ? []
        : [`theseus rollout diff ${name}@${expected} ${name}@${actual}${inNamespace(ref.namespace)}`]),
    ],
    group: ref,
    metadata: {
      ...{ group: name, expected: String(expected), actual: String(actual) },
      ...(record === undefined ? {} : whoseMetadata(record)),
      ...(fields.length === 0 ? {} : { fields: fields.join("\n") }),
    },
  });
}

type Since = {
  readonly expected: number;
  readonly looked: HistoryRecord | undefined;
  readonly history: readonly HistoryRecord[];
};

/** Who and what; of several revisions first what all of them come to. */
function sinceThen(record: ConfigRecord, { expected, looked, history }: Since): readonly string[] {
  const differ = looked === undefined ? "" : changedFields(looked.config, record.config);
  const at = `it is at rev ${record.configRevision}`;
  const since = history.filter(({ configRevision }) => configRevision > expected);
  if (since.length < 2) return [`${at}: ${whoChanged(record)}${differ === "" ? "" : `: ${differ}`}`];
  const overall = differ === "" ? `no field differs from rev ${expected} any more` : `which differs in ${differ}`;
  const whole = looked === undefined ? `${at}, ${whoChanged(record)}` : `${at}, ${overall}`;
  return [whole, ...revisionLines(since, history)];
}

function pathsBetween({ config }: HistoryRecord, record: ConfigRecord): readonly string[] {
  const paths = diffConfigs(config, record.config).map(({ path }) => path);
  const more = paths.length - MOST_FIELDS;
  return more > 0 ? [...paths.slice(0, MOST_FIELDS), `${more} more`] : paths;
}

function whoseMetadata({ change: { actor, message } }: ConfigRecord): Readonly<Record<string, string>> {
  return { ...(actor === "" ? {} : { actor }), ...(message === "" ? {} : { message: briefMessage(message) }) };
}
