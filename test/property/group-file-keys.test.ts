// Every key of the group file, from the schema: wrong type, out of range, misspelt, twice.

import { describe, expect, it } from "@jest/globals";
import { Document, isMap } from "yaml";
import { alternatives, type JsonSchema, jsonSchema } from "../../clients/cli/group-file/known-keys.js";
import { parseGroupFile } from "../../clients/cli/group-file/parse.js";

type Path = readonly (string | number)[];

const GROUP = "web/dev,frontend";
const PLACE = /^f\.yaml:[1-9]\d*:[1-9]\d*: /;

/** Every key but secrets, all good. */
const GOOD = {
  version: 1,
  namespace: "shop",
  groups: {
    [GROUP]: {
      image: "shop-web:1",
      pull: "missing",
      command: ["/bin/sh"],
      args: ["-c", "true"],
      workdir: "/app",
      user: "1000",
      init: true,
      instances: 3,
      env: { LOG_LEVEL: "info" },
      env_file: ["web.env"],
      ports: { http: 8080, admin: { container: 9000, host: 9443, protocol: "tcp" } },
      cpu: 0.5,
      mem: "256MiB",
      health: {
        http: { port: "http", path: "/healthz" },
        interval: "5s",
        timeout: "2s",
        passes: 2,
        fails: 3,
        start_period: "0s",
        start_interval: "250ms",
      },
      constraints: "zone=eu-1,!spot",
      distinct_host: false,
      max_per_host: 0,
      spread: "host",
      volumes: [
        { name: "data", at: "/data", per: "slot", read_only: false },
        { bind: "/srv/www", at: "/www" },
      ],
      files: [{ at: "/etc/app.conf", from: "app.conf", mode: "0444" }],
      networks: ["shop"],
      stop: { signal: "SIGTERM", grace: "10s", drain_wait: "0s", ack_deadline: "3s" },
      restart: "always",
      lost: { after: "30s", on_return: "keep_new", at_most_once: false },
      weight: 100,
      open: false,
      update: {
        max_parallel: "25%",
        order: "auto",
        wait: "0s",
        min_healthy_time: "10s",
        healthy_deadline: "5m",
        progress_deadline: "10m",
        on_failure: "rollback",
        canary: 0,
        steps: [],
      },
      profile: "default",
      logging: { driver: "local", max_size: "10m", max_file: 3 },
      docker_labels: { team: "shop" },
    },
  },
};

/** The same with the other checks, so that their keys are met too. */
const OTHER_CHECKS = [
  { tcp: { port: "http" } },
  { grpc: { port: "http", service: "shop.v1.Web" } },
  { exec: ["/bin/check"] },
].map((health) => ({ version: 1, groups: { [GROUP]: { image: "x", ports: { http: 80 }, health } } }));

async function problemsOf(text: string): Promise<readonly string[]> {
  const attachments = { read: () => Promise.resolve(new TextEncoder().encode("A=1\n")) };
  const bytes = new TextEncoder().encode(text);
  const { groups, problems } = await parseGroupFile({ name: "f.yaml", bytes, env: {}, attachments });
  if (problems.length > 0) expect(groups).toEqual([]);
  return problems;
}

/** Paths of all keys with a fixed name, and what the schema says of each. */
function keysOf(value: unknown, schemas: readonly JsonSchema[], path: Path = []): [Path, readonly JsonSchema[]][] {
  const choices = schemas.flatMap(alternatives);
  if (Array.isArray(value)) {
    const items = choices.flatMap(({ items }) => (items === undefined ? [] : [items]));
    return value.flatMap((item, i) => keysOf(item, items, [...path, i]));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const fixed = choices.flatMap(({ properties }) => (properties?.[key] === undefined ? [] : [properties[key]]));
    const free = choices.flatMap(({ additionalProperties: more }) => (typeof more === "object" ? [more] : []));
    const below = keysOf(inner, fixed.length > 0 ? fixed : free, [...path, key]);
    return fixed.length > 0 ? [[[...path, key], fixed] as [Path, readonly JsonSchema[]], ...below] : below;
  });
}

