// What has become of a group's config since somebody looked: who changed it, and which fields, a line for each revision.

import { changedFields } from "../model/config-changes.js";
import type { HistoryRecord } from "../model/history.js";
import type { SchedulerStore } from "../model/store.js";
import { whoChanged } from "./error-texts.js";

export type HistoryReader = Pick<SchedulerStore, "readHistory">;

/** Longer lists help nobody. */
const MOST_REVISIONS = 3;

/** The newest first, and how many more there are. @param since of the history, those to tell. */
export function revisionLines(since: readonly HistoryRecord[], history: readonly HistoryRecord[]): readonly string[] {
  const shown = since.slice(0, MOST_REVISIONS).map((record) => `  ${revisionText(record, history)}`);
  const more = since.length - shown.length;
  return [...shown, ...(more > 0 ? [`  and ${more} more`] : [])];
}

/** "rev 42 changed by ana at 2026-11-22T14:01:50.000Z, "black friday": image web:1 -> web:2, env.LOG_LEVEL" */
function revisionText(record: HistoryRecord, history: readonly HistoryRecord[]): string {
  const { configRevision } = record;
  const former = history.find((one) => one.configRevision === configRevision - 1);
  const fields = former === undefined ? "" : changedFields(former.config, record.config);
  return `rev ${configRevision} ${whoChanged(record)}${fields === "" ? "" : `: ${fields}`}`;
}
