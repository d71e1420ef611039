// What may be written to a log: values made into plain JSON, without anything that is secret. Must not know pino.

const HIDDEN = "[hidden]";
const DEEPEST = 6;

/** Names of fields whose value is never written, at any depth, in any spelling. */
const SECRET =
  /^(pass|passwd|password|secrets?|tokens?|identitytoken|registrytoken|auths?|authconfig|authorization|credentials?|xregistryauth|privatekey|certkey|apikey)$/;
const URL_LOGIN = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;

/** A copy that JSON can hold: bigint as text, errors with their causes, secrets and values of environments hidden. */
export function presentable(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return plainObject(Object.entries(fields), 0);
}

function plain(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "bigint":
      return value.toString();
    case "string":
      return value.replace(URL_LOGIN, `$1${HIDDEN}@`);
    case "function":
    case "symbol":
      return undefined;
    case "object":
      return value === null ? null : plainReference(value, depth);
    default:
      return value;
  }
}

function plainReference(value: object, depth: number): unknown {
  if (value instanceof Error) return plainError(value, depth);
  if (value instanceof Date) return value;
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (depth >= DEEPEST) return "[deeper]";
  if (value instanceof Map)
    return plainObject(
      [...value].map(([key, one]) => [String(key), one]),
      depth + 1,
    );
  if (Array.isArray(value) || value instanceof Set) return [...value].map((one) => plain(one, depth + 1));
  return plainObject(Object.entries(value), depth + 1);
}

function plainObject(entries: readonly (readonly [string, unknown])[], depth: number): Record<string, unknown> {
  return Object.fromEntries(entries.map(([name, value]) => [name, plainField(name, value, depth)]));
}

function plainField(name: string, value: unknown, depth: number): unknown {
  const word = name.toLowerCase().replaceAll(/[-_.]/g, "");
  if (SECRET.test(word)) return value === undefined ? undefined : HIDDEN;
  if (word === "env" || word === "environment") return withoutValues(value);
  return plain(value, depth);
}

/** The names of an environment say what a log needs; the values are nobody's business. */
function withoutValues(env: unknown): unknown {
  if (Array.isArray(env)) return env.map((line) => `${String(line).split("=", 1)[0]}=${HIDDEN}`);
  if (typeof env !== "object" || env === null) return env === undefined ? undefined : HIDDEN;
  return Object.fromEntries(Object.keys(env).map((name) => [name, HIDDEN]));
}

function plainError(error: Error, depth: number): Record<string, unknown> {
  const { reason, facts } = error as { reason?: unknown; facts?: { why?: unknown } };
  return {
    name: error.name,
    message: plain(error.message, depth),
    ...(typeof reason === "string" ? { reason } : { stack: plain(error.stack, depth) }),
    ...(facts?.why === undefined ? {} : { why: plain(facts.why, depth + 1) }),
    ...(error.cause === undefined || depth >= DEEPEST ? {} : { cause: plainCause(error, depth + 1) }),
  };
}

/** An error of the house says what there is to say; of what is behind it the words are enough, without a stack. */
function plainCause(error: Error, depth: number): unknown {
  const { cause } = error;
  const known = typeof (error as { reason?: unknown }).reason === "string";
  return known && cause instanceof Error ? plain(cause.message, depth) : plain(cause, depth);
}
