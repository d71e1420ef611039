// The config revisions of a group with what became of them: a table, objects, and what each of them changed. Pure.

import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Revision } from "../../gen/theseus/v1/rollout.js";
import { RolloutState } from "../../gen/theseus/v1/rollout.js";
import { formatDuration } from "../quantities.js";
import { formatGroup } from "../references.js";
import { diffFields } from "./config-fields.js";
import { compact, configObject } from "./config-object.js";
import { namespaceOf } from "./objects.js";
import { failureText, lengthOf, newText, rolloutObject } from "./rollout.js";
import type { Style } from "./style.js";
import type { Column } from "./table.js";
import { rolloutStateWord } from "./words.js";

type Json = Record<string, unknown>;

const MOST_FIELDS = 3;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** One revision among those that are kept, newest first. */
export interface Kept {
  readonly revision: Revision;
  /** The one before it; undefined: none is kept. */
  readonly before: Revision | undefined;
  /** The number of an older one with the same config, the number of instances aside. */
  readonly sameAs: bigint | undefined;
}

export function keptOf(revisions: readonly Revision[]): Kept[] {
  const order = [...revisions].sort((a, b) => Number(b.configRevision - a.configRevision));
  return order.map((revision, i) => {
    const older = order.slice(i + 1);
    return { revision, before: older[0], sameAs: older.slice(1).find((one) => isSame(one, revision))?.configRevision };
  });
}

function isSame(a: Revision, b: Revision): boolean {
  return diffFields(a.config, b.config).every(({ path }) => path === "instances");
}

/** "image web:1 -> web:2, mem 512MiB -> 768MiB" */
export function whatText({ revision, before, sameAs }: Kept): string {
  const { rollout, change, configRevision } = revision;
  if (rollout !== undefined && rollout.rollbackOf > 0n) return `takes back rev ${rollout.rollbackOf}${equals(sameAs)}`;
  const command = change?.command ?? "";
  if (/\brollout undo\b/.test(command)) return `undo${equals(sameAs)}`;
  if (before === undefined) return configRevision === 1n ? `created with ${revision.config?.image ?? ""}` : "";
  const fields = diffFields(before.config, revision.config);
  if (fields.length === 0) return /\brollout restart\b/.test(command) ? "restart" : "no field differs";
  const texts = [...fields]
    .sort(imageFirst)
    .slice(0, MOST_FIELDS)
    .map(({ path, from, to }) => `${path} ${from || "unset"} -> ${to || "unset"}`);
  return texts.join(", ") + (fields.length > MOST_FIELDS ? ` and ${fields.length - MOST_FIELDS} more` : "");
}

function imageFirst(a: { readonly path: string }, b: { readonly path: string }): number {
  return Number(b.path === "image") - Number(a.path === "image");
}

function equals(sameAs: bigint | undefined): string {
  return sameAs === undefined ? "" : ` (= rev ${sameAs})`;
}

export function resultText({ rollout }: Revision, style: Style, now: number): string {
  if (rollout === undefined) return "";
  const word = style.state(rolloutStateWord(rollout.state));
  switch (rollout.state) {
    case RolloutState.RUNNING:
    case RolloutState.PAUSED:
    case RolloutState.ROLLING_BACK:
      return `${word} at ${newText(rollout)}`;
    case RolloutState.SUPERSEDED:
      return `${word}${rollout.supersededBy === 0n ? "" : ` by ${rollout.supersededBy}`}`;
    default:
      return `${word} ${formatDuration(lengthOf(rollout, now))}`;
  }
}

/** Of one that failed why it did, else what the person said. */
export function whyText({ rollout, change }: Revision): string {
  return (rollout === undefined ? undefined : failureText(rollout)) ?? change?.message ?? "";
}

export function revisionColumns(style: Style, now: number): Column<Kept>[] {
  const column = (title: string, value: (kept: Kept) => string): Column<Kept> => ({
    id: title.toLowerCase(),
    title,
    value: (kept) => value(kept) || "-",
  });
  const rev = ({ revision }: Kept) => revision.configRevision;
  const time = ({ revision }: Kept) => revision.change?.time;
  return [
    { id: "rev", title: "REV", value: (kept) => String(rev(kept)), right: true, order: rev },
    { ...column("WHEN", (kept) => whenText(time(kept), now)), order: (kept) => time(kept)?.getTime() ?? 0 },
    column("WHO", ({ revision }) => revision.change?.actor ?? ""),
    column("WHAT", whatText),
    column("RESULT", ({ revision }) => resultText(revision, style, now)),
    column("WHY", ({ revision }) => whyText(revision)),
    { ...column("COMMAND", ({ revision }) => revision.change?.command ?? ""), wide: true },
    { ...column("PINNED", ({ revision }) => revision.pinnedImage), wide: true },
  ];
}

/** "14:09Z today", "21 Nov 16:40Z", "21 Nov 2025" */
export function whenText(time: Date | undefined, now: number): string {
  if (time === undefined) return "";
  const [there, here] = [time.toISOString(), new Date(now).toISOString()];
  const clock = `${there.slice(11, 16)}Z`;
  if (there.slice(0, 10) === here.slice(0, 10)) return `${clock} today`;
  const day = `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]}`;
  return there.slice(0, 4) === here.slice(0, 4) ? `${day} ${clock}` : `${day} ${there.slice(0, 4)}`;
}

export function revisionObject(kept: Kept, ref: GroupRef): Json {
  const { configRevision, config, change, pinnedImage, rollout } = kept.revision;
  const { before } = kept;
  return compact({
    rev: Number(configRevision),
    ref: formatGroup(ref),
    namespace: namespaceOf(ref),
    at: change?.time?.toISOString(),
    actor: change?.actor,
    command: change?.command,
    message: change?.message,
    what: whatText(kept),
    fields:
      before === undefined
        ? undefined
        : diffFields(before.config, kept.revision.config).map((one) => compact({ ...one })),
    sameAs: kept.sameAs === undefined ? undefined : Number(kept.sameAs),
    spec: config === undefined ? undefined : configObject(config, pinnedImage),
    rollout: rollout === undefined ? undefined : rolloutObject(rollout),
  });
}
