// What of a log is asked for, as it stands in the address: whose, which level, what text, from when. Pure.

import type { GroupKey } from "../../wire.js";
import { commandLine, slotRef } from "../detail/command.js";
import type { Query } from "../view-url.js";
import { LEVELS, type Level } from "./level.js";

export interface LogTarget extends GroupKey {
  /** 0: every slot. */
  readonly slot: number;
}

export interface LogQuestion {
  readonly targets: readonly LogTarget[];
  readonly host: string;
  /** Milliseconds since 1970 to begin at; 0: the newest lines. */
  readonly at: number;
}

export interface Shown {
  readonly grep: string;
  readonly level: Level | "";
  readonly wraps: boolean;
  /** Key of the line that the address points at. */
  readonly line: string;
}

const TAIL = 1_000;
/** Before the moment that is asked for. */
const BEFORE = 60_000;

/** "web/dev:3 api/dev": what `of` of the address names, in the namespace `ns`. */
export function targetsOf({ ns = "default", ref = "", of = "", slot = "" }: Query): LogTarget[] {
  const texts = [...of.split(" "), ...(ref === "" ? [] : [ref])].filter((text) => text !== "");
  const targets = texts.map((text) => {
    const [, name = text, digits = "0"] = /^(.*):(\d{1,6})$/.exec(text) ?? [];
    return { ns, ref: name, slot: Number(digits) };
  });
  const only = Number.parseInt(slot, 10);
  return targets.length === 1 && only > 0 ? targets.map((one) => ({ ...one, slot: only })) : targets;
}

export function shownOf({ q = "", level = "", wrap = "", line = "" }: Query): Shown {
  return { grep: q, level: LEVELS.find((one) => one === level) ?? "", wraps: wrap !== "off", line };
}

/**
 * What is to be read for `next`, where `now` is being read: the same, where they differ in nothing but the moment, and the
 * line that `next` is about is there already.
 */
export function stillAsked(now: LogQuestion | undefined, next: LogQuestion, isThere: boolean): LogQuestion {
  const name = (one: LogQuestion) => JSON.stringify({ ...one, at: 0 });
  return isThere && now !== undefined && name(now) === name(next) ? now : next;
}

/** @param since nanoseconds up to which all is known, from a connection before; "" at the first. */
export function streamPath({ targets, host, at }: LogQuestion, since: string): string {
  const pairs = new URLSearchParams();
  for (const ref of new Set(targets.map((one) => `${one.ns} ${one.ref}`))) pairs.append("target", ref);
  const slots = new Set(targets.map((one) => one.slot));
  const [slot = 0] = slots;
  if (slots.size === 1 && slot > 0) pairs.set("slot", String(slot));
  if (host !== "") pairs.set("host", host);
  pairs.set("follow", "1");
  const from = since === "" ? at - BEFORE : Number(since.slice(0, -6)) - 1_000;
  if (since !== "" || at > 0) pairs.set("since", String(Math.max(0, from)));
  else pairs.set("tail", String(TAIL));
  return `/api/logs?${pairs}`;
}

/** One of them asks for that group's slot. */
export function isMeant(targets: readonly LogTarget[], { ns, ref, slot }: LogTarget): boolean {
  return targets.some((one) => one.ns === ns && one.ref === ref && (one.slot === 0 || one.slot === slot));
}

/** The same on the command line. */
export function logsLine({ targets, host }: LogQuestion, { grep }: Shown): string {
  const [first] = targets;
  const refs = targets.map((one) => slotRef(one, one.slot));
  const words = ["logs", ...refs, "-f", ...(host === "" ? [] : ["--host", host])];
  const inner = /^\/(.+)\/$/.exec(grep)?.[1] ?? grep.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return commandLine(first?.ns ?? "", ...words, ...(inner === "" ? [] : ["--grep", inner]));
}