interface Case {
  readonly path: Path;
  readonly name: string;
  readonly schemas: readonly JsonSchema[];
  readonly good: object;
}

const CASES: readonly Case[] = [GOOD, ...OTHER_CHECKS].flatMap((good, i) =>
  keysOf(good, [jsonSchema()])
    .filter(([path]) => i === 0 || path.includes("health"))
    .map(([path, schemas]) => ({ path, schemas, good, name: path.join(".") })),
);

/** A value of the right type that is beyond what the schema takes; undefined where there is none. */
function beyond(schemas: readonly JsonSchema[]): unknown {
  const choices = schemas.flatMap(alternatives);
  const [first] = choices;
  if (first === undefined || choices.some(({ type }) => type === "boolean")) return undefined;
  if (choices.some(({ enum: words }) => words !== undefined)) return "sometimes";
  if (choices.some(({ const: only }) => only !== undefined)) return typeof first.const === "number" ? 2 : "sometimes";
  const number = choices.find(({ maximum }) => maximum !== undefined);
  if (number?.maximum !== undefined) return number.maximum + 1;
  if (first.pattern?.includes("ms|s|m|h")) return "999999h";
  if (first.pattern?.includes("KiB")) return "1B";
  return choices.some(({ type }) => type === "string") ? "" : undefined;
}

const text = (document: Document) => document.toString({ lineWidth: 0 });

function changed(good: object, path: Path, value: unknown): string {
  const document = new Document(structuredClone(good));
  document.setIn(path, value);
  return text(document);
}

function misspelt(good: object, path: Path): string {
  const document = new Document(structuredClone(good));
  const value = document.getIn(path, true);
  document.deleteIn(path);
  document.setIn([...path.slice(0, -1), `${path.at(-1)}zz`], value);
  return text(document);
}

function twice(good: object, path: Path): string {
  const document = new Document(structuredClone(good));
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) throw new Error(`${path.join(".")} is not in a map`);
  parent.items.push(document.createPair(String(path.at(-1)), document.getIn(path)));
  return text(document);
}

describe("the group file", () => {
  it("is accepted with every key set", async () => {
    for (const good of [GOOD, ...OTHER_CHECKS]) expect(await problemsOf(text(new Document(good)))).toEqual([]);
  });

  it("meets every key of the schema in this test", () => {
    const met = new Set(CASES.map(({ path }) => path.filter((part) => typeof part === "string").join(".")));
    const [group] = [jsonSchema().properties?.["groups"]?.additionalProperties];
    const keys = typeof group === "object" ? Object.keys(group.properties ?? {}) : [];
    const missing = keys.filter((key) => !met.has(`groups.${GROUP}.${key}`));
    expect(missing).toEqual(["secrets"]);
    expect(CASES.length).toBeGreaterThan(70);
  });

  describe.each(CASES)("with $name", ({ path, schemas, good }) => {
    const key = String(path.at(-1));

    it("of the wrong type says where", async () => {
      const problems = await problemsOf(changed(good, path, [["x"]]));
      expect(problems.filter((problem) => problem.includes(key))).not.toEqual([]);
      for (const problem of problems) expect(problem).toMatch(PLACE);
    });

    it("out of range says where", async () => {
      const value = beyond(schemas);
      if (value === undefined) return;
      const problems = await problemsOf(changed(good, path, value));
      expect(problems.filter((problem) => problem.includes(key))).not.toEqual([]);
      for (const problem of problems) expect(problem).toMatch(PLACE);
    });

    it("misspelt says where, and which keys there are", async () => {
      const problems = await problemsOf(misspelt(good, path));
      expect(problems.filter((problem) => problem.includes(`${key}zz: unknown key (expected `))).toHaveLength(1);
      for (const problem of problems) expect(problem).toMatch(PLACE);
    });

    it("twice says where both are", async () => {
      const problems = await problemsOf(twice(good, path));
      expect(problems).toEqual([expect.stringMatching(/the key is there twice, first in line \d+/)]);
      expect(problems[0]).toMatch(PLACE);
    });
  });
});
