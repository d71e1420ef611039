// TheseusService over the wire: what proves a restored store, and a person's word on it.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { RecoveryAction } from "../../clients/gen/theseus/v1/theseus_service.js";
import type { EngineItem, StrayItem } from "../../src/model/recovery.js";
import { groupRef } from "../../src/model/reference.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());
afterEach(() => {
  rig.store.recovery = undefined;
  rig.store.beforeChange = () => undefined;
});

const WHO = { actor: "ann@desk", command: "theseus recover", message: "old backup" };
const item = (id: string, takes: StrayItem["takes"] = ["adopt", "remove"]): StrayItem => ({
  kind: "container",
  ...{ id, name: `web.dev.1.2-${id}`, host: "local", group: groupRef("web", ["dev"]), groupUid: "u1" },
  ...{ slot: 1, generation: 2, reason: "newer", ifAdopted: "stays", ifRemoved: "goes", takes },
});
const engine: EngineItem = {
  kind: "engine",
  ...{ id: "E2", host: "b", reason: "another", ifAdopted: "is it", ifRemoved: "no" },
  takes: ["adopt"],
};
const show = () => rig.theseus.getRecovery({});
const adopt = (token: string, more: object = {}) =>
  rig.theseus.recover({ action: RecoveryAction.ADOPT, token, change: WHO, ...more });

describe("GetRecovery", () => {
  it("lists nothing when nothing waits", async () => {
    expect(await show()).toEqual({ items: [], token: "", more: 0 });
  });

  it("lists what waits, with what either word would do and what is decided", async () => {
    const change = { ...WHO, time: 0 };
    const words = [{ word: "remove", ids: ["a"], change }] as const;
    rig.store.recovery = { items: [item("a"), item("b", ["remove"]), engine], more: 2, words };
    const { items, token, more } = await show();
    expect(items).toMatchObject([
      { container: "web.dev.1.2-a", containerId: "a", slot: 1, generation: 2n, decided: RecoveryAction.REMOVE },
      { containerId: "b", takes: [RecoveryAction.REMOVE], decided: RecoveryAction.UNSPECIFIED },
      { container: "", containerId: "E2", host: "b", reason: "another", group: undefined },
    ]);
    expect(token).not.toBe("");
    expect(more).toBe(2);
  });

  it("makes the server's status tell it, naming every container", async () => {
    rig.store.recovery = { items: [item("a"), item("b")], more: 0, words: [] };
    const { problems } = await rig.theseus.getServerStatus({});
    const [alarm = ""] = problems.filter((text) => text.includes("older backup"));
    expect(alarm).toMatch(/web\.dev\.1\.2-a, web\.dev\.1\.2-b\ntheseus recover$/);
  });
});

describe("Recover", () => {
  it("stores who said what of exactly what was shown, once for each request", async () => {
    rig.store.recovery = { items: [item("a"), item("b", ["remove"])], more: 0, words: [] };
    const { token } = await show();
    const first = await adopt(token, { requestId: "r1" });
    expect(rig.store.recovery.words).toMatchObject([{ word: "adopt", ids: ["a"], change: WHO }]);
    rig.store.recovery = undefined;
    expect(await adopt(token, { requestId: "r1" })).toEqual(first);
    expect(rig.store.recovery).toBeUndefined();
    const reused = await failureOf(adopt("other", { requestId: "r1" }));
    expect(reused.reason).toBe("REQUEST_ID_REUSED");
  });

  it("refuses when the list changed in between, and says what did", async () => {
    rig.store.recovery = { items: [item("a")], more: 0, words: [] };
    const { token } = await show();
    rig.store.beforeChange = () => {
      rig.store.recovery = { items: [item("a"), item("b")], more: 0, words: [] };
    };
    const failed = await failureOf(adopt(token));
    expect(failed).toMatchObject({ reason: "CONFLICT", why: "new: web.dev.1.2-b", next: "theseus recover" });
    expect(rig.store.recovery.words).toEqual([]);
  });

  it("refuses no word, and one that nothing takes", async () => {
    const unsaid = await failureOf(rig.theseus.recover({ token: "x" }));
    expect(unsaid).toMatchObject({ reason: "INVALID_REQUEST", text: expect.stringContaining("adopt or remove") });
    rig.store.recovery = { items: [engine], more: 0, words: [] };
    const { token } = await show();
    const failed = await failureOf(rig.theseus.recover({ action: RecoveryAction.REMOVE, token }));
    expect(failed).toMatchObject({ reason: "INVALID_REQUEST", why: "engine of b: no" });
  });
});
