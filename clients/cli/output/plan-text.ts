// A plan for people: per group what changes, what that does, where it goes, and what fits nowhere.

import type { GroupPlan, HostRefusal } from "../../gen/theseus/v1/plan.js";
import { formatGroup } from "../references.js";
import { refOf } from "./objects.js";
import type { Style } from "./style.js";
import { actionWord } from "./words.js";

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
  if (placement) lines.push(...effectLines(plan), ...placeLines(plan), ...plan.refusals.flatMap(refusalLines));
  return lines.map((line) => `${line}\n`).join("");
}

function fieldLines({ fields }: GroupPlan): string[] {
  const width = Math.max(8, ...fields.map(({ path }) => path.length));
  return fields.map(({ path, from, to }) => {
    if (from === "") return `    ${path.padEnd(width)} ${to}`;
    return `    ${path.padEnd(width)} ${to === "" ? `${from} -> not set` : `${from} -> ${to}`}`;
  });
}

function effectLines(plan: GroupPlan): string[] {
  const parts = [
    plan.replaced > 0 ? `${containers(plan.replaced)} replaced` : "",
    plan.created > 0 ? `${containers(plan.created, "new ")}` : "",
    plan.stopped > 0 ? `${containers(plan.stopped)} stopped` : "",
  ].filter((part) => part !== "");
  if (parts.length > 0) return [`    effect   ${parts.join(", ")}`];
  return actionWord(plan.action) === "UPDATE" ? ["    effect   no container is replaced"] : [];
}

function containers(count: number, kind = ""): string {
  return `${count} ${kind}container${count === 1 ? "" : "s"}`;
}

function placeLines({ placements }: GroupPlan): string[] {
  if (placements.length === 0) return [];
  return [`    place    ${placements.map(({ slot, host }) => `:${slot} ${host}`).join("  ")}`];
}

function refusalLines({ slot, hosts }: GroupPlan["refusals"][number]): string[] {
  const width = Math.max(...hosts.map(({ host }) => host.length), 0);
  const reason = ({ host, text }: HostRefusal) => `               ${host.padEnd(width)}   ${text}`;
  return [`             :${slot} does not fit`, ...hosts.map(reason)];
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
  const trouble = unplaced === 0 ? "" : `  ${containers(unplaced)} ${unplaced === 1 ? "fits" : "fit"} nowhere.`;
  return `${parts.length === 0 ? "nothing to do" : parts.join(", ")}.${trouble}\n`;
}
