import { describe, expect, it } from "@jest/globals";
import type { ConfigRecord } from "../../../src/model/group.js";
import type { HistoryRecord } from "../../../src/model/history.js";
import type { GroupSnapshot } from "../../../src/model/store.js";
import type { ActionContext, ExecutorDeps } from "../../../src/scheduler/execute-context.js";
import type { GroupEdit } from "../../../src/scheduler/group-edit.js";
import { rollBack } from "../../../src/scheduler/roll-back.js";
import { aGroup, aRollout, changed, NOW } from "../../support/builders.js";

/** What is written when the rollout of this record is taken back to revision 1. */
async function takenBack(record: ConfigRecord, history: readonly HistoryRecord[]): Promise<GroupEdit[]> {
  const { ref, uid } = aGroup();
  const edits: GroupEdit[] = [];
  const commit = (edit: GroupEdit) => Promise.resolve(void edits.push(edit));
  const snapshot = { ref, uid, record: { value: record, modRevision: 7n } } as unknown as GroupSnapshot;
  const office = { clock: { now: () => NOW }, store: { readHistory: () => Promise.resolve(history) } };
  const to = record.configRevision;
  const rollout = aRollout({ to, state: "rolling_back", backBy: to + 1 });
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
    const [kept] = await takenBack({ ...record, restart: 1 }, history);
    expect(kept?.record?.restart).toBe(1);
  });

  it("has failed where history does not have the older revision any more", async () => {
    const [edit] = await takenBack(changed(former, { image: "web:2" }).record, []);
    expect(edit?.record).toBeUndefined();
    expect(edit?.rollouts?.({ rollouts: [] }).rollouts[0]).toMatchObject({ state: "failed" });
  });
});
