import { describe, expect, it } from "@jest/globals";
import { diffFields } from "../../../clients/cli/output/config-fields.js";
import { keptOf, whatText, whenText } from "../../../clients/cli/output/revisions.js";
import { GroupConfig } from "../../../clients/gen/theseus/v1/group.js";
import type { Fields } from "../../../clients/partial.js";
import { revisionAs } from "../../support/fake-rollouts.js";

type Parts = Fields<GroupConfig>;
const config = (parts: Parts) => GroupConfig.fromPartial({ image: "web:1", ...parts } as never);
const diff = (from: Parts, to: Parts) =>
  diffFields(config(from), config(to)).map(({ path, from: a, to: b }) => `${path}: ${a} -> ${b}`);

describe("what differs between two configs", () => {
  it("is told field by field, in the words of the group file", () => {
    expect(
      diff(
        { instances: 2, cpu: 0.5, memBytes: 512n << 20n, ports: [{ name: "http", container: 80 }] },
        {
          instances: 3,
          memBytes: 768n << 20n,
          ports: [{ name: "http", container: 80, host: 8080 }],
          update: { order: 2, wait: { seconds: 90n, nanos: 0 }, steps: ["50%"] },
          health: { check: { $case: "http", value: { port: "http" } }, interval: { seconds: 0n, nanos: 250_000_000 } },
        },
      ),
    ).toEqual([
      "cpu: 0.5 -> ",
      "health:  -> http on http /",
      "health.interval:  -> 250ms",
      "instances: 2 -> 3",
      "mem: 512MiB -> 768MiB",
      "ports.http: 80 -> 80, host 8080",
      "update.order:  -> start-first",
      "update.steps:  -> 50%",
      "update.wait:  -> 90s",
    ]);
    expect(diff({}, {})).toEqual([]);
  });

  it("never shows a secret, and still that it changed", () => {
    expect(diff({ env: { DB_PASSWORD: "a" } }, { env: { DB_PASSWORD: "b" } })).toEqual([
      "env.DB_PASSWORD: (hidden) -> (hidden), changed",
    ]);
    expect(diff({}, { env: { DB: "postgres://u:p@db/x" } })).toEqual(["env.DB:  -> postgres://(hidden)@db/x"]);
  });

  it("tells files of the same length apart", () => {
    const file = (text: string) => ({ files: [{ at: "/etc/a", content: Buffer.from(text) }] });
    expect(diff(file("one"), file("two"))).toHaveLength(1);
    expect(diff(file("one"), file("one"))).toEqual([]);
  });
});

describe("what a revision changed", () => {
  const command = (text: string) => ({ change: { actor: "ana", command: text, message: "", time: undefined } });

  it("is an undo or a restart where a person said so", () => {
    const undo = revisionAs(3, "web:1", command("theseus rollout undo web/dev"));
    const restart = revisionAs(4, "web:1", command("theseus rollout restart web/dev"));
    const kept = keptOf([restart, undo, revisionAs(2, "web:2"), revisionAs(1, "web:1")]);
    expect(kept.map(whatText)).toEqual(["restart", "undo (= rev 1)", "image web:1 -> web:2", "created with web:1"]);
  });

  it("is unknown of the oldest that is kept", () => {
    expect(keptOf([revisionAs(7, "web:1")]).map(whatText)).toEqual([""]);
  });
});

describe("when it was", () => {
  it("is told short, in UTC", () => {
    const now = Date.parse("2026-11-22T14:09:00Z");
    const times = ["2026-11-22T09:05:59Z", "2026-11-21T16:40:00Z", "2025-03-01T00:00:00Z"];
    expect(times.map((time) => whenText(new Date(time), now))).toEqual(["09:05Z today", "21 Nov 16:40Z", "1 Mar 2025"]);
    expect(whenText(undefined, now)).toBe("");
  });
});
