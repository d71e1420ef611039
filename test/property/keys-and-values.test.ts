// Values of the store: what is written can be read, whatever else stands there, and rubbish is refused in words.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { configRecordCodec, historyCodec } from "../../src/etcd/config-codec.js";
import { infoCodec, intentCodec } from "../../src/etcd/container-codec.js";
import { evidenceCodec } from "../../src/etcd/evidence-codec.js";
import { type Codec, decode, encode } from "../../src/etcd/json-codec.js";
import { hostCodec, requestCodec, slotsCodec } from "../../src/etcd/record-codec.js";
import { CONTAINER_STATES, type ContainerInfo, type Intent, ORIGINS, PHASES } from "../../src/model/container.js";
import { REASONS } from "../../src/model/errors.js";
import type { Evidence } from "../../src/model/evidence.js";
import type { ConfigRecord, GroupConfig } from "../../src/model/group.js";
import type { HistoryRecord } from "../../src/model/history.js";

const text = fc.string();
const whole = fc.nat();
const port = fc.integer({ min: 1, max: 65535 });
const time = fc.integer({ min: 0, max: 4e12 });
const protocol = fc.constantFrom("tcp" as const, "udp" as const);
const some = <T>(model: { [K in keyof T]: fc.Arbitrary<NonNullable<T[K]>> }, requiredKeys: (keyof T)[]) =>
  fc.record(model, { requiredKeys: requiredKeys as [] }) as unknown as fc.Arbitrary<T>;

const info = some<ContainerInfo>(
  {
    instanceName: text,
    instanceHost: text,
    instancePort: fc.option(port) as fc.Arbitrary<number>,
    portMappings: fc.dictionary(text, fc.record({ external: port, exposed: port, protocol })),
    state: fc.constantFrom(...CONTAINER_STATES),
    labels: fc.array(text),
    host: text,
    slot: whole,
    generation: whole,
    configRevision: whole,
    origin: fc.constantFrom(...ORIGINS),
    weight: whole,
    since: time,
  },
  ["instanceName", "instanceHost", "instancePort", "portMappings"],
);
const intent = some<Intent>(
  {
    name: text,
    slot: whole,
    generation: whole,
    configRevision: whole,
    fingerprint: text,
    host: text,
    hostPorts: fc.dictionary(text, port),
    phase: fc.constantFrom(...PHASES),
    reason: text,
  },
  ["name", "slot", "generation", "configRevision", "fingerprint", "host", "hostPorts", "phase"],
);
const config = some<GroupConfig>(
  {
    image: text,
    pull: fc.constantFrom("missing", "always", "never"),
    command: fc.array(text),
    args: fc.array(text),
    workdir: text,
    user: text,
    init: fc.boolean(),
    instances: whole,
    env: fc.dictionary(text, text),
    ports: fc.array(fc.record({ name: text, container: port, host: port, protocol })),
    cpu: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
    mem: whole,
    health: fc.record({
      check: fc.record({ kind: fc.constant("http" as const), port: text, path: text }),
      interval: whole,
    }),
    constraints: text,
    distinctHost: fc.boolean(),
    maxPerHost: whole,
    spread: text,
    volumes: fc.array(
      fc.oneof(fc.record({ name: text, at: text, readOnly: fc.boolean() }), fc.record({ bind: text, at: text })),
    ),
    files: fc.array(fc.record({ at: text, content: text, mode: text })),
    networks: fc.array(text),
    stop: fc.record({ signal: text, grace: whole, drainWait: whole, ackDeadline: whole }),
    restart: fc.constantFrom("always", "on-failure", "never"),
    lost: fc.record({ after: whole, onReturn: fc.constantFrom("keep_new" as const), atMostOnce: fc.boolean() }),
    weight: whole,
    open: fc.boolean(),
    update: fc.record({
      maxParallel: text,
      order: fc.constantFrom("auto" as const),
      wait: whole,
      steps: fc.array(text),
    }),
    profile: fc.constantFrom("default", "restricted"),
    logging: fc.record({ driver: text, maxSize: text, maxFile: whole }),
    dockerLabels: fc.dictionary(text, text),
  },
  ["image"],
);
const change = fc.record({ actor: text, command: text, message: text, time });
const record = some<ConfigRecord>(
  {
    config,
    configRevision: whole,
    change,
    pin: fc.record({ asked: text, pinned: text }),
    removing: fc.record({ volumes: fc.boolean() }),
  },
  ["config", "configRevision", "change"],
);

