import { describe, expect, it } from "@jest/globals";
import type { ObservedContainer } from "../../../src/model/container.js";
import { MINUTE } from "../../../src/model/instant.js";
import type { Group, PlanInput, RecoveryFacts } from "../../../src/model/plan.js";
import type { Making, Word } from "../../../src/model/recovery.js";
import { plan } from "../../../src/planner/plan.js";
import {
  aGroup,
  anIntent,
  aPin,
  aRunning,
  changed,
  created,
  doings,
  NOW,
  only,
  type Part,
  ready,
  situation,
} from "../../support/builders.js";

const ports = [{ name: "http", container: 8080 }];
const group = aGroup({ instances: 2, ports, configRevision: 5 });
const newer = changed(group, { image: "web:2", instances: 3 });
const CHANGE = { actor: "ann@desk", command: "theseus recover", message: "", time: NOW };

/** Running, made from that config, which it carries, and without a record in the store. */
function stray(of: Group, slot: number, generation: number, more: Partial<ObservedContainer> = {}): ObservedContainer {
  return aRunning(of, anIntent(of, { slot, generation }), { id: `${of.uid}-${slot}-${generation}`, ...more });
}

type Said = {
  readonly words?: Readonly<Record<string, Word>>;
  readonly former?: readonly string[];
  readonly named?: readonly string[];
};

function facts(
  makings: readonly (readonly [ObservedContainer, Making])[],
  { words = {}, former = [], named = [] }: Said,
): RecoveryFacts {
  const given = Object.entries(words).map(([id, word]) => [id, { word, ids: [id], change: CHANGE }] as const);
  return {
    makings: new Map(makings.map(([{ id }, making]) => [id, making])),
    words: new Map(given),
    formerUids: new Set(former),
    named: new Set(named),
  };
}

const carrying = (of: Group): Making => {
  const { config } = of.record;
  return { image: aPin(config.image).pinned, hostPorts: { http: 23456 }, config };
};

/** What the planner sees of the store's group beside these containers. */
function scene(
  store: Group | undefined,
  parts: readonly Part[],
  strays: readonly (readonly [ObservedContainer, Making])[],
  { more = {}, ...said }: Said & { readonly more?: Partial<PlanInput> } = {},
): PlanInput {
  const own = strays.map(([container]) => ({ container }));
  return situation(store, [...parts, ...own], { recovery: facts(strays, said), ...more });
}

const noted = ({ actions }: ReturnType<typeof plan>) => actions.filter(({ kind }) => kind !== "noteAttention");

describe("a container of a group that the store does not know", () => {
  const other = aGroup({ uid: "u9", instances: 1, configRevision: 3 });
  const one = stray(other, 1, 1);

  it("freezes the group of that name, and nothing is made over it", () => {
    const next = plan(scene(group, [], [[one, carrying(other)]]));
    expect(noted(next)).toEqual([]);
    expect(next.restored).toMatchObject([{ name: one.name, reason: "the store does not know its group" }]);
    expect(plan(scene(undefined, [], [[one, carrying(other)]])).actions).toEqual([]);
  });

  it("of a uid that the history has is left over: kept for ten minutes, then stopped and removed by its id", () => {
    const former = { former: ["u9"] };
    const early = plan(scene(undefined, [], [[one, carrying(other)]], { ...former, more: { damagedSince: NOW } }));
    expect(early).toMatchObject({ actions: [], restored: [], lookAgainAt: NOW + 10 * MINUTE });
    const since = { more: { damagedSince: NOW - 10 * MINUTE } };
    const late = plan(scene(undefined, [], [[one, carrying(other)]], { ...former, ...since }));
    expect(only(late, "stopStray")).toMatchObject({ containerId: one.id, grace: 10_000 });
    const ended = { ...one, status: "exited" as const };
    const last = plan(scene(undefined, [], [[ended, carrying(other)]], { ...former, ...since }));
    expect(doings(last)).toEqual(["removeStray"]);
  });

  it("is written with its group anew when it is adopted", () => {
    const words = { [one.id]: "adopt" } as const;
    const action = only(plan(scene(undefined, [], [[one, carrying(other)]], { words })), "adopt");
    expect(action).toMatchObject({
      uid: "u9",
      host: "local",
      record: { config: other.record.config, configRevision: 4, pin: aPin("web:1"), change: { message: "recovered" } },
      intents: [{ slot: 1, generation: 1, phase: "running", hostPorts: { http: 23456 } }],
    });
    expect(action.infos.map(([name]) => name)).toEqual(action.intents.map(({ name }) => name));
  });

  it("that does not carry its config cannot be adopted, and the word changes nothing", () => {
    const bare = { ...carrying(other), config: undefined };
    const next = plan(scene(undefined, [], [[one, bare]], { words: { [one.id]: "adopt" } }));
    expect(next.actions).toEqual([]);
    expect(next.restored).toMatchObject([
      { takes: ["remove"], ifAdopted: "cannot be adopted: it does not carry the config that it was made from" },
    ]);
  });

  it("carrying a config that would not have made it is not believed", () => {
    const forged = { ...carrying(other), config: { ...other.record.config, image: "evil:1" } };
    expect(plan(scene(undefined, [], [[one, forged]])).restored).toMatchObject([{ takes: ["remove"] }]);
  });

  it("is stopped by its own config's grace and removed when a person says so", () => {
    const patient = aGroup({ uid: "u9", stop: { grace: 60_000 } });
    const words = { [one.id]: "remove" } as const;
    const next = plan(scene(undefined, [], [[one, carrying(patient)]], { words }));
    expect(only(next, "stopStray").grace).toBe(60_000);
  });

  it("takes the place of a group of which nothing is left, whose intents go first", () => {
    const { intent, info } = ready(group, 1);
    const words = { [one.id]: "adopt" } as const;
    const first = plan(scene(group, [{ intent, info }], [[one, carrying(other)]], { words }));
    expect(doings(first).filter((what) => !what.startsWith("note"))).toEqual(["publish 1 lost", "release 1"]);
    const next = plan(scene(group, [], [[one, carrying(other)]], { words }));
    expect(only(next, "adopt")).toMatchObject({ uid: "u9", record: { config: other.record.config } });
  });

  it("does not take the place of a group that still runs", () => {
    const next = plan(scene(group, [ready(group, 1)], [[one, carrying(other)]], { words: { [one.id]: "adopt" } }));
    expect(noted(next)).toEqual([]);
    expect(next.restored[0]?.ifAdopted).toMatch(/^cannot be adopted: the store has another group of this name/);
  });
});

