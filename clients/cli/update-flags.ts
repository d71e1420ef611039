// The flags that say how changes of a group come into effect, as a part of its config and the paths of what was set.

import { OnFailure, UpdateOrder, type UpdatePolicy } from "../gen/theseus/v1/group.js";
import type { Fields } from "../partial.js";
import { type Context, optionalText } from "./context.js";
import { parseDuration } from "./quantities.js";

export interface UpdateFlags {
  readonly update: Fields<UpdatePolicy>;
  /** "update.max_parallel" */
  readonly mask: readonly string[];
  readonly problems: readonly string[];
}

/** The value, or in words what is expected. */
type Parsed = Fields<UpdatePolicy> | string;

interface Flag {
  /** Of the flag and, with another hyphen, of the key in the group file. */
  readonly name: string;
  readonly parse: (text: string) => Parsed;
}

const ORDERS: Readonly<Record<string, UpdateOrder>> = {
  auto: UpdateOrder.AUTO,
  "start-first": UpdateOrder.START_FIRST,
  "stop-first": UpdateOrder.STOP_FIRST,
};
const FAILURES: Readonly<Record<string, OnFailure>> = {
  rollback: OnFailure.ROLLBACK,
  pause: OnFailure.PAUSE,
  continue: OnFailure.CONTINUE,
};

const FLAGS: readonly Flag[] = [
  { name: "max-parallel", parse: maxParallel },
  { name: "order", parse: (text) => choice(ORDERS, text, (order) => ({ order })) },
  { name: "min-healthy-time", parse: (text) => length(text, (minHealthyTime) => ({ minHealthyTime })) },
  { name: "healthy-deadline", parse: (text) => length(text, (healthyDeadline) => ({ healthyDeadline })) },
  { name: "progress-deadline", parse: (text) => length(text, (progressDeadline) => ({ progressDeadline })) },
  { name: "canary", parse: canary },
  { name: "on-failure", parse: (text) => choice(FAILURES, text, (onFailure) => ({ onFailure })) },
];

/** Everything that is wrong with them at once. */
export function readUpdateFlags(context: Context): UpdateFlags {
  let update: Fields<UpdatePolicy> = {};
  const mask: string[] = [];
  const problems: string[] = [];
  for (const { name, parse } of FLAGS) {
    const text = optionalText(context, camelCase(name));
    if (text === undefined) continue;
    const parsed = parse(text);
    if (typeof parsed === "string") problems.push(`--${name} ${text}: ${parsed}`);
    else {
      update = { ...update, ...parsed };
      mask.push(`update.${name.replaceAll("-", "_")}`);
    }
  }
  return { update, mask, problems };
}

/** As requests carry it. */
export function durationOf(milliseconds: number): { seconds: bigint; nanos: number } {
  return { seconds: BigInt(Math.floor(milliseconds / 1000)), nanos: (milliseconds % 1000) * 1e6 };
}

function maxParallel(text: string): Parsed {
  const [, number = "", percent] = /^(\d{1,4})(%?)$/.exec(text) ?? [];
  const fits = Number(number) >= 1 && Number(number) <= (percent === "%" ? 100 : 1000);
  return fits ? { maxParallel: text } : "a number from 1 to 1000, or a share like 25%";
}

function canary(text: string): Parsed {
  const number = Number(text);
  return /^\d{1,4}$/.test(text) && number <= 1000 ? { canary: number } : "a whole number from 0 to 1000";
}

function length(text: string, set: (duration: ReturnType<typeof durationOf>) => Parsed): Parsed {
  const milliseconds = parseDuration(text);
  return milliseconds === undefined ? "a whole number with a unit: 500ms 30s 5m" : set(durationOf(milliseconds));
}

function choice<T>(words: Readonly<Record<string, T>>, text: string, set: (value: T) => Parsed): Parsed {
  const value = Object.hasOwn(words, text) ? words[text] : undefined;
  return value === undefined ? `one of ${Object.keys(words).join(", ")}` : set(value);
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
