import { describe, expect, it } from "@jest/globals";
import { Container, ContainerState, Origin } from "../../../clients/gen/theseus/v1/container.js";
import { Group, GroupState } from "../../../clients/gen/theseus/v1/group.js";
import { AnswerLog } from "../../../clients/viewer/gateway/answer-log.js";
import { Fleet } from "../../../clients/viewer/gateway/fleet.js";
import { groupId } from "../../../clients/viewer/gateway/rows.js";
import { Table } from "../../../clients/viewer/gateway/table.js";
import type { ContainerRow } from "../../../clients/viewer/wire.js";

const WEB = { namespace: "", service: "web", labels: ["prod", "dev"] };
const ID = "default web/dev,prod";

function container(name: string, more: Partial<Container> = {}): Container {
  return Container.fromPartial({
    group: WEB,
    name,
    slot: 1,
    state: ContainerState.READY,
    origin: Origin.MANAGED,
    ...more,
  });
}

function group(revision: number, more: Partial<Group> = {}): Group {
  const status = { state: GroupState.STEADY, wanted: 2, ready: 2, outdated: 0, attention: [] };
  return Group.fromPartial({ ref: WEB, revision: BigInt(revision), configRevision: 3n, status, ...more });
}

const named = (name: string) => ({ group: WEB, which: { $case: "name", value: name } }) as const;

class Scene {
  readonly touched: string[] = [];
  readonly seen: string[] = [];
  readonly fleet = new Fleet({
    changed: () => undefined,
    touched: (ref) => this.touched.push(groupId(ref)),
    saw: ({ name, state }, before) => this.seen.push(`${name} ${before?.state ?? "-"} ${state}`),
    gone: ({ name }) => this.seen.push(`${name} gone`),
  });

  names(): string[] {
    return this.fleet.containersOf(ID).map(({ name }) => name);
  }
}

describe("the rows of a kind", () => {
  it("tell what changed since that was last asked, once, and nothing that is as it was", () => {
    const table = new Table<{ readonly id: string; readonly n: number }>(({ id }) => id);
    expect([table.set({ id: "a", n: 1 }), table.set({ id: "a", n: 1 }), table.set({ id: "b", n: 1 })]).toEqual([
      true,
      false,
      true,
    ]);
    expect(table.takeChanges()).toEqual({ put: ['{"id":"a","n":1}', '{"id":"b","n":1}'], gone: [] });
    expect(table.hasChanges).toBe(false);
    table.set({ id: "a", n: 2 });
    table.delete("a");
    table.delete("b");
    table.set({ id: "b", n: 3 });
    expect(table.takeChanges()).toEqual({ put: ['{"id":"b","n":3}'], gone: ["a"] });
    table.replaceAll([{ id: "c", n: 1 }]);
    expect(table.takeChanges()).toEqual({ put: ['{"id":"c","n":1}'], gone: ["b"] });
    expect(JSON.parse(table.json())).toEqual([{ id: "c", n: 1 }]);
  });
});