describe("adopting in a group that the store knows", () => {
  const adopt = (...containers: readonly ObservedContainer[]) =>
    Object.fromEntries(containers.map(({ id }) => [id, "adopt" as const]));

  it("stores the config of the newest one as a new revision that covers every slot", () => {
    const [a, b] = [stray(newer, 1, 4), stray(newer, 5, 1)];
    const words = adopt(a, b);
    const action = only(
      plan(
        scene(
          group,
          [],
          [
            [a, carrying(newer)],
            [b, carrying(newer)],
          ],
          { words },
        ),
      ),
      "adopt",
    );
    expect(action).not.toHaveProperty("uid");
    expect(action.record).toMatchObject({ configRevision: 7, config: { image: "web:2", instances: 5 } });
    expect(action.intents.map(({ slot, generation }) => [slot, generation])).toEqual([
      [1, 4],
      [5, 1],
    ]);
  });

  it("leaves the stored config where that makes them, also those that carry none", () => {
    const one = stray(group, 2, 7);
    const bare = { ...carrying(group), config: undefined };
    const next = plan(scene(group, [ready(group, 1)], [[one, bare]], { words: adopt(one) }));
    expect(only(next, "adopt")).not.toHaveProperty("record");
    expect(next.restored).toMatchObject([{ ifAdopted: "stays as web/dev:2 at rev 5", takes: ["adopt", "remove"] }]);
  });

  it("takes the config of what runs over one that was asked for since, since that would replace it", () => {
    const since = changed(group, { image: "web:3", configRevision: 9 });
    const one = stray(newer, 2, 7);
    const action = only(plan(scene(since, [], [[one, carrying(newer)]], { words: adopt(one) })), "adopt");
    expect(action.record).toMatchObject({ configRevision: 10, config: { image: "web:2" } });
  });

  it("keeps on removing a group that is being removed", () => {
    const going = aGroup({ ...group.record.config, configRevision: 5, removing: { volumes: true } });
    const one = stray(group, 2, 7);
    const kept = plan(scene(going, [], [[one, carrying(group)]], { words: {} }));
    expect(kept.restored[0]?.ifAdopted).toContain("the group is being removed");
  });

  it("does not take one whose slot has another container that runs", () => {
    const one = stray(group, 1, 7);
    const next = plan(scene(group, [ready(group, 1)], [[one, carrying(group)]], { words: adopt(one) }));
    expect(noted(next)).toEqual([]);
    expect(next.restored[0]?.ifAdopted).toMatch(/slot 1 has another container/);
  });

  it("takes forty at a time, one host after the other", () => {
    const wide = aGroup({ instances: 50, ports });
    const strays = Array.from({ length: 50 }, (_, i) => stray(wide, i + 1, 2, { host: i === 49 ? "b" : "local" }));
    const next = plan(
      scene(
        wide,
        [],
        strays.map((one) => [one, carrying(wide)]),
        { words: adopt(...strays) },
      ),
    );
    expect(only(next, "adopt")).toMatchObject({ host: "b" });
    const rest = strays.slice(0, 49);
    const then = plan(
      scene(
        wide,
        [],
        rest.map((one) => [one, carrying(wide)]),
        { words: adopt(...rest) },
      ),
    );
    expect(only(then, "adopt").intents).toHaveLength(40);
  });
});

