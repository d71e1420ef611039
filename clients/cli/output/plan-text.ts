// A plan for people: per group what changes, what that does, where it goes, and what fits nowhere.

import { ErrorReason } from "../../gen/theseus/v1/error_reason.js";
import { UpdateOrder } from "../../gen/theseus/v1/group.js";
import type { GroupPlan, HostRefusal } from "../../gen/theseus/v1/plan.js";
import { formatGroup } from "../references.js";
import { refOf } from "./objects.js";
import type { Style } from "./style.js";
import { actionWord, orderWord } from "./words.js";

const SIGNS: Readonly<Record<string, string>> = { CREATE: "+", UPDATE: "~", REMOVE: "-", NONE: "=" };
const NAME_WIDTH = 40;

/** "~ web/frontend,prod   rev 41 -> 42" */
export function planHeading(plan: GroupPlan, style: Style): string {
  const action = actionWord(plan.action);
  const name = `${SIGNS[action] ?? "?"} ${formatGroup(refOf(plan))}`;
  const text = `${name.padEnd(NAME_WIDTH)}  ${revisionText(plan)}`;
  return action === "NONE" ? style.paint("grey", text) : text;
}

function revisionText(plan: GroupPlan): string {
  switch (actionWord(plan.action)) {
    case "CREATE":
      return `rev ${plan.toRevision}`;
    case "UPDATE":
      return `rev ${plan.fromRevision} -> ${plan.toRevision}`;
    case "REMOVE":
      return `rev ${plan.fromRevision} -> gone`;
    default:
      return "no change";
  }
}

/** The whole plan of one group; without placement for a diff. */
export function planText(plan: GroupPlan, style: Style, placement: boolean): string {
  const lines = [planHeading(plan, style), ...fieldLines(plan)];
  if (placement) lines.push(...effectLines(plan), ...orderLines(plan), ...placeLines(plan), ...refusalLines(plan));
  return lines.map((line) => `${line}\n`).join("");
}

function fieldLines(plan: GroupPlan): string[] {
  const width = Math.max(8, ...plan.fields.map(({ path }) => path.length));
  const lines = plan.fields.map(({ path, from, to }) => {
    const pins = path === "image" ? pinsText(plan) : "";
    if (from === "") return `    ${path.padEnd(width)} ${to}${pins}`;
    return `    ${path.padEnd(width)} ${to === "" ? `${from} -> not set` : `${from} -> ${to}`}${pins}`;
  });
  const isNamed = plan.fields.some(({ path }) => path === "image");
  const own =
    isNamed || pinsText(plan) === "" ? [] : [`    ${"image".padEnd(width)} ${plan.image?.image}${pinsText(plan)}`];
  return [...lines, ...own];
}

/** "  (sha256:9c1e77ab… -> sha256:77ab0342…)", or why that is not known. */
function pinsText({ image, refusals }: GroupPlan): string {
  if (image === undefined) return "";
  const isRefused = refusals.some(({ hosts }) => hosts.some(({ reason }) => reason === ErrorReason.IMAGE_NOT_FOUND));
  if (image.toPinned === "") return isRefused ? "" : `  (not known now: ${image.problem})`;
  const from = image.fromPinned === "" ? "" : `${digestText(image.fromPinned)} -> `;
  return `  (${from}${digestText(image.toPinned)})`;
}

function digestText(pinned: string): string {
  const digest = /sha256:[0-9a-f]{12}/.exec(pinned)?.[0];
  return digest === undefined ? pinned : `${digest}…`;
}

function effectLines(plan: GroupPlan): string[] {
  const { replaced, batches } = plan;
  const parts = [
    replaced > 0 ? `${containersText(replaced)} replaced${batches > 1 ? ` in ${batches} batches` : ""}` : "",
    plan.created > 0 ? `${containersText(plan.created, "new ")}` : "",
    plan.stopped > 0 ? `${containersText(plan.stopped)} stopped` : "",
    replaced > 0 ? promiseText(plan) : "",
  ].filter((part) => part !== "");
  if (parts.length > 0) return [`    effect   ${parts.join(", ")}`];
  return actionWord(plan.action) === "UPDATE" ? ["    effect   no container is replaced"] : [];
}

/** Empty where the server does not say. */
function promiseText({ order, minReady }: GroupPlan): string {
  if (order === UpdateOrder.UNSPECIFIED) return "";
  return minReady === 0 ? "none ready meanwhile" : `never fewer than ${minReady} ready`;
}

function orderLines({ order, whyNotStartFirst, placements }: GroupPlan): string[] {
  const word = orderWord(order);
  if (word === undefined) return [];
  if (whyNotStartFirst === "") return [`    order    ${word}`];
  const where = new Set(placements.map(({ host }) => host)).size === 1 ? " on this host" : "";
  return [`    order    ${word}; start-first is impossible${where}: ${whyNotStartFirst}`];
}

/** "1 container", "3 new containers" */
export function containersText(count: number, kind = ""): string {
  return `${count} ${kind}container${count === 1 ? "" : "s"}`;
}

function placeLines({ placements }: GroupPlan): string[] {
  if (placements.length === 0) return [];
  return [`    place    ${placements.map(({ slot, host }) => `:${slot} ${host}`).join("  ")}`];
}

/** Slots that are refused for the same reasons are told together. */
function refusalLines({ refusals }: GroupPlan): string[] {
  const slots = new Map<string, string[]>();
  for (const { slot, hosts } of refusals) {
    const reasons = reasonLines(hosts).join("\n");
    slots.set(reasons, [...(slots.get(reasons) ?? []), `:${slot}`]);
  }
  return [...slots].flatMap(([reasons, names]) => [
    `             ${names.join(" ")} ${names.length === 1 ? "does" : "do"} not fit`,
    ...(reasons === "" ? [] : reasons.split("\n")),
  ]);
}

function reasonLines(hosts: readonly HostRefusal[]): string[] {
  const width = Math.max(...hosts.map(({ host }) => host.length), 0);
  return hosts.map(({ host, text }) => `               ${host.padEnd(width)}   ${text}`);
}

export interface Summary {
  readonly create: number;
  readonly update: number;
  readonly remove: number;
  readonly unchanged: number;
  /** Containers that fit nowhere. */
  readonly unplaced: number;
}

export function summaryOf(plans: readonly GroupPlan[]): Summary {
  const count = (action: string) => plans.filter((plan) => actionWord(plan.action) === action).length;
  return {
    create: count("CREATE"),
    update: count("UPDATE"),
    remove: count("REMOVE"),
    unchanged: count("NONE"),
    unplaced: plans.reduce((sum, { refusals }) => sum + refusals.length, 0),
  };
}

export function summaryText({ create, update, remove, unchanged, unplaced }: Summary): string {
  const parts = [
    update > 0 ? `${update} to change` : "",
    create > 0 ? `${create} to create` : "",
    remove > 0 ? `${remove} to remove` : "",
    unchanged > 0 ? `${unchanged} unchanged` : "",
  ].filter((part) => part !== "");
  const trouble = unplaced === 0 ? "" : `  ${containersText(unplaced)} ${unplaced === 1 ? "fits" : "fit"} nowhere.`;
  return `${parts.length === 0 ? "nothing to do" : parts.join(", ")}.${trouble}\n`;
}
