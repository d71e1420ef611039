// Model values to stored JSON and back, each form described once for both ways. Reading checks every field, says
// what is wrong and where, and never throws. Knows nothing of what the values mean.

/** @param problems what is wrong is added here; the value read is then worthless. */
export type Codec<T> = {
  write(value: T): unknown;
  read(json: unknown, at: string, problems: string[]): T;
  /** The new JSON with what a former JSON had besides the known fields: an older server loses nothing of a newer one. */
  carry(former: unknown, next: unknown): unknown;
};

export type Decoded<T> = { readonly value: T } | { readonly problem: string };

/** Reads stored text. Never throws. */
export function decode<T>(codec: Codec<T>, text: string): Decoded<T> {
  const json = parse(text);
  if (json === undefined) return { problem: "it is not JSON" };
  const problems: string[] = [];
  const value = codec.read(json.value, "", problems);
  return problems.length === 0 ? { value } : { problem: problems.join("; ") };
}

/** The text to store; fields of the former text that the codec does not know stay. */
export function encode<T>(codec: Codec<T>, value: T, former?: string): string {
  const next = codec.write(value);
  const before = former === undefined ? undefined : parse(former);
  return JSON.stringify(before === undefined ? next : codec.carry(before.value, next));
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function plain<T>(what: string, read: (json: unknown) => T | undefined, write: (value: T) => unknown): Codec<T> {
  return {
    write,
    read(json, at, problems) {
      const value = read(json);
      if (value === undefined) problems.push(`${at || "it"} is not ${what}`);
      return value as T;
    },
    carry: (_, next) => next,
  };
}

const same = <T>(value: T): T => value;
const filter =
  <T>(holds: (json: unknown) => json is T) =>
  (json: unknown): T | undefined =>
    holds(json) ? json : undefined;

export const text = plain(
  "text",
  filter((json) => typeof json === "string"),
  same,
);
export const flag = plain(
  "true or false",
  filter((json) => typeof json === "boolean"),
  same,
);
export const decimal = plain(
  "a number",
  filter((json): json is number => typeof json === "number" && Number.isFinite(json)),
  same,
);
export const whole = plain(
  "a whole number",
  filter((json): json is number => Number.isSafeInteger(json)),
  same,
);

export const port = plain(
  "a port from 1 to 65535",
  filter((json): json is number => Number.isInteger(json) && Number(json) >= 1 && Number(json) <= 65535),
  same,
);

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970, stored as RFC 3339 text. */
export const instant = plain(
  "a time as in RFC 3339",
  (json) => {
    const at = typeof json === "string" && RFC3339.test(json) ? Date.parse(json) : Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  },
  (value) => new Date(value).toISOString(),
);

export function oneOf<const T extends string>(...words: readonly T[]): Codec<T> {
  return plain(
    `one of ${words.join(", ")}`,
    filter((json): json is T => words.includes(json as T)),
    same,
  );
}

export function orNull<T>(codec: Codec<T>): Codec<T | null> {
  return {
    write: (value) => (value === null ? null : codec.write(value)),
    read: (json, at, problems) => (json === null ? null : codec.read(json, at, problems)),
    carry: codec.carry,
  };
}

export function list<T>(codec: Codec<T>): Codec<readonly T[]> {
  return {
    write: (values) => values.map((value) => codec.write(value)),
    read(json, at, problems) {
      if (Array.isArray(json)) return json.map((one, i) => codec.read(one, `${at}[${i}]`, problems));
      problems.push(`${at || "it"} is not a list`);
      return [];
    },
    carry: (_, next) => next,
  };
}

/** An object whose keys are data. */
export function mapOf<T>(codec: Codec<T>): Codec<Readonly<Record<string, T>>> {
  const each = (of: object, turn: (value: unknown, key: string) => unknown) =>
    Object.fromEntries(Object.entries(of).map(([key, value]) => [key, turn(value, key)]));
  return {
    write: (values) => each(values, (value) => codec.write(value as T)),
    read(json, at, problems) {
      if (isObject(json))
        return each(json, (one, key) => codec.read(one, join(at, key), problems)) as Record<string, T>;
      problems.push(`${at || "it"} is not an object`);
      return {};
    },
    carry(former, next) {
      if (!isObject(former) || !isObject(next)) return next;
      return each(next, (value, key) => (Object.hasOwn(former, key) ? codec.carry(former[key], value) : value));
    },
  };
}

export type Field<T> = {
  readonly name: string;
  readonly codec: Codec<T>;
  readonly required: boolean;
  /** Taken where an older or a foreign writer left a required field out. */
  readonly fallback?: T;
};

/** A field that has to be there. */
export const must = <T>(name: string, codec: Codec<T>): Field<T> & { readonly required: true } => ({
  name,
  codec,
  required: true,
});
/** A field that is always written, and has this value where it is absent. */
export const assumed = <T>(name: string, codec: Codec<T>, fallback: T): Field<T> & { readonly required: true } => ({
  name,
  codec,
  required: true,
  fallback,
});
/** A field that may be absent; null counts as absent. */
export const may = <T>(name: string, codec: Codec<T>): Field<T> & { readonly required: false } => ({
  name,
  codec,
  required: false,
});

/** Complete by type: a key of the model without a stored name does not compile. */
export type Fields<T> = {
  readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> & {
    readonly required: Record<never, never> extends Pick<T, K> ? false : true;
  };
};

/** An object with known fields; others in it are let be. */
export function record<T extends object>(fields: Fields<T>): Codec<T> {
  const known = Object.entries(fields) as [keyof T & string, Field<unknown>][];
  const names = new Set(known.map(([, field]) => field.name));
  return {
    write: (value) => {
      const out: Record<string, unknown> = {};
      for (const [key, { name, codec }] of known) {
        const one = value[key];
        if (one !== undefined) out[name] = codec.write(one);
      }
      return out;
    },
    read: (json, at, problems) => readFields(known, json, at, problems) as T,
    carry(former, next) {
      if (!isObject(former) || !isObject(next)) return next;
      const mine: Record<string, unknown> = {};
      for (const [, { name, codec }] of known) {
        if (!Object.hasOwn(next, name)) continue;
        mine[name] = Object.hasOwn(former, name) ? codec.carry(former[name], next[name]) : next[name];
      }
      const strange = Object.keys(former).filter((name) => !names.has(name));
      // Entry by entry, since a strange name may be one that an object has by itself.
      return strange.length === 0
        ? mine
        : Object.fromEntries([...Object.entries(mine), ...strange.map((name) => [name, former[name]])]);
    },
  };
}

function readFields(
  known: readonly [string, Field<unknown>][],
  json: unknown,
  at: string,
  problems: string[],
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (!isObject(json)) {
    problems.push(`${at || "it"} is not an object`);
    return out;
  }
  for (const [key, { name, codec, required, fallback }] of known) {
    const raw = Object.hasOwn(json, name) ? json[name] : undefined;
    if (raw !== undefined && (raw !== null || required)) out[key] = codec.read(raw, join(at, name), problems);
    else if (fallback !== undefined) out[key] = fallback;
    else if (required) problems.push(`${join(at, name)} is missing`);
  }
  return out;
}

/** Another value's form under a name that tells which: {"kind": "http", ...}. */
export function variants<T extends { readonly kind: string }>(
  codecs: {
    readonly [K in T["kind"]]: Codec<Extract<T, { kind: K }>>;
  },
): Codec<T> {
  const known = codecs as Record<string, Codec<T>>;
  const of = (json: unknown) => {
    const { kind } = isObject(json) ? json : { kind: undefined };
    return typeof kind === "string" && Object.hasOwn(known, kind) ? known[kind] : undefined;
  };
  return {
    write: (value) => known[value.kind]?.write(value),
    read(json, at, problems) {
      const codec = of(json);
      if (codec === undefined) problems.push(`${join(at, "kind")} is not one of ${Object.keys(known).join(", ")}`);
      return codec?.read(json, at, problems) as T;
    },
    carry: (former, next) => (of(former) === of(next) ? (of(next)?.carry(former, next) ?? next) : next),
  };
}

const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === "object" && json !== null && !Array.isArray(json);
const join = (at: string, name: string): string => (at === "" ? name : `${at}.${name}`);