const recorded = some<HistoryRecord>(
  {
    service: text,
    labels: fc.array(text),
    config,
    configRevision: whole,
    change,
    pin: fc.record({ asked: text, pinned: text }),
    removed: fc.oneof(fc.record({ at: time }), fc.record({ at: time, asked: change })),
  },
  ["service", "labels", "config", "configRevision", "change"],
);
const evidence = some<Evidence>(
  {
    ...{ container: text, slot: whole, generation: whole, configRevision: whole, host: text, at: time, text },
    reason: fc.constantFrom(...REASONS),
    exitCode: whole,
    outOfMemory: fc.boolean(),
    health: fc.array(text),
    lines: fc.array(
      fc.record({
        at: fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n }),
        stream: fc.constantFrom("stdout" as const, "stderr" as const),
        text,
      }),
    ),
    unread: text,
  },
  [
    "container",
    "slot",
    "generation",
    "configRevision",
    "host",
    "at",
    "text",
    "reason",
    "outOfMemory",
    "health",
    "lines",
  ],
);

const runs = { numRuns: 500 };

function survives<T>(codec: Codec<T>, values: fc.Arbitrary<T>): void {
  const strange = fc.dictionary(
    fc.string().map((name) => `future_${name}`),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(values, values, strange, (value, next, more) => {
      expect(decode(codec, encode(codec, value))).toEqual({ value });
      const stored = JSON.stringify({ ...(JSON.parse(encode(codec, value)) as object), ...more });
      expect(decode(codec, stored)).toEqual({ value });
      const rewritten = encode(codec, next, stored);
      expect(decode(codec, rewritten)).toEqual({ value: next });
      expect(JSON.parse(rewritten)).toMatchObject(JSON.parse(JSON.stringify(more)));
    }),
    runs,
  );
}

describe("stored values", () => {
  it("of a config come back as they went, and keep what is not known", () => survives(configRecordCodec, record));
  it("of a group's history come back as they went, and keep what is not known", () => survives(historyCodec, recorded));
  it("of an info come back as they went, and keep what is not known", () => survives(infoCodec, info));
  it("of an intent come back as they went, and keep what is not known", () => survives(intentCodec, intent));
  it("of an evidence come back as they went, and keep what is not known", () => survives(evidenceCodec, evidence));

  it("that are rubbish are refused in words, never by an exception", () => {
    const codecs: readonly Codec<unknown>[] = [
      configRecordCodec,
      historyCodec,
      infoCodec,
      intentCodec,
      slotsCodec,
      hostCodec,
      requestCodec,
      evidenceCodec,
    ] as never;
    const rubbish = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"config": ${json}, "slots": ${json}}`),
    );
    fc.assert(
      fc.property(rubbish, fc.constantFrom(...codecs), (stored, codec) => {
        const decoded = decode(codec, stored);
        if ("problem" in decoded) expect(decoded.problem).not.toBe("");
      }),
      { numRuns: 5000 },
    );
  });

  it("with any one field of a wrong type are refused, naming the field", () => {
    const whole = {
      instance_name: "a",
      instance_host: "b",
      instance_port: 1,
      port_mappings: {},
      state: "ready",
      slot: 1,
      since: "2026-01-01T00:00:00Z",
    };
    for (const name of Object.keys(whole)) {
      const decoded = decode(infoCodec, JSON.stringify({ ...whole, [name]: [true] }));
      expect(decoded).toEqual({ problem: expect.stringContaining(name) });
    }
  });
});
