// Tokens of plans: their form, and what is found to differ from one.

import { describe, expect, it } from "@jest/globals";
import { PlanAction } from "../../../clients/gen/theseus/v1/plan.js";
import type { PlannedChange } from "../../../src/grpc/convert-group.js";
import type { HostLoad } from "../../../src/grpc/forecaster.js";
import { planConflict } from "../../../src/grpc/plan-conflict.js";
import { type Difference, differences } from "../../../src/grpc/plan-differences.js";
import { type PlanFacts, readToken, writeToken } from "../../../src/grpc/plan-token.js";
import type { HistoryRecord } from "../../../src/model/history.js";
import type { Forecast } from "../../../src/model/plan.js";
import { aGroup, changed } from "../../support/builders.js";

const OLD = `web@sha256:${"a".repeat(64)}`;
const NEW = `web@sha256:${"b".repeat(64)}`;
const GIB = 2 ** 30;
const local: HostLoad = { name: "local", cpu: 0.5, mem: GIB };
const group = aGroup({ instances: 2 });

const work: Forecast = {
  ...{ replaced: 1, created: 0, stopped: 0, placements: [], refusals: [] },
  actions: [{ slot: 1, kind: "replace", from: "local", to: "local", batch: 1 }],
  transition: { order: "stop-first", maxParallel: 1, batches: 1, staying: 1 },
  image: { asked: "web:2", before: "web@sha256:0", pinned: OLD },
};

function planned(more: Partial<PlannedChange> = {}): PlannedChange {
  const { ref, uid, record: before } = group;
  const after = { ...before.config, image: "web:2" };
  const revisions = { fromRevision: before.configRevision, toRevision: before.configRevision + 1 };
  return { ref, uid, action: PlanAction.UPDATE, before, after, ...revisions, forecast: work, ...more };
}

const facts = (more: Partial<PlannedChange> = {}, hosts: readonly HostLoad[] = [local]): PlanFacts => ({
  plans: [planned(more)],
  hosts,
});

function found(now: PlanFacts, then: PlanFacts = facts()): readonly Difference[] {
  const token = readToken(writeToken(48n, then));
  if (token === undefined) throw new Error("it is no token");
  return differences(token, now);
}

async function conflictOf(now: PlanFacts, history: readonly HistoryRecord[] = []) {
  const token = readToken(writeToken(48n, facts()));
  if (token === undefined) throw new Error("it is no token");
  return planConflict({ readHistory: async () => history }, token, differences(token, now));
}

describe("a token", () => {
  it("is short, begins with the revision, and needs no quotes in a shell", () => {
    expect(writeToken(48812n, facts())).toMatch(
      /^48812-[0-9a-f]{6}\.1\.[0-9a-f]{6}\.aaaaaaaa\.[0-9a-f]{6}-[0-9a-f]{4}\.1e\.sg$/,
    );
  });

  it("is read as it was written", () => {
    const token = readToken(writeToken(48n, { plans: [planned(), planned({ ref: aGroup().ref })], hosts: [] }));
    expect(token).toMatchObject({ revision: 48n, groups: [{ revision: 1, image: "aaaaaaaa" }, {}], hosts: [] });
  });

  it.each(["", "48", "48812-7c1e", "x-y-z", "1-aaaaaa.1.bbbbbb.0.cccccc", "1-aaaaaa.1.bbbbbb.0.cccccc-", "a b"])(
    "is not %p",
    (text) => {
      expect(readToken(text)).toBeUndefined();
    },
  );

  it("names no more than the first hosts", () => {
    const hosts = Array.from({ length: 40 }, (_, i) => ({ ...local, name: `host-${i}` }));
    expect(writeToken(1n, facts({}, hosts)).length).toBeLessThan(300);
    expect(found(facts({}, hosts), facts({}, hosts))).toEqual([]);
  });
});

