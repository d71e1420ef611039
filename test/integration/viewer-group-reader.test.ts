import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "@jest/globals";
import type { Connection } from "../../clients/connect.js";
import { TheseusClientError } from "../../clients/errors.js";
import { Group, GroupState } from "../../clients/gen/theseus/v1/group.js";
import type { GroupRef } from "../../clients/gen/theseus/v1/reference.js";
import { Rollout, RolloutState } from "../../clients/gen/theseus/v1/rollout.js";
import { Fleet } from "../../clients/viewer/gateway/fleet.js";
import { GroupReader } from "../../clients/viewer/gateway/group-reader.js";
import { groupId, rolloutRow } from "../../clients/viewer/gateway/rows.js";
import { until } from "../support/until.js";

const refOf = (service: string): GroupRef => ({ namespace: "default", service, labels: [] });

/** A server on paper: groups by service, and what it was asked. */
class Scene {
  readonly asked: string[] = [];
  readonly groups = new Map<string, Group>();
  readonly rollouts = new Map<string, Rollout>();
  failures = 0;
  readonly fleet = new Fleet({ changed: () => {}, touched: () => {}, saw: () => {}, gone: () => {} });
  readonly reader: GroupReader;
  readonly #stop = new AbortController();
  #revision = 1n;

  constructor() {
    const connection = { discovery: this.#discovery(), theseus: this.#theseus() } as unknown as Connection;
    this.reader = new GroupReader({
      ...{ connection, fleet: this.fleet, now: () => performance.now() },
      rolloutRow: (_, rollout) => rolloutRow(rollout),
      lacksRevisions: () => false,
      readRevisions: () => undefined,
      forget: () => undefined,
      failed: () => {
        this.failures += 1;
      },
    });
  }

  set(service: string, state: GroupState, rev = 1n): void {
    const status = { state, wanted: 1, ready: 1, outdated: 0, attention: [] };
    this.groups.set(service, Group.fromPartial({ ref: refOf(service), config: {}, configRevision: rev, status }));
  }

  row(service: string) {
    return this.fleet.groups.get(groupId(refOf(service)));
  }

  async running(work: () => Promise<unknown>): Promise<void> {
    const run = this.reader.run(this.#stop.signal);
    try {
      await work();
    } finally {
      this.#stop.abort();
      await run;
    }
  }

  #discovery() {
    return {
      getGroup: async ({ group }: { group: GroupRef }) => {
        this.asked.push(`group ${group.service}`);
        const found = this.groups.get(group.service);
        if (found === undefined)
          throw new TheseusClientError({ code: status.NOT_FOUND, reason: "NO_SUCH_GROUP", message: "gone" });
        this.#revision += 1n;
        return { group: { ...found, revision: this.#revision } };
      },
      listContainers: async () => ({ containers: [], nextPageToken: "", revision: this.#revision }),
      listGroups: async () => ({ groups: [...this.groups.values()], nextPageToken: "", revision: this.#revision }),
    };
  }

  #theseus() {
    return {
      getRollout: async ({ group, configRevision = 0n }: { group: GroupRef; configRevision?: bigint }) => {
        this.asked.push(`rollout ${group.service} ${configRevision}`);
        const rollout = this.rollouts.get(`${group.service} ${configRevision}`);
        if (rollout === undefined)
          throw new TheseusClientError({ code: status.NOT_FOUND, reason: "NO_SUCH_REVISION", message: "not kept" });
        return { rollout, revision: 1n };
      },
    };
  }
}

describe("groups that are read again", () => {
  it("are those that were touched, once however often that was", async () => {
    const scene = new Scene();
    scene.set("web", GroupState.STEADY);
    scene.rollouts.set("web 0", Rollout.fromPartial({ toRevision: 1n, state: RolloutState.DONE }));
    for (let i = 0; i < 100; i++) scene.reader.touch(refOf("web"));
    await scene.running(() => until("the row", () => scene.row("web")));
    expect(scene.asked).toEqual(["group web", "rollout web 0"]);
    expect(scene.row("web")).toMatchObject({ state: "steady", rollout: null });
  });

  it("are at most so many in one round, and all in the end", async () => {
    const scene = new Scene();
    const names = Array.from({ length: 120 }, (_, i) => `s${i}`);
    for (const name of names) {
      scene.set(name, GroupState.STEADY);
      scene.rollouts.set(`${name} 0`, Rollout.fromPartial({ toRevision: 1n, state: RolloutState.DONE }));
      scene.reader.touch(refOf(name));
    }
    await scene.running(async () => {
      await until("the first round", () => scene.fleet.groups.size > 0);
      expect(scene.fleet.groups.size).toBe(50);
      await until("all", () => scene.fleet.groups.size === 120);
    });
  });

  it("are those that are gone, too: their rows go", async () => {
    const scene = new Scene();
    scene.fleet.readGroup(Group.fromPartial({ ref: refOf("web") }));
    scene.reader.touch(refOf("web"));
    await scene.running(() => until("the row to go", () => scene.row("web") === undefined));
    expect(scene.failures).toBe(0);
  });

  it("are those that move, though nothing touches them, until they are as asked", async () => {
    const scene = new Scene();
    scene.set("web", GroupState.ROLLING);
    scene.rollouts.set("web 0", Rollout.fromPartial({ toRevision: 1n, state: RolloutState.RUNNING }));
    await scene.reader.relist(new AbortController().signal);
    await scene.running(async () => {
      await until("its rollout", () => scene.row("web")?.rollout?.state === "running");
      scene.set("web", GroupState.STEADY);
      scene.rollouts.set("web 0", Rollout.fromPartial({ toRevision: 1n, state: RolloutState.DONE }));
      await until("it to be steady", () => scene.row("web")?.state === "steady" && scene.row("web")?.rollout === null);
    });
  });

  it("show of a way back the rollout that it takes back, as long as that is kept", async () => {
    const scene = new Scene();
    scene.set("web", GroupState.STEADY, 3n);
    const back = { toRevision: 3n, rollbackOf: 2n, state: RolloutState.DONE };
    scene.rollouts.set("web 0", Rollout.fromPartial(back));
    scene.rollouts.set("web 2", Rollout.fromPartial({ id: "r-2", toRevision: 2n, state: RolloutState.ROLLED_BACK }));
    scene.set("old", GroupState.STEADY, 3n);
    scene.rollouts.set("old 0", Rollout.fromPartial(back));
    await scene.reader.relist(new AbortController().signal);
    await scene.running(() =>
      until("it", () => scene.row("web")?.rollout?.id === "r-2" && scene.asked.includes("rollout old 2")),
    );
    expect(scene.row("web")?.rollout?.state).toBe("rolled-back");
    expect([scene.row("old")?.rollout, scene.failures]).toEqual([null, 0]);
  });
});