describe("what the gateway knows of containers", () => {
  it("is what the watch tells, each change with what was before", () => {
    const scene = new Scene();
    const { fleet, seen, touched } = scene;
    fleet.watchedAll([container("a"), container("b")]);
    fleet.watchedSome([container("a", { state: ContainerState.DRAINING })], [named("b")]);
    fleet.watchedSome([container("a", { state: ContainerState.DRAINING })], [named("never")]);
    expect(seen).toEqual(["a - ready", "b - ready", "a ready draining", "b gone"]);
    expect(scene.names()).toEqual(["a"]);
    expect(new Set(touched)).toEqual(new Set([ID]));
  });

  it("touches their group where it may be another one for it, and not where a container is only reached elsewhere", () => {
    const { fleet, touched } = new Scene();
    fleet.watchedSome([container("a")], []);
    expect(touched.splice(0)).toEqual([ID]);
    fleet.watchedSome([container("a", { port: 32_000, address: "10.0.0.9" })], []);
    expect([touched, fleet.containers.get(`${ID} a`)?.port]).toEqual([[], 32_000]);
    for (const more of [{ state: ContainerState.UNHEALTHY }, { phase: "draining" }, { problem: "exit 1" }]) {
      fleet.watchedSome([container("a", more)], []);
      expect(touched.splice(0)).toEqual([ID]);
    }
    fleet.watchedSome([], [named("a")]);
    expect(touched).toEqual([ID]);
  });

  it("has those of a listing that the watch does not tell of, until a listing has them no more", () => {
    const scene = new Scene();
    const { fleet } = scene;
    fleet.watchedAll([container("a")]);
    fleet.listedContainers(WEB, [
      container("a", { state: ContainerState.FAILED }),
      container("new", { phase: "creating" }),
    ]);
    expect(scene.names()).toEqual(["a", "new"]);
    // The watch knows better.
    expect(fleet.containers.get(`${ID} a`)?.state).toBe("ready");
    expect(fleet.hasListed(ID)).toBe(true);
    fleet.watchedAll([container("a")]);
    expect(scene.names()).toEqual(["a", "new"]);
    fleet.listedContainers(WEB, [container("a")]);
    expect([scene.names(), fleet.hasListed(ID)]).toEqual([["a"], false]);
  });

  it("keeps one that the watch took over from a listing", () => {
    const scene = new Scene();
    scene.fleet.listedContainers(WEB, [container("new", { phase: "creating" })]);
    scene.fleet.watchedSome([container("new")], []);
    scene.fleet.listedContainers(WEB, []);
    expect(scene.names()).toEqual(["new"]);
  });
});

describe("what the gateway knows of groups", () => {
  it("is the newest, whatever comes late", () => {
    const { fleet } = new Scene();
    fleet.readGroup(group(10, { configRevision: 4n }));
    fleet.readGroup(group(9));
    expect(fleet.groups.get(ID)?.rev).toBe(4);
    fleet.readGroups([], 9n);
    expect(fleet.groups.get(ID)).toBeDefined();
    fleet.readGroups([], 10n);
    expect(fleet.groups.get(ID)).toBeUndefined();
  });

  it("is read anew once the watch has begun anew: the store's history may be another one", () => {
    const { fleet } = new Scene();
    fleet.readGroup(group(1_000, { configRevision: 9n }));
    fleet.watchedAll([]);
    fleet.readGroup(group(5));
    expect(fleet.groups.get(ID)?.rev).toBe(3);
  });

  it("takes containers that only a listing had with it when it goes", () => {
    const scene = new Scene();
    scene.fleet.readGroup(group(1));
    scene.fleet.watchedAll([container("a")]);
    scene.fleet.listedContainers(WEB, [container("new")]);
    scene.fleet.groupGone(ID);
    expect(scene.names()).toEqual(["a"]);
  });
});

describe("the changes of an answer", () => {
  const row = (name: string, state: ContainerRow["state"]) =>
    ({ name, state, group: ID, phase: "", problem: "" }) as ContainerRow;
  const at = (revision: number) => ({ time: 100 * revision, revision: String(revision) });

  it("are who became ready and who is ready no more, by revision, of the groups that are meant", () => {
    const log = new AnswerLog();
    log.note(row("a", "starting"), undefined, at(1));
    log.note(row("a", "ready"), row("a", "starting"), at(2));
    log.note(row("b", "ready"), undefined, at(2));
    log.note(row("a", "draining"), row("a", "ready"), at(3));
    log.noteGone(row("a", "draining"), at(4));
    log.noteGone(row("b", "ready"), at(5));
    expect(log.of(new Set([ID]))).toEqual([
      { time: 200, revision: "2", put: ["a", "b"], removed: [] },
      { time: 300, revision: "3", put: [], removed: ["a"] },
      { time: 500, revision: "5", put: [], removed: ["b"] },
    ]);
    expect(log.of(new Set(["default web/-"]))).toEqual([]);
  });

  it("are the last twenty", () => {
    const log = new AnswerLog();
    for (let i = 0; i < 9_000; i++) log.note(row("a", "ready"), undefined, at(i));
    expect(log.of(new Set([ID])).map(({ revision }) => Number(revision))).toEqual(
      Array.from({ length: 20 }, (_, i) => 8_980 + i),
    );
  });
});
