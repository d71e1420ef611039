// What `theseus logs -o jsonl` has told, and what is wrong with it. Each line of the program says by itself whose it is and
// the how many-th, so that nothing of what Theseus says about it has to be believed.

export type Told = { readonly t: string; readonly container: string; readonly line: string };

export function readTold(text: string): readonly Told[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Told);
}

type Lines = { readonly numbers: readonly number[]; readonly ends: readonly number[] };

/** By the name that the container has said itself: "NAME 17", and at last "NAME ended at 40". */
export function linesByName(told: readonly Told[]): ReadonlyMap<string, Lines> {
  const byName = new Map<string, { numbers: number[]; ends: number[] }>();
  for (const { line } of told) {
    const [name = "", ...rest] = line.split(" ");
    const lines = byName.get(name) ?? { numbers: [], ends: [] };
    byName.set(name, lines);
    if (rest[0] === "ended") lines.ends.push(Number(rest[2]));
    else lines.numbers.push(Number(rest[0]));
  }
  return byName;
}

/** @param ended names of those that are gone; @param last by name, the last number that the others have surely written. */
export function wrongLines(
  told: readonly Told[],
  ended: readonly string[],
  last: ReadonlyMap<string, number>,
): readonly string[] {
  const byName = linesByName(told);
  const nobody: Lines = { numbers: [], ends: [] };
  const ofEnded = ended.flatMap((name) => wrongEnd(name, byName.get(name) ?? nobody));
  const ofRunning = [...last].flatMap(([name, number]) => {
    const { numbers } = byName.get(name) ?? nobody;
    return (numbers.at(-1) ?? 0) < number ? [`${name}: line ${number} is missing`] : [];
  });
  const sequences = [...byName].flatMap(([name, { numbers }]) => wrongSequence(name, numbers));
  const strangers = told.filter(({ line, container }) => !line.startsWith(`${container} `));
  return [
    ...[...ofEnded, ...ofRunning, ...sequences],
    ...strangers.slice(0, 1).map(({ line, container }) => `"${line}" is said to be of ${container}`),
  ];
}

function wrongEnd(name: string, { numbers, ends }: Lines): string[] {
  const [end] = ends;
  if (ends.length !== 1 || end === undefined) return [`${name}: its last line was told ${ends.length} times`];
  return numbers.length === end ? [] : [`${name}: ${numbers.length} lines of ${end}`];
}

function wrongSequence(name: string, numbers: readonly number[]): string[] {
  const at = numbers.findIndex((number, index) => number !== index + 1);
  return at < 0 ? [] : [`${name}: line ${numbers[at]} was told as number ${at + 1}`];
}

/** How far, in milliseconds, a line comes after one that was written later, the farthest of all containers together. */
export function farthestBack(told: readonly Told[]): number {
  let latest = 0;
  let farthest = 0;
  for (const { t } of told) {
    // Nanoseconds are more than a number holds.
    const at = Date.parse(`${t.slice(0, 19)}Z`) + Number(t.slice(19, -1)) * 1000;
    latest = Math.max(latest, at);
    farthest = Math.max(farthest, latest - at);
  }
  return farthest;
}
