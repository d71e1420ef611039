// The words of a plan that does not hold any more: what has changed since, and by whom.

import { TheseusError } from "../model/errors.js";
import type { Forecast } from "../model/plan.js";
import { formatGroup } from "../model/reference.js";
import { refusalsText } from "../planner/place.js";
import type { PlannedChange } from "./convert-group.js";
import { inNamespace, whoChanged } from "./error-texts.js";
import type { Difference, HostDifference } from "./plan-differences.js";
import { measured, NOTHING, type PlanToken, pinnedAfter } from "./plan-token.js";
import { type HistoryReader, revisionLines } from "./revision-lines.js";

/** Longer lists help nobody. */
const MOST_SLOTS = 3;
const GIB = 2 ** 10;

/** CONFLICT, with a line for each difference. Fails as the store does. */
export async function planConflict(
  store: HistoryReader,
  { revision }: PlanToken,
  found: readonly Difference[],
): Promise<TheseusError> {
  const why = await Promise.all(found.map((difference) => linesOf(store, difference)));
  const [first] = found.flatMap((one) => ("plan" in one ? [one.plan.ref] : []));
  return new TheseusError("CONFLICT", {
    what: `what was planned at revision ${revision} is not what would happen now`,
    why: why.flat(),
    now: "nothing of yours was changed",
    next: first === undefined ? [] : [`theseus describe ${formatGroup(first)}${inNamespace(first.namespace)}`],
    metadata: {
      revision: String(revision),
      changed: [...new Set(found.map(({ kind }) => kind))].join(" "),
      groups: [...new Set(found.flatMap((one) => ("plan" in one ? [formatGroup(one.plan.ref)] : [])))].join("\n"),
    },
    ...(first === undefined ? {} : { group: first }),
  });
}

async function linesOf(store: HistoryReader, difference: Difference): Promise<readonly string[]> {
  switch (difference.kind) {
    case "group":
      return [groupLine(difference.plan, difference.wasAbsent)];
    case "revision":
      return sinceLines(store, difference.plan, difference.was);
    case "config":
      return [`something else is asked of ${formatGroup(difference.plan.ref)} than then: the files were edited since`];
    case "image":
      return [imageLine(difference.plan, difference.was)];
    case "work":
      return workLines(difference.plan);
    case "others":
      return [`${difference.count} of the groups of that plan are not named now`];
    case "lost":
    case "new":
    case "load":
    case "gone":
      return [hostLine(difference)];
  }
}

function groupLine({ ref, before }: PlannedChange, wasAbsent: boolean): string {
  const name = formatGroup(ref);
  if (before === undefined) return `${name} is not there now, or was not part of that plan`;
  const who = whoChanged(before);
  if (wasAbsent) return `${name} was not there then: it is at rev ${before.configRevision}, ${who}`;
  return `${name} was not part of that plan, or was created anew since: it is at rev ${before.configRevision}, ${who}`;
}

/** Who changed what, the newest first. */
async function sinceLines(
  store: HistoryReader,
  { ref, uid = "", before }: PlannedChange,
  then: number,
): Promise<readonly string[]> {
  const now = before?.configRevision ?? 0;
  const history = await store.readHistory(ref.namespace, uid);
  const since = history.filter(({ configRevision }) => configRevision > then && configRevision <= now);
  const name = formatGroup(ref);
  return [
    `${name} is at rev ${now}, and was at rev ${then}${since.length === 0 && before ? `: ${whoChanged(before)}` : ""}`,
    ...revisionLines(since, history),
  ];
}

function imageLine(plan: PlannedChange, then: string): string {
  const { image } = plan.forecast;
  const name = `image ${image?.asked ?? plan.after?.image ?? ""} of ${formatGroup(plan.ref)}`;
  const was = then === NOTHING ? "was not known then" : `was sha256:${then}… then`;
  const pinned = pinnedAfter(plan);
  if (pinned === undefined) {
    return `${name} ${was}, and is not known now${image?.problem === undefined ? "" : `: ${image.problem}`}`;
  }
  const digest = /sha256:[0-9a-f]{8}/.exec(pinned)?.[0];
  const moved = then === NOTHING ? "" : ": the tag has moved";
  return `${name} ${was}, and is ${digest === undefined ? pinned : `${digest}…`} now${moved}`;
}

function workLines({ ref, forecast }: PlannedChange): readonly string[] {
  const { refusals } = forecast;
  const unfit = refusals
    .slice(0, MOST_SLOTS)
    .map(({ slot, hosts }) => `  slot ${slot} fits nowhere: ${refusalsText(hosts)}`);
  const more = refusals.length - unfit.length;
  return [
    `other things would be done to ${formatGroup(ref)} than then; now: ${effectText(forecast)}`,
    ...unfit,
    ...(more > 0 ? [`  and ${more} more slots`] : []),
  ];
}

function effectText({ replaced, created, stopped, refusals, transition }: Forecast): string {
  const order = transition === undefined ? "" : ` ${transition.order} in ${transition.batches} batches`;
  const parts = [
    replaced > 0 ? `${replaced} replaced${order}` : "",
    created > 0 ? `${created} created` : "",
    stopped > 0 ? `${stopped} stopped` : "",
    refusals.length > 0 ? `${refusals.length} of them fit nowhere` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

function hostLine(difference: HostDifference): string {
  switch (difference.kind) {
    case "lost":
      return `host ${difference.host.name} is lost: ${difference.host.problem?.text ?? "it does not answer"}`;
    case "new":
      return `host ${difference.host.name} is new, or answers again`;
    case "gone":
      return `${difference.count} of the hosts of that plan are not known any more`;
    case "load": {
      const { host, was } = difference;
      const now = measured(host);
      const isFuller = now.cpu > was.cpu || now.mem > was.mem;
      return `host ${host.name} is ${isFuller ? "fuller" : "emptier"}: ${loadText(now)} reserved, ${loadText(was)} then`;
    }
  }
}

function loadText({ cpu, mem }: { readonly cpu: number; readonly mem: number }): string {
  const memory = mem >= GIB ? `${Math.round((mem / GIB) * 10) / 10} GiB` : `${mem} MiB`;
  return `${cpu / 100} cores and ${memory}`;
}
