// Configs survive the way over the wire, whatever they are.

import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { GroupConfig as ProtoConfig } from "../../clients/gen/theseus/v1/group.js";
import { completeConfig, fromConfig, toConfigPart } from "../../src/grpc/convert-config.js";
import type { GroupConfig } from "../../src/model/group.js";

const length = fc.integer({ min: 0, max: 10 ** 9 });
const text = fc.string({ minLength: 1, maxLength: 12 });
const words = fc.array(text, { minLength: 1, maxLength: 3 });
const map = fc.dictionary(fc.stringMatching(/^[a-z.]{1,6}$/), text, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const some = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }, required: (keyof T)[] = []) =>
  fc.record(shape, { requiredKeys: required as never[], noNullPrototype: true });

const check = fc.oneof(
  fc.constant({ kind: "none" as const }),
  some({ kind: fc.constant("http" as const), port: text, path: text }, ["kind", "port"]),
  fc.record({ kind: fc.constant("tcp" as const), port: text }, { noNullPrototype: true }),
  some({ kind: fc.constant("grpc" as const), port: text, service: text }, ["kind", "port"]),
  fc.record({ kind: fc.constant("exec" as const), command: words }, { noNullPrototype: true }),
);
const port = some(
  {
    name: fc.stringMatching(/^[a-z]{1,5}$/),
    container: fc.nat(65535),
    host: fc.nat(65535),
    protocol: fc.constantFrom("tcp", "udp"),
  },
  ["name", "container"],
);
const volume = fc.oneof(
  some({ name: text, at: text, per: fc.constantFrom("slot", "group"), readOnly: fc.boolean() }, ["name", "at"]),
  some({ bind: text, at: text, readOnly: fc.boolean() }, ["bind", "at"]),
);
const file = some(
  { at: text, content: fc.uint8Array({ maxLength: 20 }).map((b) => Buffer.from(b).toString("base64")), mode: text },
  ["at", "content"],
);

const config = some(
  {
    image: text,
    pull: fc.constantFrom("missing", "always", "never"),
    command: words,
    args: words,
    workdir: text,
    user: text,
    init: fc.boolean(),
    instances: fc.nat(1000),
    env: map,
    ports: fc.array(port, { minLength: 1, maxLength: 3 }),
    cpu: fc.double({ min: 0.01, max: 64, noNaN: true }),
    mem: fc.nat(),
    health: some(
      {
        check,
        interval: length,
        timeout: length,
        passes: fc.nat(9),
        fails: fc.nat(9),
        startPeriod: length,
        startInterval: length,
      },
      ["check"],
    ),
    constraints: text,
    distinctHost: fc.boolean(),
    maxPerHost: fc.nat(9),
    spread: text,
    volumes: fc.array(volume, { minLength: 1, maxLength: 3 }),
    files: fc.array(file, { minLength: 1, maxLength: 3 }),
    networks: words,
    stop: some({ signal: text, grace: length, drainWait: length, ackDeadline: length }),
    restart: fc.constantFrom("always", "on-failure", "never"),
    lost: some({ after: length, onReturn: fc.constantFrom("keep_new", "keep_old"), atMostOnce: fc.boolean() }),
    weight: fc.nat(1000),
    open: fc.boolean(),
    update: some({
      maxParallel: text,
      order: fc.constantFrom("auto", "start-first", "stop-first"),
      wait: length,
      minHealthyTime: length,
      healthyDeadline: length,
      progressDeadline: length,
      onFailure: fc.constantFrom("rollback", "pause", "continue"),
      canary: fc.nat(9),
      steps: words,
    }),
    profile: fc.constantFrom("default", "restricted"),
    logging: some({ driver: text, maxSize: text, maxFile: fc.nat(9) }),
    dockerLabels: map,
  },
  ["image"],
) as unknown as fc.Arbitrary<GroupConfig>;

describe("a config over the wire", () => {
  it("comes back as it was, absent staying absent", () => {
    fc.assert(
      fc.property(config, (sent) => {
        const problems: string[] = [];
        const report = (field: string): void => {
          problems.push(field);
        };
        const bytes = ProtoConfig.encode(fromConfig(sent)).finish();
        const back = completeConfig(toConfigPart(ProtoConfig.decode(bytes), report), report);
        expect(problems).toEqual([]);
        expect(back).toEqual(sent);
      }),
    );
  });
});
