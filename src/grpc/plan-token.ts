// A plan in a few characters: enough to see later whether the same would still happen, and if not, what has changed.

import { createHash } from "node:crypto";
import { currentPin } from "../model/group-status.js";
import { type GroupRef, groupId } from "../model/reference.js";
import { canonical } from "./config-diff.js";
import type { PlannedChange } from "./convert-group.js";
import type { HostLoad } from "./forecaster.js";

/** What a plan was made of, and what it came to. */
export type PlanFacts = { readonly plans: readonly PlannedChange[]; readonly hosts: readonly HostLoad[] };

/** One group as a token has it. */
export type GroupMark = {
  /** Of its name and uid. */
  readonly group: string;
  readonly revision: number;
  /** Of the config that it was to have. */
  readonly config: string;
  /** The beginning of the image's digest; NOTHING: it was not known. */
  readonly image: string;
  /** Of what was to be done: actions, order and refusals. */
  readonly work: string;
};

/** A host that answered, with what was reserved on it: hundredths of a core, and MiB. */
export type HostMark = { readonly host: string; readonly cpu: number; readonly mem: number };

export type PlanToken = {
  readonly revision: bigint;
  readonly groups: readonly GroupMark[];
  readonly hosts: readonly HostMark[];
};

export const NOTHING = "0";
/** More would make it unhandy; those beyond are not told apart by name. */
const MOST_HOSTS = 16;
const MIB = 2 ** 20;

const TOKEN = /^(\d{1,19})-([0-9a-z._]+)-([0-9a-z._]+)$/;
const GROUP = /^([0-9a-f]{6})\.(\d{1,10})\.([0-9a-f]{6})\.(0|[0-9a-f]{8})\.([0-9a-f]{6})$/;
const HOST = /^([0-9a-f]{4})\.([0-9a-z]{1,8})\.([0-9a-z]{1,8})$/;

/** "48812-5b1f02.41.9c1e77.77ab0342.7c1e55-1d2f.0.0" @param revision at which the plan was read. */
export function writeToken(revision: bigint, { plans, hosts }: PlanFacts): string {
  const groups = plans.map((plan) => Object.values(markOf(plan)).join("."));
  const marks = answering(hosts).map(({ name, cpu, mem }) => {
    const { cpu: hundredths, mem: mebibytes } = measured({ cpu, mem });
    return `${hostMark(name)}.${hundredths.toString(36)}.${mebibytes.toString(36)}`;
  });
  return `${revision}-${groups.join("_")}-${marks.length === 0 ? NOTHING : marks.join("_")}`;
}

/** Undefined for a text that is no token. */
export function readToken(text: string): PlanToken | undefined {
  const [, revision, groups = "", hosts = ""] = TOKEN.exec(text) ?? [];
  if (revision === undefined) return undefined;
  const groupMarks = groups.split("_").map(readGroup);
  const hostMarks = hosts === NOTHING ? [] : hosts.split("_").map(readHost);
  if (groupMarks.includes(undefined) || hostMarks.includes(undefined)) return undefined;
  return {
    revision: BigInt(revision),
    groups: groupMarks.flatMap((mark) => mark ?? []),
    hosts: hostMarks.flatMap((mark) => mark ?? []),
  };
}

function readGroup(text: string): GroupMark | undefined {
  const [, group, revision = "", config = "", image = "", work = ""] = GROUP.exec(text) ?? [];
  return group === undefined ? undefined : { group, revision: Number(revision), config, image, work };
}

function readHost(text: string): HostMark | undefined {
  const [, host, cpu = "", mem = ""] = HOST.exec(text) ?? [];
  return host === undefined ? undefined : { host, cpu: Number.parseInt(cpu, 36), mem: Number.parseInt(mem, 36) };
}

/** As a token of this plan has it. */
export function markOf(plan: PlannedChange): GroupMark {
  const { ref, uid, fromRevision, after } = plan;
  const { actions, refusals, transition } = plan.forecast;
  const refused = refusals.map(({ slot, hosts }) => [slot, ...hosts.map(({ host, reason }) => [host, reason])]);
  return {
    group: groupMark(ref, uid),
    revision: fromRevision,
    config: hashed(after ?? NOTHING, 6),
    image: imageMark(pinnedAfter(plan)),
    work: hashed({ actions, refused, order: transition?.order, maxParallel: transition?.maxParallel }, 6),
  };
}

/** @param uid undefined: a group that is not there. */
/** What the image is pinned to then, whoever pins it; undefined: not known. */
export function pinnedAfter({ before, after, forecast: { image } }: PlannedChange): string | undefined {
  if (after === undefined) return undefined;
  return image === undefined ? currentPin(before)?.pinned : image.pinned;
}

export function groupMark(ref: GroupRef, uid: string | undefined): string {
  return hashed([groupId(ref), uid ?? ""], 6);
}

export function hostMark(name: string): string {
  return hashed(name, 4);
}

/** Those that a token names. */
export function answering(hosts: readonly HostLoad[]): readonly HostLoad[] {
  return hosts.filter(({ problem }) => problem === undefined).slice(0, MOST_HOSTS);
}

/** In the units of a token. */
export function measured({ cpu, mem }: Pick<HostLoad, "cpu" | "mem">): Pick<HostMark, "cpu" | "mem"> {
  return { cpu: Math.round(cpu * 100), mem: Math.round(mem / MIB) };
}

/** The same for one image, however its name is written. */
function imageMark(pinned: string | undefined): string {
  return /sha256:([0-9a-f]{8})/.exec(pinned ?? "")?.[1] ?? (pinned === undefined ? NOTHING : hashed(pinned, 8));
}

function hashed(value: unknown, length: number): string {
  return createHash("sha256").update(canonical(value)).digest("hex").slice(0, length);
}
