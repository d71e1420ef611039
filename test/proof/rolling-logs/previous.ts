// A bad version is taken back, and what its containers have said last is there after them, as they have it in their files.

import { GROUP, LAST_WORDS, type Scene } from "./scene.js";
import { byName, readTold } from "./told-lines.js";

const ROLLED_BACK = 8;

export type Previous = { readonly bad: ReadonlySet<string>; readonly violations: readonly string[] };

export async function badVersion(scene: Scene): Promise<Previous> {
  const { server } = scene;
  const before = new Set((await scene.written()).keys());
  const { code, stderr } = await server.theseus(["update", GROUP, "--env", "MODE=bad"]);
  const ended = code === ROLLED_BACK ? [] : [`the bad version ended with ${code}: ${stderr}`];
  const isBad = ([name, lines]: readonly [string, readonly string[]]) => !before.has(name) && lines[0] === "bad";
  const bad = new Map([...(await scene.written())].filter(isBad));
  const { stdout } = await server.theseus(["logs", GROUP, "--previous", "--tail", "all", "-o", "jsonl"]);
  const kept = byName(readTold(stdout));
  console.error(`rolling-logs: ${bad.size} containers of a bad version, the last lines of ${kept.size} are kept`);
  const strangers = [...kept.keys()].filter((name) => !bad.has(name)).map((name) => `${name} has not failed`);
  // Two of a slot are kept, of as many slots as were begun.
  const slots = new Set([...bad.keys()].map(slotOf));
  const silent = [...slots].filter((slot) => ![...kept.keys()].some((name) => slotOf(name) === slot));
  const violations = [
    ...ended,
    ...strangers,
    ...silent.map((slot) => `--previous has nothing of slot ${slot}`),
    ...(slots.size === 0 ? ["no container of the bad version was seen"] : []),
    ...[...kept].flatMap(([name, lines]) =>
      wrongTail(
        name,
        lines.map(({ line }) => line.slice(name.length + 1)),
      ),
    ),
  ];
  return { bad: new Set(bad.keys()), violations };
}

/** The streams lie side by side, so the last words may come before numbers of stderr. */
function wrongTail(name: string, said: readonly string[]): readonly string[] {
  const numbers = said.filter((line) => line !== LAST_WORDS).map(Number);
  const wanted = Array.from(numbers, (_, i) => 40 - numbers.length + i + 1);
  const isWhole = [...numbers].sort((a, b) => a - b).every((number, i) => number === wanted[i]);
  return isWhole && said.includes(LAST_WORDS) ? [] : [`--previous does not tell the last lines of ${name}: ${said}`];
}

/** Names end in slot and generation. */
const slotOf = (name: string): string => name.split(".").at(-2) ?? "";
