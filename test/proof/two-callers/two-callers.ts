// Two change one group at once. With the revision that they have read, one of them wins and the other is told by whom,
// why, and which field; without it, edits of different fields both survive. What really stands is read with etcdctl.

import { onServer } from "../fuzz/server.js";
import { ObservedStore } from "../observed-store.js";
import type { Proof, Report, Size } from "../proof.js";
import { Caller, type Edit, messageOf, type Outcome, wereTogether } from "./callers.js";

const KEY = "/services/web/dev/config";
/** The other one is sent at most so much later. */
const STAGGER_MS = 3;
/** Of all rounds, so many have to be ones in which both were under way together. */
const SHARE = 0.75;

type Seen = { readonly revision: number; readonly env: Readonly<Record<string, string>> };
type RawConfig = { readonly config_revision: number; readonly config: { readonly env?: Seen["env"] } };
type Pair = readonly [Outcome, Outcome];
type Rounds = { readonly rounds: number; readonly together: number; readonly violations: readonly string[] };

class Scene {
  readonly #callers: readonly [Caller, Caller];
  readonly #store: ObservedStore;

  constructor(callers: readonly [Caller, Caller], store: ObservedStore) {
    this.#callers = callers;
    this.#store = store;
  }

  async seen(): Promise<Seen> {
    const text = (await this.#store.under(KEY)).get(KEY) ?? "";
    const { config_revision: revision, config } = JSON.parse(text) as RawConfig;
    return { revision, env: config.env ?? {} };
  }

  /** Both at once. */
  async round(edits: readonly [Omit<Edit, "afterMs">, Omit<Edit, "afterMs">]): Promise<Pair> {
    const late = Math.random() < 0.5 ? 0 : 1;
    const delays = [0, 1].map((index) => (index === late ? Math.random() * STAGGER_MS : 0)) as [number, number];
    const [a, b] = this.#callers;
    return await Promise.all([
      a.edit({ ...edits[0], afterMs: delays[0] }),
      b.edit({ ...edits[1], afterMs: delays[1] }),
    ]);
  }
}

/** Both set the same variable, made from the same revision. @param checked false: they do not say from which. */
async function sameField(scene: Scene, rounds: number, checked = true): Promise<Rounds> {
  const violations: string[] = [];
  let together = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const before = await scene.seen();
    const expected = checked ? BigInt(before.revision) : 0n;
    const edit = (who: string) => ({ variable: "SHARED", value: `${who}-${round}`, expected });
    const pair = await scene.round([edit("a"), edit("b")]);
    const wrong = wrongRace(pair, before, await scene.seen());
    violations.push(...wrong.map((fault) => `same field, round ${round}: ${fault}`));
    if (wereTogether(...pair)) together += 1;
  }
  return { rounds, together, violations };
}

function wrongRace(pair: Pair, before: Seen, after: Seen): string[] {
  const winners = pair.filter(({ made }) => made !== undefined);
  const [winner] = winners;
  const loser = pair.find(({ refusal }) => refusal !== undefined);
  if (winners.length !== 1 || winner === undefined || loser === undefined) return [`${winners.length} have won`];
  const faults = [];
  if (after.revision !== before.revision + 1 || winner.made !== after.revision)
    faults.push(`the winner was told rev ${winner.made}, and rev ${before.revision} became ${after.revision}`);
  const value = after.env[winner.edit.variable];
  if (value !== winner.edit.value) faults.push(`${winner.actor} has won, and there is ${value}`);
  const field = `env.${winner.edit.variable}`;
  const told = [loser.refusal?.message, ...(loser.refusal?.why ?? [])].join(" ");
  if (!told.includes(winner.actor)) faults.push(`the other is not told who: ${told}`);
  if (!told.includes(messageOf(winner.edit))) faults.push(`the other is not told what: ${told}`);
  if (loser.refusal?.metadata["fields"] !== field || !told.includes(field))
    faults.push(`the other is not told that ${field} was changed: ${told}`);
  if (!told.includes(`rev ${after.revision}`)) faults.push(`the other is not told the new revision: ${told}`);
  return faults;
}

/** Each sets its own variable, and nobody says from which revision. */
async function ownFields(scene: Scene, rounds: number): Promise<Rounds> {
  const violations: string[] = [];
  let together = 0;
  for (let round = 1; round <= rounds; round += 1) {
    const before = await scene.seen();
    const edit = (variable: string) => ({ variable, value: String(round), expected: 0n });
    const pair = await scene.round([edit("A"), edit("B")]);
    const { revision, env } = await scene.seen();
    const both =
      pair.every(({ made }) => made !== undefined) && env["A"] === String(round) && env["B"] === String(round);
    if (!both || revision !== before.revision + 2)
      violations.push(
        `own fields, round ${round}: rev ${before.revision} became ${revision} with ${JSON.stringify(env)}`,
      );
    if (wereTogether(...pair)) together += 1;
  }
  return { rounds, together, violations };
}

async function onScene(work: (scene: Scene) => Promise<Report>): Promise<Report> {
  return await onServer(async (server, etcd) => {
    const [a, b] = [new Caller(server.listeners.grpc, "ann@desk"), new Caller(server.listeners.grpc, "ben@laptop")];
    try {
      await a.create();
      return await work(new Scene([a, b], new ObservedStore(etcd)));
    } finally {
      a.close();
      b.close();
    }
  });
}

async function check(size: Size): Promise<Report> {
  const rounds = size === "full" ? 200 : 20;
  return await onScene(async (scene) => {
    const [same, own] = [await sameField(scene, rounds), await ownFields(scene, rounds)];
    const violations = [...same.violations, ...own.violations];
    for (const { together } of [same, own])
      if (together < rounds * SHARE) violations.push(`only ${together} of ${rounds} rounds were at the same time`);
    console.error(
      `two-callers: ${rounds} rounds for one field, ${same.together} of them together; ` +
        `${rounds} for two fields, ${own.together} together`,
    );
    return { cases: 2 * rounds, violations };
  });
}

/** Nobody says from which revision the change was made, so the later one wins over what it has not seen. */
function control(): Promise<Report> {
  return onScene(async (scene) => {
    const { rounds, violations } = await sameField(scene, 5, false);
    return { cases: rounds, violations };
  });
}

export const twoCallers: Proof = { name: "two-callers", check, control };
