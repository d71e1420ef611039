// The kinds of values in a group file. Each says once, in people's words, what is expected; that text is the error of
// every one of its checks.

import { z } from "zod";
import { DURATION, parseDuration, parseSize, SIZE } from "../quantities.js";

export interface About {
  readonly description: string;
  /** As it is written in the file; for editors and documents, never filled in. */
  readonly default?: unknown;
}

export function text(expected: string, about: About, pattern?: RegExp) {
  const schema = z.string({ error: expected }).min(1, { error: expected }).max(4096, { error: expected });
  return (pattern === undefined ? schema : schema.regex(pattern, { error: expected })).meta({ ...about });
}

export function whole(min: number, max: number, about: About) {
  const error = `a whole number from ${min} to ${max}`;
  return z
    .number({ error })
    .int({ error })
    .min(min, { error })
    .max(max, { error })
    .meta({ ...about });
}

export function number(min: number, max: number, about: About) {
  const error = `a number from ${min} to ${max}`;
  return z
    .number({ error })
    .min(min, { error })
    .max(max, { error })
    .meta({ ...about });
}

export function yesNo(about: About) {
  return z.boolean({ error: "true or false" }).meta({ ...about });
}

export function choice<const Words extends readonly [string, ...string[]]>(words: Words, about: About) {
  const [last] = words.slice(-1);
  const error = words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} or ${last}`;
  return z.enum(words, { error }).meta({ ...about });
}

const LONGEST = { milliseconds: 24 * 3_600_000, text: "24h" };
export const TEN_MINUTES = { milliseconds: 600_000, text: "10m" };

/** @param least in milliseconds. */
export function duration(about: About, least = 0, longest = LONGEST) {
  const from = least > 0 ? `, at least ${least}ms` : "";
  const error = `a time with a unit like 250ms 5s 5m 1h, at most ${longest.text}${from}`;
  const inRange = (value: string) => {
    const length = parseDuration(value);
    return length !== undefined && length >= least && length <= longest.milliseconds;
  };
  return z
    .string({ error })
    .regex(DURATION, { error })
    .refine(inRange, { error })
    .meta({ ...about });
}

/** @param least in bytes. */
export function size(about: About, least: number) {
  const error = `a size from ${least / 2 ** 20}MiB to 16384GiB, in B KiB MiB GiB, like 256MiB`;
  const inRange = (value: string) => {
    const bytes = parseSize(value);
    return bytes !== undefined && bytes >= least && bytes <= 2 ** 44;
  };
  return z
    .string({ error })
    .regex(SIZE, { error })
    .refine(inRange, { error })
    .meta({ ...about });
}

export function list<Item extends z.ZodType>(item: Item, expected: string, about: About) {
  return z
    .array(item, { error: expected })
    .max(1000, { error: expected })
    .meta({ ...about });
}

export function map<Value extends z.ZodType>(
  value: Value,
  expected: string,
  about: About,
  key: { readonly pattern: RegExp; readonly expected: string },
) {
  const keys = z.string().regex(key.pattern, { error: key.expected });
  return z.record(keys, value, { error: expected }).meta({ ...about });
}

/** A map with these keys and no others. */
export function block<Shape extends z.ZodRawShape>(shape: Shape, about: About) {
  return z.strictObject(shape, { error: "a map" }).meta({ ...about });
}

/** A short form or a long one. */
export function either<Short extends z.ZodType, Long extends z.ZodType>(
  short: Short,
  long: Long,
  expected: string,
  about: About,
) {
  return z.union([short, long], { error: expected }).meta({ ...about });
}

/** Words of a command line. */
export function words(description: string) {
  const word = z.string({ error: 'text; put numbers in quotes, like "8080"' });
  return list(word, "a list of texts", { description });
}
