import { describe, expect, it } from "@jest/globals";
import type { UpdatePolicy } from "../../../src/model/group.js";
import { SECOND } from "../../../src/model/instant.js";
import type { Rollout } from "../../../src/model/rollout.js";
import { NO_SLOTS } from "../../../src/model/slots.js";
import { plan } from "../../../src/planner/plan.js";
import {
  aGroup,
  aRollout,
  changed,
  doings,
  NOW,
  notedRollout,
  only,
  ready,
  situation,
} from "../../support/builders.js";

const noRestart = { container: { restartPolicy: "no" as const } };

/** Three containers of revision 1, and revision 2 with another image. */
function update(policy: UpdatePolicy) {
  const old = aGroup({ instances: 3, update: policy, restart: "on-failure" });
  const olds = [1, 2, 3].map((slot) => ready(old, slot, noRestart));
  return { olds, now: changed(old, { image: "web:2" }) };
}

function seen({ olds, now }: ReturnType<typeof update>, rollout: Rollout) {
  return plan(situation(now, olds, { rollouts: { rollouts: [rollout, aRollout({ to: 1, state: "done" })] } }));
}

describe("stop-first", () => {
  it("stops nothing before a container of the new config could be created", () => {
    const updated = update({ order: "stop-first" });
    const { tried: _, ...untried } = aRollout();
    expect(only(seen(updated, untried), "tryOut")).toMatchObject({ image: "web:2@sha256:0", intent: { slot: 1 } });
    expect(doings(seen(updated, untried))).toEqual(["tryOut 1"]);
    const failure = { reason: "COMMAND_NOT_FOUND", text: "the image has no program x", at: NOW } as const;
    const back = only(seen(updated, { ...untried, failure }), "rollBack");
    expect(back.rollout).toMatchObject({ state: "rolling_back", failure });
    const asked = { ...untried, failure, policy: { ...untried.policy, onFailure: "continue" as const } };
    expect(notedRollout(seen(updated, asked), 2)).toMatchObject({ state: "failed", failure });
  });

  it("tries a fixed port that a program holds out again when its time has come, and says so until then", () => {
    const { olds, now } = update({ order: "stop-first" });
    const { tried: _, ...untried } = aRollout();
    const taken = { reason: "PORT_TAKEN", text: "port 8443 on local is taken", slot: 1, since: NOW } as const;
    const heldUntil = (retryAt: number, since = NOW) => {
      const slots = { ...NO_SLOTS, attention: [{ ...taken, since, retryAt }] };
      return plan(situation(now, olds, { slots, rollouts: { rollouts: [untried] } }));
    };
    const early = heldUntil(NOW + 10 * SECOND);
    expect(doings(early)).toEqual([]);
    expect(early.actions.filter(({ kind }) => kind === "noteAttention")).toEqual([]);
    expect(early.lookAgainAt).toBe(NOW + 10 * SECOND);
    expect(doings(heldUntil(NOW))).toEqual(["tryOut 1"]);
    // What an earlier rollout met says nothing of this one.
    const before = heldUntil(NOW + 10 * SECOND, untried.started - 1);
    expect(doings(before)).toContain("tryOut 1");
  });
});
