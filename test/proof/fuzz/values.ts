// Which values a field is given: those that its name asks for, and those that nobody should send. A field that is not
// named here has no values, and the proof says so.

import { type DescField, ScalarType } from "@bufbuild/protobuf";
import type { Random } from "./random.js";

/** What servers have handed out, to be handed back, and the namespace that is in use. */
export type Tokens = {
  readonly cursor: string[];
  readonly watch: string[];
  readonly page: string[];
  readonly recovery: string[];
  namespace: string;
};

type Source = readonly string[] | ((random: Random, tokens: Tokens) => string);

/** Few, so that requests meet: what one makes another finds. */
const REFERENCE = ["web", "api", "s3"];
const IMAGES = ["busybox:1", "registry.example:5000/a/b:1", `web@sha256:${"0".repeat(64)}`];
const LABEL_NAMES = ["dev", "dev", "a=b"];
const HOLDERS = ["5f3c1c1e-9a76-4c1b-8a07-2f2f6d6d0a11", "5f3c1c1e-9a76-4c1b-8a07-2f2f6d6d0a11", "~".repeat(128)];
const COMMANDS = ["/bin/httpd", "sh", "-c", "sleep 1", "$X"];

/** By the field's name, or by its message's and its own where one name is two things. */
const TEXTS: Readonly<Record<string, Source>> = {
  namespace: (random, { namespace }) => random.pick([namespace, namespace, namespace, "", "default", "nobodys"]),
  service: REFERENCE,
  "GrpcCheck.service": ["", "my.Service"],
  labels: LABEL_NAMES,
  "GroupSelector.labels": ["", "dev", "dev,!frontend", "a=b|dev", "!x.y"],
  name: ["one", "one", "two", ""],
  "GetNamespaceRequest.name": ["default", "other", "nobodys"],
  "CreateNamespaceRequest.name": ["default", "other", "third"],
  "RemoveNamespaceRequest.name": ["default", "third", "other", "nobodys"],
  "GetHostRequest.name": ["local", "host-1"],
  "Port.name": ["http", "grpc", "udp"],
  "PortMapping.name": ["http", "grpc"],
  "Volume.name": ["data", "cache"],
  bind: ["/srv/data", "/var/run/docker.sock"],
  at: ["/data", "/etc/app.conf", "/data/deeper"],
  mode: ["0444", "0755"],
  port: ["", "http", "grpc"],
  "HttpCheck.port": ["http"],
  "TcpCheck.port": ["http"],
  "GrpcCheck.port": ["grpc"],
  path: ["/", "/healthz?x=1"],
  asking_host: ["", "local", "host-1"],
  host: ["", "host-1"],
  address: ["10.1.1.1", "2001:db8::1", "web.example"],
  registration_id: HOLDERS,
  cursor: (random, { cursor }) => random.pick(["", ...cursor]),
  watch_id: (random, { watch }) => random.pick(["server-1.0123456789abcdef0123456789abcdef", ...watch]),
  last_watch_id: (random, { watch }) => random.pick(["", ...watch]),
  watcher_id: ["", "web-1@host"],
  page_token: (random, { page }) => random.pick(["", "", ...page]),
  token: (random, { recovery }) => random.pick(["", ...recovery]),
  at_token: ["", "", "", "48812-0badc0de"],
  request_id: (random) => (random.chance(0.8) ? "" : `again-${random.below(20)}`),
  actor: ["me@here", ""],
  command: COMMANDS,
  "Change.command": ["theseus apply -f x.yaml"],
  message: ["why not", ""],
  image: IMAGES,
  args: COMMANDS,
  workdir: ["/srv", "/"],
  user: ["1000:1000", "nobody"],
  constraints: ["", "ssd", "rack=1|rack=2,!old"],
  spread: ["host", "none", "rack"],
  networks: ["host", "front"],
  signal: ["SIGTERM", "SIGINT"],
  max_parallel: ["1", "25%"],
  steps: ["10%", "100%"],
  driver: ["json-file", "local"],
  max_size: ["10m", "1g"],
  paths: ["image", "env.LOG_LEVEL", "instances", "*", "health", "ports"],
  env: ["LOG_LEVEL", "PATH", "A"],
  docker_labels: ["com.example.team", "x"],
};

type Numbers = readonly (number | bigint)[];

const NUMBERS: Readonly<Record<string, Numbers>> = {
  at_least_revision: [0, 0, 0, 0, 0, 0, 1, 5, 9_000_000],
  minimum: [0, 0, 0, 0, 0, 0, 1, 3],
  page_size: [0, 1, 10, 2000],
  slot: [1, 2],
  slots: [1, 2],
  tail: [0, 10],
  expected_revision: [0, 0, 1, 2],
  config_revision: [0, 0, 1, 2, 40],
  to_revision: [0, 0, 1, 2, 40],
  external: [80, 20_001],
  exposed: [0, 80],
  weight: [0, 100, 1000],
  instances: [0, 1, 3],
  container: [80, 8080],
  host: [8080, 8081],
  cpu: [0.01, 0.5, 4],
  mem_bytes: [64n << 20n, 1n << 30n],
  max_per_host: [0, 2],
  passes: [1, 2],
  fails: [1, 3],
  canary: [0, 1],
  max_file: [1, 3],
  seconds: [1, 5, 15, 60],
  time_unix_nanos: [0n, 1n, 1_700_000_000_000_000_000n],
  lines: [0, 1, 3],
  "Timestamp.seconds": [0, 1_700_000_000],
  nanos: [0, 0, 250_000_000],
};