describe("what differs from a plan", () => {
  it("nothing, where nothing has changed; the words of refusals and the load of hosts do not count alone", () => {
    expect(found(facts())).toEqual([]);
    expect(found(facts({}, [{ ...local, mem: 2 * GIB }]))).toEqual([]);
    const refused = (text: string): Partial<PlannedChange> => ({
      forecast: { ...work, refusals: [{ slot: 2, hosts: [{ host: "local", reason: "NO_HOST_FITS", text }] }] },
    });
    expect(found(facts(refused("3 MiB free")), facts(refused("4 MiB free")))).toEqual([]);
  });

  it("a pin that the leader has set meanwhile is the one that was looked up", () => {
    const { image: _, ...rest } = work;
    const before = { ...group.record, config: { image: "web:2" }, pin: { asked: "web:2", pinned: OLD } };
    expect(found(facts({ before, forecast: rest }))).toEqual([]);
  });

  it.each<[string, PlanFacts, readonly string[]]>([
    ["another config revision alone", facts({ fromRevision: 3, forecast: { ...work, actions: [] } }), ["revision"]],
    ["edited files", facts({ after: { image: "web:2", env: { A: "1" } } }), ["config"]],
    ["a moved tag", facts({ forecast: { ...work, image: { asked: "web:2", pinned: NEW } } }), ["image"]],
    ["other actions", facts({ forecast: { ...work, actions: [] } }), ["work"]],
    [
      "another order",
      facts({ forecast: { ...work, transition: { ...work.transition, order: "start-first" } as never } }),
      ["work"],
    ],
    ["a group created anew", facts({ uid: "u2" }), ["group", "others"]],
    ["fewer groups", { plans: [], hosts: [local] }, ["others"]],
  ])("%s", (_, now, kinds) => {
    expect(found(now).map(({ kind }) => kind)).toEqual(kinds);
  });

  it("a group that is there now and was not", () => {
    const then = facts({ uid: undefined, before: undefined, fromRevision: 0 });
    expect(found(facts(), then)).toMatchObject([{ kind: "group", wasAbsent: true }]);
  });
});

describe("a conflict names", () => {
  it("who changed what, revision by revision", async () => {
    const second = changed(group, { env: { A: "1" } }).record;
    const third = { ...changed(group, { env: { A: "1" }, mem: GIB }).record, configRevision: 3 };
    const record = (one: typeof second): HistoryRecord => ({ service: "web", labels: ["dev"], ...one });
    const history = [third, second, group.record].map(record);
    const { reason, facts: told } = await conflictOf(facts({ before: third, fromRevision: 3 }), history);
    expect(reason).toBe("CONFLICT");
    expect(told.what).toBe("what was planned at revision 48 is not what would happen now");
    expect(told.why).toEqual([
      "web/dev is at rev 3, and was at rev 1",
      expect.stringMatching(/^ {2}rev 3 changed by ann@desk at 2025-12-31T.*: mem unset -> 1024 MiB$/),
      expect.stringMatching(/^ {2}rev 2 changed by ann@desk at .*: env.A$/),
    ]);
    expect(told.metadata).toMatchObject({ changed: "revision", groups: "web/dev" });
  });

  it("from what to what a tag has moved", async () => {
    const { facts: told } = await conflictOf(facts({ forecast: { ...work, image: { asked: "web:2", pinned: NEW } } }));
    expect(told.why).toEqual([
      "image web:2 of web/dev was sha256:aaaaaaaa… then, and is sha256:bbbbbbbb… now: the tag has moved",
    ]);
  });

  it.each<[string, readonly HostLoad[], string]>([
    [
      "a lost host",
      [{ ...local, problem: { reason: "HOST_UNREACHABLE", text: "nothing listens there", since: 0 } }],
      "host local is lost: nothing listens there",
    ],
    ["a new host", [local, { ...local, name: "other" }], "host other is new, or answers again"],
    [
      "a fuller host",
      [{ ...local, mem: 3 * GIB }],
      "host local is fuller: 0.5 cores and 3 GiB reserved, 0.5 cores and 1 GiB then",
    ],
    ["a host nobody knows", [], "1 of the hosts of that plan are not known any more"],
  ])("%s", async (_, hosts, line) => {
    const refusals = [{ slot: 1, hosts: [{ host: "local", reason: "PORT_TAKEN", text: "port 80 is taken" }] }] as const;
    const { facts: told } = await conflictOf(facts({ forecast: { ...work, actions: [], refusals } }, hosts));
    expect(told.why?.[0]).toMatch(/^other things would be done to web\/dev than then; now: 1 replaced stop-first/);
    expect(told.why?.[1]).toBe("  slot 1 fits nowhere: local: port 80 is taken");
    expect(told.why).toContain(line);
  });
});
