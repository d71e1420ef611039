// Which fields an update means, and what comes out of it; and how changes are told.

import { describe, expect, it } from "@jest/globals";
import { diffConfigs, sameConfig } from "../../../src/grpc/config-diff.js";
import { formatConfigPath, parseConfigPath } from "../../../src/grpc/config-fields.js";
import { mergeConfig, readMask } from "../../../src/grpc/config-merge.js";
import type { ConfigPart } from "../../../src/grpc/convert-config.js";
import type { GroupConfig } from "../../../src/model/group.js";

function merged(current: GroupConfig, part: ConfigPart, ...mask: string[]) {
  const problems: string[] = [];
  const report = (field: string, text: string): void => {
    problems.push(`${field}: ${text}`);
  };
  const config = mergeConfig(current, part, readMask(mask, part, report), report);
  return { config, problems };
}

const WEB: GroupConfig = {
  image: "web:1",
  env: { A: "1", "B.C": "2" },
  ports: [
    { name: "http", container: 80 },
    { name: "admin", container: 81 },
  ],
  health: { check: { kind: "http", port: "http" }, interval: 5000 },
};

describe("a path of a mask", () => {
  it.each([
    "image",
    "env.LOG_LEVEL",
    "env.a.b",
    "docker_labels.com.example/x",
    "stop.grace",
    "max_per_host",
    "ports.http",
    "health.start_interval",
  ])("%s names a field", (path) => {
    const parsed = parseConfigPath(path);
    expect(parsed && formatConfigPath(parsed)).toBe(path);
  });

  it.each(["", "imag", "mem_bytes", "env.", "stop.graze", "image.x", "constructor", "stop.toString"])(
    '"%s" names none',
    (path) => {
      expect(parseConfigPath(path)).toBeUndefined();
    },
  );

  it("health.http means the check, whichever it is", () => {
    expect(merged(WEB, { health: { check: { kind: "none" } } }, "health.http").config.health).toEqual({
      check: { kind: "none" },
      interval: 5000,
    });
  });
});

describe("merging", () => {
  it("replaces, adds and removes single ports and keeps their order", () => {
    const part = {
      ports: [
        { name: "http", container: 8080 },
        { name: "new", container: 9 },
      ],
    };
    const { config } = merged(WEB, part, "ports.http", "ports.new", "ports.admin");
    expect(config.ports).toEqual([
      { name: "http", container: 8080 },
      { name: "new", container: 9 },
    ]);
    expect(merged(WEB, {}, "ports.nope").problems).toEqual(["ports.nope: there is no such port in this group"]);
  });

  it("clears a field that is masked and not set", () => {
    expect(merged(WEB, {}, "env", "health", "ports").config).toEqual({ image: "web:1" });
    expect(merged(WEB, {}, "env.A", "env.B.C").config.env).toBeUndefined();
  });

  it("says what is missing when only the check of a health is cleared", () => {
    expect(merged(WEB, {}, "health.check").problems).toEqual(["health: it needs one of none, http, tcp, grpc, exec"]);
  });
});

describe("changes", () => {
  it("are told with paths and values of the group file", () => {
    const after: GroupConfig = {
      ...WEB,
      mem: 1.5 * 2 ** 30,
      instances: 3,
      update: { wait: 90_000, minHealthyTime: 1500 },
      volumes: [{ name: "data", at: "/data" }],
    };
    expect(diffConfigs(WEB, after)).toEqual([
      { path: "instances", from: "", to: "3" },
      { path: "mem", from: "", to: "1536MiB" },
      { path: "update.min_healthy_time", from: "", to: "1.5s" },
      { path: "update.wait", from: "", to: "90s" },
      { path: "volumes./data", from: "", to: "data, per slot" },
    ]);
  });

  it("of order alone are told once, and a new port is told as itself", () => {
    const turned = { ...WEB, ports: [...(WEB.ports ?? [])].reverse() };
    expect(diffConfigs(WEB, turned)).toEqual([{ path: "ports", from: "http, admin", to: "admin, http" }]);
    const more = { ...WEB, ports: [...(WEB.ports ?? []), { name: "x", container: 1 }] };
    expect(diffConfigs(WEB, more).map(({ path }) => path)).toEqual(["ports.x"]);
  });

  it("of secrets are told without the values", () => {
    const from = { image: "a", env: { DB_PASSWORD: "old", URL: "postgres://u:pw@h/x", EMPTY: "x" } };
    const to = { image: "a", env: { DB_PASSWORD: "new", URL: "postgres://u:pw2@h/x", EMPTY: "" } };
    const told = diffConfigs(from, to);
    expect(told).toEqual([
      { path: "env.DB_PASSWORD", from: "(hidden)", to: "(hidden), changed" },
      { path: "env.EMPTY", from: "x", to: '""' },
      { path: "env.URL", from: "postgres://(hidden)@h/x", to: "postgres://(hidden)@h/x, changed" },
    ]);
  });

  it("are none when only the order of keys differs", () => {
    expect(sameConfig({ image: "a", env: { A: "1", B: "2" } }, { env: { B: "2", A: "1" }, image: "a" })).toBe(true);
    expect(sameConfig({ image: "a" }, { image: "a", init: true })).toBe(false);
  });
});
