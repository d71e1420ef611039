// One filter over the same records, on the command line and in the page: the same rows are left.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import * as cli from "../../../clients/cli/filters.js";
import { filterBy, type Subject } from "../../../clients/filter/match.js";
import { parseFilter } from "../../../clients/filter/parse.js";
import { Container, ContainerState } from "../../../clients/gen/theseus/v1/container.js";
import { GroupState } from "../../../clients/gen/theseus/v1/group.js";
import { Rollout, RolloutState } from "../../../clients/gen/theseus/v1/rollout.js";
import * as rows from "../../../clients/viewer/gateway/rows.js";
import { containerOf, groupOf, refOf } from "../../support/fake-groups.js";

const GROUPS = [
  groupOf("web/frontend,prod", { image: "registry.example/web:2.4.1" }),
  groupOf("web/canary,prod", { image: "registry.example/web:2.5.0", state: GroupState.ROLLING }),
  groupOf("web/dev", { state: GroupState.FAILING, ready: 0, rev: 3 }),
  groupOf("api/-", { rev: 2 }),
];
const rolloutOf = (ref: string, state: RolloutState, text = "") =>
  Rollout.fromPartial({ group: refOf(ref), state, ...(text === "" ? {} : { failure: { text } }) });
const ROLLOUTS = [
  rolloutOf("web/frontend,prod", RolloutState.DONE, "long ago"),
  rolloutOf("web/canary,prod", RolloutState.PAUSED),
  rolloutOf("web/dev", RolloutState.ROLLING_BACK, "ended with exit code 3"),
];
const ported = (port: number, ...more: number[]) => ({
  port,
  ports: [port, ...more].map((external, i) => ({ name: `p${i}`, container: 80 + i, external })),
});
const CONTAINERS = [
  { ...containerOf("web/frontend,prod", 1), host: "node-a", ...ported(31_001, 31_011) },
  { ...containerOf("web/frontend,prod", 2), host: "node-b", ...ported(31_002) },
  { ...containerOf("web/canary,prod", 1), host: "node-b", phase: "draining", configRevision: 2n, ...ported(31_003) },
  { ...containerOf("web/dev", 1, ContainerState.FAILED), host: "node-b", problem: "no such image", configRevision: 3n },
  { ...containerOf("api/-", 1), host: "node-a", ...ported(31_004, 31_014, 31_024) },
].map((one) => Container.fromPartial(one));

const FILTERS = [
  ...["prod", "!prod", "canary|dev", "svc:web", "ns:default", "ns:other", "rev:3", "rev:1", "host:node-b"],
  ...[
    "state:steady",
    "state:rolling",
    "state:paused",
    "state:rolling-back",
    "state:roll*",
    "state:done",
    "!state:paused",
  ],
  ...["state:failed", "state:ready", "state:draining", "!state:ready"],
  ...["port:31001", "port:31011", "port:31024", "!port:31011"],
  ...["image:2.4", "image:web", '"exit code"', '"long ago"', '"REGISTRY"', '"node-b"', '"no such"', '"why not"'],
];

const keyOf = ({ group }: { readonly group: Rollout["group"] }) => rows.groupId(group);

function byCli(): { readonly groups: Subject[]; readonly containers: Subject[] } {
  const groups = GROUPS.map((group) => {
    const containers = CONTAINERS.filter((one) => keyOf(one) === rows.groupId(group.ref));
    const rollout = ROLLOUTS.find((one) => keyOf(one) === rows.groupId(group.ref));
    return cli.groupSubject(group, { containers, rollout });
  });
  const groupOfOne = (one: Container) => GROUPS.find(({ ref }) => rows.groupId(ref) === keyOf(one));
  return { groups, containers: CONTAINERS.map((one) => cli.containerSubject(one, groupOfOne(one))) };
}

async function byPage(): Promise<ReturnType<typeof byCli>> {
  const { fleet } = await import("../../../clients/viewer/page/live/fleet.js");
  const page = await import("../../../clients/viewer/page/filter/subjects.js");
  const groups = GROUPS.map((group) => {
    const rollout = ROLLOUTS.find((one) => keyOf(one) === rows.groupId(group.ref));
    const row = rollout === undefined ? null : rows.rolloutRow(rollout);
    return rows.groupRow(group, row !== null && rows.saysSomething(row) ? row : null);
  });
  const containers = CONTAINERS.map(rows.containerRow);
  fleet.groups.replace(groups);
  fleet.containers.replace(containers);
  return { groups: groups.map(page.groupSubject), containers: containers.map(page.containerSubject) };
}

const left = (subjects: readonly Subject[], text: string): number[] => {
  const parsed = parseFilter(text);
  if (!("filter" in parsed)) throw new Error(parsed.problem);
  const passes = filterBy(parsed.filter);
  return subjects.flatMap((subject, i) => (passes(subject) ? [i] : []));
};

describe("one filter over the same records", () => {
  let page: Awaited<ReturnType<typeof byPage>>;
  beforeAll(async () => {
    Object.assign(globalThis, { location: new URL("http://localhost/groups") });
    page = await byPage();
  });
  afterAll(() => {
    Reflect.deleteProperty(globalThis, "location");
  });

  it.each(FILTERS)("leaves the same on the command line and in the page: %s", (text) => {
    const told = byCli();
    expect(left(page.groups, text)).toEqual(left(told.groups, text));
    expect(left(page.containers, text)).toEqual(left(told.containers, text));
  });

  it("tells rollouts and second ports apart", () => {
    expect([left(page.groups, "state:paused"), left(page.groups, "state:rolling-back")]).toEqual([[1], [2]]);
    expect([left(page.groups, "port:31011"), left(page.containers, "port:31024")]).toEqual([[0], [4]]);
  });
});
