// Every rule of a config, each broken alone, and the limits that still pass.

import { describe, expect, it } from "@jest/globals";
import { NOT_YET_EFFECTIVE } from "../../../src/grpc/not-yet-effective.js";
import { checkConfig } from "../../../src/grpc/validate-config.js";
import type { ViolationKind } from "../../../src/grpc/violations.js";
import type { GroupConfig } from "../../../src/model/group.js";

const HTTP = { name: "http", container: 80 };

function violationsOf(config: Partial<GroupConfig>, allowHostAccess = false): [string, ViolationKind][] {
  const found: [string, ViolationKind][] = [];
  checkConfig({ image: "web:1", ...config }, { allowHostAccess }, (field, _, kind = "INVALID_REQUEST") => {
    found.push([field, kind]);
  });
  return found;
}
const fieldsOf = (config: Partial<GroupConfig>): string[] => violationsOf(config).map(([field]) => field);

describe("a config", () => {
  it.each<[string, Partial<GroupConfig>]>([
    ["image", { image: "" }],
    ["image", { image: "Web:1" }],
    ["image", { image: "web:1 " }],
    ["image", { image: "-web" }],
    ["command[1]", { command: ["a", "b\0"] }],
    ["workdir", { workdir: "app" }],
    ["workdir", { workdir: "/app/../etc" }],
    ["user", { user: "a b" }],
    ["instances", { instances: -1 }],
    ["instances", { instances: 1.5 }],
    ["instances", { instances: 1001 }],
    ["weight", { weight: 1001 }],
    ["cpu", { cpu: 0 }],
    ["cpu", { cpu: Number.NaN }],
    ["cpu", { cpu: Number.POSITIVE_INFINITY }],
    ["mem", { mem: 6 * 2 ** 20 - 1 }],
    ["env.A=B", { env: { "A=B": "1" } }],
    ["env.PORT_HTTP", { env: { PORT_HTTP: "1" } }],
    ["env.EXPOSED_PORT_X", { env: { EXPOSED_PORT_X: "1" } }],
    ["env.THESEUS_SERVER", { env: { THESEUS_SERVER: "1" } }],
    ["env.A", { env: { A: "\0" } }],
    ["ports.Http", { ports: [{ name: "Http", container: 80 }] }],
    ["ports.[1]", { ports: [HTTP, { name: "", container: 80 }] }],
    ["ports.http", { ports: [HTTP, HTTP] }],
    ["ports.http.container", { ports: [{ name: "http", container: 65536 }] }],
    ["ports.http.host", { ports: [{ ...HTTP, host: 0 }] }],
    [
      "ports.b.host",
      {
        ports: [
          { name: "a", container: 1, host: 9 },
          { name: "b", container: 2, host: 9 },
        ],
      },
    ],
    ["health.http.port", { ports: [HTTP], health: { check: { kind: "http", port: "web" } } }],
    ["health.http.path", { ports: [HTTP], health: { check: { kind: "http", port: "http", path: "x" } } }],
    ["health.tcp.port", { ports: [{ ...HTTP, protocol: "udp" }], health: { check: { kind: "tcp", port: "http" } } }],
    ["health.exec.command", { health: { check: { kind: "exec", command: [] } } }],
    ["health.interval", { health: { check: { kind: "none" }, interval: 0 } }],
    ["health.start_period", { health: { check: { kind: "none" }, startPeriod: -1 } }],
    ["health.fails", { health: { check: { kind: "none" }, fails: 0 } }],
    ["constraints", { constraints: "a,,b" }],
    ["max_per_host", { maxPerHost: -1 }],
    ["spread", { spread: "zone=eu" }],
    ["volumes[0].name", { volumes: [{ name: "No", at: "/d" }] }],
    [
      "volumes[1].at",
      {
        volumes: [
          { name: "a", at: "/d" },
          { name: "b", at: "/d/" },
        ],
      },
    ],
    [
      "volumes[1].name",
      {
        volumes: [
          { name: "a", at: "/d" },
          { name: "a", at: "/e" },
        ],
      },
    ],
    ["files[0].at", { files: [{ at: "", content: "" }] }],
    ["files[0].at", { volumes: [{ name: "a", at: "/d" }], files: [{ at: "/d", content: "" }] }],
    ["files[0].mode", { files: [{ at: "/f", content: "", mode: "4755" }] }],
    ["files", { files: [{ at: "/f", content: Buffer.alloc(64 * 1024 + 1).toString("base64") }] }],
    ["networks[0]", { networks: ["container:x"] }],
    ["networks[1]", { networks: ["a", "a"] }],
    ["stop.signal", { stop: { signal: "TERM" } }],
    ["stop.signal", { stop: { signal: "SIGFOO" } }],
    ["stop.grace", { stop: { grace: 32 * 24 * 3_600_000 } }],
    ["stop.ack_deadline", { stop: { ackDeadline: 600_001 } }],
    ["stop.ack_deadline", { stop: { ackDeadline: 32 * 24 * 3_600_000 } }],
    ["update.max_parallel", { update: { maxParallel: "0" } }],
    ["update.max_parallel", { update: { maxParallel: "101%" } }],
    ["logging.driver", { logging: { driver: "syslog" } }],
    ["logging.max_size", { logging: { maxSize: "10MB" } }],
    ["logging.max_file", { logging: { driver: "journald", maxFile: 2 } }],
    ["docker_labels.theseus.slot", { dockerLabels: { "theseus.slot": "1" } }],
  ])("breaks the rule of %s alone: %j", (field, config) => {
    expect(fieldsOf(config)).toEqual([field]);
  });

  it("at every limit passes", () => {
    const config: GroupConfig = {
      image: `registry.example:5000/team/web_app:1.2@sha256:${"0".repeat(64)}`,
      instances: 0,
      weight: 0,
      cpu: 0.01,
      mem: 6 * 2 ** 20,
      user: "1000:1000",
      workdir: "/",
      env: { A: "", _b: "$x", "spring.name": "x" },
      ports: [
        { name: "http", container: 65535, host: 1 },
        { name: "dns", container: 53, host: 1, protocol: "udp" },
      ],
      health: { check: { kind: "grpc", port: "http" }, interval: 1, timeout: 1, passes: 1, fails: 100, startPeriod: 0 },
      constraints: "zone=eu-1,!spot|fast",
      spread: "zone",
      volumes: [{ name: "data", at: "/data", per: "group", readOnly: true }],
      files: [{ at: "/etc/x", content: Buffer.alloc(64 * 1024).toString("base64"), mode: "0777" }],
      networks: ["shop", "back.end-1"],
      stop: { signal: "SIGRTMIN+3", grace: 0, drainWait: 0, ackDeadline: 600_000 },
      lost: { atMostOnce: true },
      update: { maxParallel: "100%", order: "stop-first", minHealthyTime: 0 },
      logging: { driver: "json-file", maxSize: "1g", maxFile: 100 },
      dockerLabels: { theseusx: "1", "com.example": "" },
    };
    expect(violationsOf(config)).toEqual([]);
  });

  it.each<[string, Partial<GroupConfig>]>([
    ["volumes[0].bind", { volumes: [{ bind: "/srv", at: "/www" }] }],
    ["networks", { networks: ["host"] }],
    ["user", { user: "root" }],
    ["user", { user: "0:1000" }],
    ["user", { user: "00" }],
  ])("that reaches the host by %s needs the server's leave: %j", (field, config) => {
    expect(violationsOf(config)).toEqual([[field, "HOST_ACCESS_REFUSED"]]);
    expect(violationsOf(config, true)).toEqual([]);
  });

  it.each<[string, Partial<GroupConfig>]>([
    ["lost.after", { lost: { after: 1000 } }],
    ["lost.on_return", { lost: { onReturn: "keep_old" } }],
  ])("may not rely on %s, which does nothing yet", (field, config) => {
    expect(violationsOf(config)).toEqual([[field, "NOT_YET_EFFECTIVE"]]);
  });

  it.each<[string, Partial<GroupConfig>]>([
    ["a fixed host port", { ports: [{ ...HTTP, host: 8443 }] }],
    ["a volume of each slot", { volumes: [{ name: "data", at: "/data" }] }],
    ["at_most_once", { lost: { atMostOnce: true } }],
  ])("may not ask for start-first with %s", (_, config) => {
    expect(violationsOf({ ...config, update: { order: "start-first" } })).toEqual([
      ["update.order", "INVALID_REQUEST"],
    ]);
    expect(violationsOf({ ...config, update: { order: "auto" } })).toEqual([]);
  });

  it("takes steps as numbers, shares, pauses and times, and nothing else", () => {
    expect(violationsOf({ update: { steps: ["1", "pause", "25%", "5m", "100%"] } })).toEqual([]);
    const bad = violationsOf({ update: { steps: ["0", "101%", "soon", "-1m", ""] } });
    expect(bad.map(([field]) => field)).toEqual([0, 1, 2, 3, 4].map((at) => `update.steps[${at}]`));
  });

  it("may name the default of every key that does nothing yet", () => {
    const config: GroupConfig = {
      image: "web:1",
      lost: { after: 30_000, onReturn: "keep_new" },
    };
    expect(violationsOf(config)).toEqual([]);
    expect(NOT_YET_EFFECTIVE.filter(({ value }) => value(config) === undefined)).toEqual([]);
  });
});
