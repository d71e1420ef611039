import { describe, expect, it } from "@jest/globals";
import {
  alarmLines,
  NOTHING_TO_RECOVER,
  type RecoveryRecord,
  type StrayItem,
  tokenOf,
  withWord,
  wordOn,
  wordsOn,
} from "../../../src/model/recovery.js";
import { groupRef } from "../../../src/model/reference.js";

const change = { actor: "ann@desk", command: "theseus recover", message: "", time: 0 };
const item = (id: string, more: Partial<StrayItem> = {}): StrayItem => ({
  kind: "container",
  ...{
    id,
    name: `web.1.${id}`,
    host: "local",
    group: groupRef("web", ["dev"]),
    groupUid: "u1",
    slot: 1,
    generation: 1,
  },
  ...{ reason: "newer", ifAdopted: "stays", ifRemoved: "goes", takes: ["adopt", "remove"] },
  ...more,
});
const record = (...items: StrayItem[]): RecoveryRecord => ({ items, more: 0, words: [] });
const say = (shown: RecoveryRecord, present = shown, word: "adopt" | "remove" = "adopt") =>
  withWord(present, { word, token: tokenOf(shown.items), change });
const why = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
};

describe("a token", () => {
  it("names the same items in any order, and others differently", () => {
    expect(tokenOf([item("a"), item("b")])).toBe(tokenOf([item("b"), item("a")]));
    expect(tokenOf([item("a")])).not.toBe(tokenOf([item("b")]));
    expect(tokenOf([])).toBe("");
  });
});

describe("a word", () => {
  it("stands on every item that takes it", () => {
    const said = say(record(item("a"), item("b", { takes: ["remove"] })));
    expect(said.words).toEqual([{ word: "adopt", ids: ["a"], change }]);
    expect(wordOn(said, "a")?.word).toBe("adopt");
    expect(wordOn(said, "b")).toBeUndefined();
  });

  it("given later takes the place of an earlier one on the same item, and of no other", () => {
    const first = say(record(item("a"), item("b", { takes: ["adopt"] })));
    expect(say(first, first, "remove").words).toEqual([
      { word: "adopt", ids: ["b"], change },
      { word: "remove", ids: ["a"], change },
    ]);
  });

  it("is refused, with what changed, when others wait by now or something else would be done", () => {
    const shown = record(item("a"), item("b"));
    const now = record(item("b", { ifAdopted: "stays until rev 9" }), item("c"));
    expect(why(() => say(shown, now))).toMatchObject({
      reason: "CONFLICT",
      facts: {
        why: [
          "new: web.1.c",
          "something else would be done now with: web.1.b",
          "1 of those that were shown is settled or gone",
        ],
      },
    });
    expect(why(() => withWord(shown, { word: "adopt", token: "nonsense", change }))).toMatchObject({
      reason: "CONFLICT",
    });
  });

  it("that nothing takes is refused, and says why of each", () => {
    expect(why(() => say(record(item("a", { takes: ["remove"], ifAdopted: "cannot be adopted: so" }))))).toMatchObject({
      reason: "INVALID_REQUEST",
      facts: { why: ["web.1.a: cannot be adopted: so"] },
    });
    expect(why(() => say(NOTHING_TO_RECOVER))).toMatchObject({ facts: { what: "there is nothing to recover" } });
  });

  it("ends with its item, and when the item takes it no more", () => {
    const words = [{ word: "adopt", ids: ["a", "b", "c"], change }] as const;
    expect(wordsOn([item("a"), item("b", { takes: ["remove"] })], words)).toEqual([{ ...words[0], ids: ["a"] }]);
    expect(wordsOn([], words)).toEqual([]);
  });
});

describe("the alarm", () => {
  it("has a line for each group that names all of its containers, and one for each engine", () => {
    const other = item("c", { group: groupRef("jobs", [], "shop") });
    const engine = { kind: "engine", id: "E2", host: "b", takes: ["adopt"] } as const;
    const outlook = { reason: "the engine has ID E2, known is E1", ifAdopted: "", ifRemoved: "" };
    const lines = alarmLines({ items: [item("a"), other, item("b"), { ...engine, ...outlook }], more: 7, words: [] });
    expect(lines).toEqual([
      expect.stringMatching(/web\/dev in namespace default .* web\.1\.a, web\.1\.b$/),
      expect.stringMatching(/jobs\/- in namespace shop .* web\.1\.c$/),
      "another engine answers on b: the engine has ID E2, known is E1",
      "7 more containers are newer than the store",
    ]);
    expect(alarmLines(NOTHING_TO_RECOVER)).toEqual([]);
  });
});
