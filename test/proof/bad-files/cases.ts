// The bad files of one run: every key with every fault, several faults at once, files that are wrong as a whole.

import { type Fault, faultsOf, KINDS, type Planted } from "./faults.js";
import { SAMPLES, type Sample } from "./good-files.js";
import type { Case } from "./judge.js";
import { type Spot, unseen, walk } from "./schema.js";
import { betweenKeys, type Told, wholeFiles } from "./whole-files.js";
import { copyOf, type Written, write } from "./yaml-tree.js";

const FILE = "bad.yaml";

/** Parts of the schema that no sample has, so that nothing was planted there. */
export function keysWithoutSample(): string[] {
  const seen = new Set(SAMPLES.flatMap(({ root }) => [...walk(root).seen]));
  return unseen(seen).map((key) => `no sample has ${key}: nothing could be planted there`);
}

/** Every spot with every fault; or, of each spot, one fault, so that each kind comes round. */
export function singleFaults(every: boolean): Case[] {
  const all = SAMPLES.flatMap((sample) => walk(sample.root).spots.map((spot) => ({ sample, spot })));
  const chosen = all.flatMap(({ sample, spot }, i) => {
    const faults = faultsOf(spot);
    return (every ? faults : oneOf(faults, i)).map((fault) => ({ sample, fault }));
  });
  return chosen.map(({ sample, fault }, i) => planted(sample, [fault], { json: i % 8 === 7 }));
}

function oneOf(faults: readonly Fault[], turn: number): Fault[] {
  const kinds = KINDS.filter((kind) => faults.some((fault) => fault.kind === kind));
  const ofKind = faults.filter(({ kind }) => kind === kinds[turn % kinds.length]);
  return ofKind.slice(turn % ofKind.length).slice(0, 1);
}

/** @param random from 0 to 1. */
export function severalFaults(count: number, random: () => number): Case[] {
  const [sample] = SAMPLES;
  if (sample === undefined) return [];
  const { spots } = walk(sample.root);
  return Array.from({ length: count }, (_, i) => {
    const wanted = 2 + Math.floor(random() * 11);
    const chosen: Fault[] = [];
    // A fault in `groups` as a whole leaves room for little else.
    for (let tries = 0; tries < 100 && chosen.length < wanted; tries += 1) {
      const spot = pick(spots, random);
      if (!chosen.some(({ path }) => touches(path, spot.path))) chosen.push(pick(faultsOf(spot), random));
    }
    return planted(sample, chosen, { json: i % 4 === 3 });
  });
}

function pick<T>(list: readonly T[], random: () => number): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error("nothing to pick from");
  return one;
}

/** One is above the other, or they are keys of one map: a misspelt key may then be that of another fault. */
function touches(a: Spot["path"], b: Spot["path"]): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).join("\0") === b.slice(0, length).join("\0");
}

function planted(sample: Sample, faults: readonly Fault[], { json }: { readonly json: boolean }): Case {
  const root = copyOf(sample.root);
  const parts = faults.flatMap((fault) => fault.plant(root));
  const written = write(root);
  return {
    name: faults.map(({ kind, what }) => `${kind}: ${what}`).join("; "),
    files: [{ name: FILE, bytes: Buffer.from(written.text) }],
    told: parts.map((part) => toldOf(part, written)),
    follows: [
      ...faults.flatMap(consequences),
      ...(sample.refused === undefined ? [] : [`${pathText(sample.refused)}`]),
    ],
    json,
  };
}

function toldOf({ part, says }: Planted, written: Written): Told & { file: string } {
  return { file: FILE, ...written.place(part), ...(says === undefined ? {} : { says }) };
}

/** What hangs together: what stands above the fault, what stands in it, and checks that name a port. */
function consequences({ path }: Fault): string[] {
  const above = path.map((_, i) => `${pathText(path.slice(0, i + 1))}: `);
  const [top, group = "", block] = path;
  const checks = top === "groups" && block === "ports" ? [pathText([top, group, "health"])] : [];
  return [...above, `${pathText(path)}.`, `${pathText(path)}[`, ...checks];
}

function pathText(path: Spot["path"]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** What no schema can say; and a good file beside a bad one, which does not save it. */
export function otherCases(): Case[] {
  const [good] = SAMPLES;
  const cases = [...wholeFiles(), ...betweenKeys()].map(({ name, bytes, told }, i): Case => {
    const one = { name, files: [{ name: FILE, bytes }], told: told.map((place) => ({ ...place, file: FILE })) };
    return { ...one, json: i % 8 === 7 };
  });
  const [first, second] = [cases[0], cases.at(-1)];
  if (good === undefined || first === undefined || second === undefined) return cases;
  const named = (one: Case, file: string) => ({
    files: one.files.map(({ bytes }) => ({ name: file, bytes })),
    told: one.told.map((place) => ({ ...place, file })),
  });
  const [a, b] = [named(first, "a.yaml"), named(second, "b.yaml")];
  const fine = { name: "good.yaml", bytes: Buffer.from(write(good.root).text) };
  return [
    ...cases,
    {
      name: "two bad files and a good one",
      files: [fine, ...a.files, ...b.files],
      told: [...a.told, ...b.told],
      json: false,
    },
  ];
}
