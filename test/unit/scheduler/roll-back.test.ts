import { describe, expect, it } from "@jest/globals";
import type { ConfigRecord } from "../../../src/model/group.js";
import type { HistoryRecord } from "../../../src/model/history.js";
import type { RolloutFailure } from "../../../src/model/rollout.js";
import type { GroupSnapshot } from "../../../src/model/store.js";
import type { ActionContext, ExecutorDeps } from "../../../src/scheduler/execute-context.js";
import type { GroupEdit } from "../../../src/scheduler/group-edit.js";
import { rollBack } from "../../../src/scheduler/roll-back.js";
import { aGroup, aRollout, changed, NOW } from "../../support/builders.js";

/** What is written when the rollout of this record is taken back to revision 1. */
async function takenBack(
  record: ConfigRecord,
  history: readonly HistoryRecord[],
  failure?: RolloutFailure,
): Promise<GroupEdit[]> {
  const { ref, uid } = aGroup();
  const edits: GroupEdit[] = [];
  const commit = (edit: GroupEdit) => Promise.resolve(void edits.push(edit));
  const snapshot = { ref, uid, record: { value: record, modRevision: 7n } } as unknown as GroupSnapshot;
  const office = { clock: { now: () => NOW }, store: { readHistory: () => Promise.resolve(history) } };
  const to = record.configRevision;
  const rollout = aRollout({ to, state: "rolling_back", backBy: to + 1, ...(failure && { failure }) });
  await rollBack({ office } as unknown as ExecutorDeps, { kind: "rollBack", rollout, to: 1, reason: "it failed" }, {
    ledger: { snapshot, commit },
  } as unknown as ActionContext);
  return edits;
}

describe("a rollout that is taken back", () => {
  const former = aGroup({ instances: 2 });
  const history: HistoryRecord[] = [{ ...former.record, service: former.ref.service, labels: former.ref.labels }];

  it("has the content and the pin of the older revision, and the present number of instances", async () => {
    const [edit] = await takenBack(changed(former, { image: "web:2", instances: 5 }).record, history);
    expect(edit?.record).toMatchObject({
      config: { image: "web:1", instances: 5 },
      configRevision: 3,
      pin: former.record.pin,
      change: { actor: "theseus" },
    });
  });

  it("makes no container anew for a restart that is taken back itself", async () => {
    const { record } = changed(former, {});
    const [edit] = await takenBack({ ...record, restart: 2 }, history);
    expect(edit?.record?.restart).toBeUndefined();
    const other = changed(former, { image: "web:2" }).record;
    const [kept] = await takenBack({ ...other, restart: 1 }, history);
    expect(kept?.record?.restart).toBe(1);
  });

  it("ends where only the number of instances was changed: nothing is taken back", async () => {
    const [edit, ...more] = await takenBack(changed(former, { instances: 5 }).record, history);
    expect([edit?.record, more]).toEqual([undefined, []]);
    expect(edit?.rollouts?.({ rollouts: [] }).rollouts[0]).toMatchObject({
      state: "failed",
      failure: { text: expect.stringContaining("differs only in the number of instances") },
    });
    expect(edit?.rollouts?.({ rollouts: [] }).rollouts[0]?.backBy).toBeUndefined();
  });

  it("ends as aborted where a person has asked for that", async () => {
    const failure = { reason: "CANCELLED", text: "ann@desk asked to take it back", at: NOW } as const;
    const [edit] = await takenBack(changed(former, { instances: 5 }).record, history, failure);
    expect(edit?.rollouts?.({ rollouts: [] }).rollouts[0]).toMatchObject({ state: "aborted" });
  });

  it("is made anew where a restart with another number of instances is taken back", async () => {
    const { record } = changed(former, { instances: 5 });
    const [edit] = await takenBack({ ...record, restart: 2 }, history);
    expect(edit?.record).toMatchObject({ config: { instances: 5 }, configRevision: 3 });
  });

  it("has failed where history does not have the older revision any more", async () => {
    const [edit] = await takenBack(changed(former, { image: "web:2" }).record, []);
    expect(edit?.record).toBeUndefined();
    expect(edit?.rollouts?.({ rollouts: [] }).rollouts[0]).toMatchObject({ state: "failed" });
  });
});