const BYTES: Readonly<Record<string, readonly string[]>> = { content: ["", "a: 1\n", "\0\xff\xfe"] };

/** Half of a surrogate pair, a character cut in two, too long a form, and bytes that are in no text. */
const NO_TEXTS = ["eda080", "edb080eda080", "c3", "c080", "ff", "f8808080af"].map((hex) => Buffer.from(hex, "hex"));
const HOSTILE_TEXTS: readonly (string | Buffer)[] = [
  ...[
    "",
    " ",
    "\0",
    "a\0b",
    "web\n",
    "\r\nx: y",
    "Web",
    "-web",
    "web-",
    "-",
    "*",
    "!",
    "|",
    ",",
    "a,,b",
    "..",
    "../..",
  ],
  ...["/services/web/-/containers/one/info", "web/dev", "a//b", "%00", "%s%n", "$" + "{X}", "`id`", "'--"],
  ...["__proto__", "constructor", "toString", "null", "NaN", "0", "-1", "1e999", "9".repeat(400)],
  ...["\u00fc", "\u{1f600}", "\u202eabc", "\ufeff", "\u0000\uffff", "e\u0301".repeat(200)],
  ...["a".repeat(63), "a".repeat(64), "a".repeat(257), "a".repeat(5000), "(".repeat(3000), "!".repeat(3000)],
  ...["a|".repeat(2000), "a,".repeat(2000), "env.", "env.a.b", ".", "health.http.port", "*.*"],
  ...["127.0.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "localhost", "[::]", "1.2.3.4:80", "dzEuYQ"],
  ...NO_TEXTS,
];
const HOSTILE_NUMBERS: Numbers = [
  ...[0, -1, 1, 2, 65_535, 65_536, 1001, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 2 ** 53, 1e6],
  ...[2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 253_402_300_800n, -62_135_596_801n, 8_640_000_000_001n],
];
const HOSTILE_FRACTIONS = [0, -0, -1, Number.NaN, 1 / 0, -1 / 0, 1e308, 5e-324, 0.009, 1024.001, 2 ** 53];

const nameIn = (table: object, { name, parent }: DescField): string | undefined =>
  [`${parent.name}.${name}`, name].find((key) => Object.hasOwn(table, key));

/** The table that this field's values come from; undefined: they can be had without one. */
function tableOf({ scalar, fieldKind }: DescField): object | undefined {
  if (fieldKind === "map" || scalar === ScalarType.STRING) return TEXTS;
  if (scalar === ScalarType.BYTES) return BYTES;
  return scalar === undefined || scalar === ScalarType.BOOL ? undefined : NUMBERS;
}

/** Fields that nothing is known about, and entries that are of no field, each in words. */
export function gaps(fields: ReadonlySet<DescField>, forgotten?: string): string[] {
  const used = new Set<string>();
  const missing: string[] = [];
  for (const field of fields) {
    const table = tableOf(field);
    if (table === undefined) continue;
    const key = nameIn(table, field);
    if (key === undefined || key === forgotten) missing.push(`no values for ${field.parent.typeName}.${field.name}`);
    else used.add(key);
  }
  const known = [TEXTS, NUMBERS, BYTES].flatMap((table) => Object.keys(table));
  return [...missing, ...known.filter((key) => !used.has(key) && key !== forgotten).map((key) => `no field ${key}`)];
}

export function textFor(field: DescField, random: Random, tokens: Tokens): string {
  const source = TEXTS[nameIn(TEXTS, field) ?? ""] ?? [];
  return typeof source === "function" ? source(random, tokens) : (random.pick(source) ?? "");
}

export function hostileText(random: Random): Buffer {
  const text = random.pick(HOSTILE_TEXTS) ?? "";
  return typeof text === "string" ? Buffer.from(text) : text;
}

export function numberFor(field: DescField, random: Random): number | bigint {
  return random.pick(NUMBERS[nameIn(NUMBERS, field) ?? ""] ?? []) ?? 0;
}

export function hostileNumber({ scalar }: DescField, random: Random): number | bigint {
  const numbers = scalar === ScalarType.DOUBLE ? HOSTILE_FRACTIONS : HOSTILE_NUMBERS;
  return random.pick<number | bigint>(numbers) ?? 0;
}

export function bytesFor(field: DescField, random: Random): Buffer {
  return Buffer.from(random.pick(BYTES[nameIn(BYTES, field) ?? ""] ?? []) ?? "", "latin1");
}