describe("removing in a group that the store knows", () => {
  it("uses the generation up first, then lets it go like any other, its slot empty until it is gone", () => {
    const one = stray(newer, 1, 4);
    const words = { [one.id]: "remove" } as const;
    const first = plan(scene(group, [ready(group, 2)], [[one, carrying(newer)]], { words }));
    expect(noted(first)).toMatchObject([{ kind: "raiseSlots", slots: [{ slot: 1, generation: 4, host: "local" }] }]);
    const slots = { slots: { 1: { generation: 4, failures: 0 }, 2: { generation: 1, failures: 0 } }, attention: [] };
    const calm = { ...one, restartPolicy: "no" as const };
    const next = plan(scene(group, [ready(group, 2)], [[calm, carrying(newer)]], { words, more: { slots } }));
    expect(noted(next).map(({ kind }) => kind)).toEqual(["drain"]);
    expect(only(next, "drain").intent).toMatchObject({
      hostPorts: { http: 23456 },
      reason: expect.stringContaining("ann@desk"),
    });
    expect(next.restored).toMatchObject([{ id: one.id }]);
  });

  it("goes on with one that is on its way out while another still waits for a word", () => {
    const [going, waiting] = [stray(newer, 1, 4), stray(newer, 2, 4)];
    const intent = anIntent(newer, { slot: 1, generation: 4, phase: "draining", reason: "said" });
    const part = { intent, container: { ...going, restartPolicy: "no" as const } };
    const slots = { slots: { 1: { generation: 4, failures: 0 } }, attention: [] };
    const words = { [going.id]: "remove" } as const;
    const next = plan(scene(group, [part], [[waiting, carrying(newer)]], { words, more: { slots } }));
    expect(noted(next).map(({ kind }) => kind)).toEqual(["stop"]);
    expect(next.restored.map(({ id }) => id).sort()).toEqual([going.id, waiting.id].sort());
  });

  it.each(["adopt", "remove"] as const)("one that was never started goes by the word %s", (word) => {
    const { container } = created(group, 1, { intent: { generation: 9 } });
    if (container === undefined) throw new Error("no container");
    const frozen = plan(situation(group, [{ container }]));
    expect(noted(frozen)).toEqual([]);
    const said = { recovery: facts([], { words: { [container.id]: word } }) };
    expect(noted(plan(situation(group, [{ container }], said))).map(({ kind }) => kind)).toEqual(["raiseSlots"]);
    const slots = { slots: { 1: { generation: 9, failures: 0 } }, attention: [] };
    const gone = plan(situation(group, [{ container }], { ...said, slots }));
    expect(gone.actions.map(({ kind }) => kind)).toContain("removeStray");
  });
});

describe("two in one slot that the store does not know", () => {
  const [older, younger] = [stray(newer, 1, 4), stray(newer, 1, 5)];
  const both = [
    [older, carrying(newer)],
    [younger, carrying(newer)],
  ] as const;
  const late = { now: NOW + 60 * MINUTE };
  const slots = { slots: { 1: { generation: 5, failures: 0, host: "local" } }, attention: [] };

  it.each(["adopt", "remove"] as const)("a word to %s one waits until the store names the other", (word) => {
    const words = { [younger.id]: word };
    expect(noted(plan(scene(group, [], both, { words })))).toEqual([]);
    const next = plan(scene(group, [], both, { words, named: [older.id] }));
    expect(noted(next).map(({ kind }) => kind)).toEqual([word === "adopt" ? "adopt" : "raiseSlots"]);
  });

  it("the older one waits for a word of its own after the younger was adopted, and says what it can take", () => {
    const part = { ...ready(newer, 1, { intent: { generation: 5 } }), container: younger };
    const facts = { named: [older.id], more: { ...late, slots } };
    const next = plan(scene(newer, [part], [[older, carrying(newer)]], facts));
    expect(noted(next)).toEqual([]);
    expect(next.restored).toMatchObject([
      {
        id: older.id,
        takes: ["remove"],
        ifAdopted: expect.stringMatching(/^cannot be adopted: slot 1 has another container, .*: remove this one$/),
        ifRemoved: expect.stringMatching(/^stopped and removed; .* stays in slot 1$/),
      },
    ]);
    const calm = { ...older, restartPolicy: "no" as const };
    const said = plan(scene(newer, [part], [[calm, carrying(newer)]], { ...facts, words: { [older.id]: "remove" } }));
    expect(only(said, "drain").intent.generation).toBe(4);
    expect(noted(said).filter((action) => "intent" in action && action.intent.generation === 5)).toEqual([]);
  });

  it("the older one is not stopped because the younger one was removed", () => {
    const next = plan(scene(group, [], [[older, carrying(newer)]], { named: [older.id], more: { ...late, slots } }));
    expect(noted(next)).toEqual([]);
    expect(next.restored).toMatchObject([{ id: older.id, takes: ["adopt", "remove"] }]);
  });

  it("of a group that was adopted whole, the one that was not taken waits on", () => {
    const other = aGroup({ uid: "u9", instances: 1, configRevision: 3 });
    const two = [stray(other, 1, 1), stray(other, 1, 2)] as const;
    const strays = two.map((one) => [one, carrying(other)] as const);
    const words = { [two[1].id]: "adopt" } as const;
    expect(plan(scene(undefined, [], strays, { words })).actions).toEqual([]);
    const named = two.map(({ id }) => id);
    expect(only(plan(scene(undefined, [], strays, { words, named })), "adopt").intents).toHaveLength(1);
  });
});
