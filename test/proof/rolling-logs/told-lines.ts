// What `theseus logs -o jsonl` has told, and what is wrong with it against what the containers have written into their
// files, and against the order in which the engine has their lines.

import type { EngineLine } from "./engine-logs.js";

export type Told = {
  readonly t: string;
  readonly container: string;
  readonly stream: string;
  readonly line: string;
};

export function readTold(text: string): readonly Told[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Told);
}

/** By the name that the container has said itself: "NAME 17", and at last "NAME ended 40". */
export function byName(told: readonly Told[]): ReadonlyMap<string, readonly Told[]> {
  const all = new Map<string, Told[]>();
  for (const one of told) {
    const name = one.line.split(" ")[0] ?? "";
    const own = all.get(name) ?? [];
    all.set(name, own);
    own.push(one);
  }
  return all;
}

/** @param written by container, its own numbers, and "ended N" at last. */
export function wrongLines(
  told: ReadonlyMap<string, readonly Told[]>,
  written: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const unknown = [...told.keys()].filter((name) => !written.has(name)).map((name) => `nobody is called ${name}`);
  return [...unknown, ...[...written].flatMap(([name, lines]) => wrongOf(name, told.get(name) ?? [], lines))];
}

function wrongOf(name: string, told: readonly Told[], written: readonly string[]): readonly string[] {
  const said = told.map(({ line }) => line.slice(name.length + 1));
  const seen = new Set(said);
  const known = new Set(written);
  const lost = written.filter((line) => !seen.has(line));
  const faults = [
    [`${lost.length} lines are lost, the first is ${lost[0]}`, lost.length > 0],
    [`${said.length - seen.size} lines come twice`, said.length > seen.size],
    ["a line was never written", said.some((line) => !known.has(line))],
    ["a line is said to be of another container", told.some(({ container }) => container !== name)],
    ["stdout is out of order", !isCounted(told, "stdout")],
    ["stderr is out of order", !isCounted(told, "stderr")],
  ] as const;
  return faults.filter(([, isSo]) => isSo).map(([fault]) => `${name}: ${fault}`);
}

/** What one stream says stands in the order of its numbers, the end last. */
function isCounted(told: readonly Told[], stream: string): boolean {
  const numbers = told
    .filter((one) => one.stream === stream)
    .map(({ line }) => (line.includes(" ended ") ? Number.POSITIVE_INFINITY : Number(line.split(" ")[1])));
  return numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0));
}

/** Both streams of a container come as the engine has them, with the times that it gives. */
export function wrongOrder(
  told: ReadonlyMap<string, readonly Told[]>,
  engine: ReadonlyMap<string, readonly EngineLine[]>,
): readonly string[] {
  return [...engine].flatMap(([name, lines]) => {
    const own = (told.get(name) ?? []).map(({ t, stream, line }) => `${t} ${stream} ${line}`);
    const at = lines.findIndex((line, i) => own[i] !== line);
    return at < 0 ? [] : [`${name}: the engine has "${lines[at]}" as line ${at + 1}, told was "${own[at]}"`];
  });
}

export type Lateness = {
  /** Milliseconds, of the line that comes farthest behind one that was written later. */
  readonly farthest: number;
  /** Lines that come behind a later one at all; by more than 250 ms; and those of a container in its first second. */
  readonly back: number;
  readonly late: number;
  readonly young: number;
};

export function latenessOf(told: readonly Told[]): Lateness {
  const firsts = new Map<string, number>();
  let latest = 0;
  let [farthest, back, late, young] = [0, 0, 0, 0];
  for (const { t, container } of told) {
    // Nanoseconds are more than a number holds.
    const at = Date.parse(`${t.slice(0, 19)}Z`) + Number(t.slice(19, -1)) * 1000;
    const first = firsts.get(container) ?? at;
    firsts.set(container, first);
    latest = Math.max(latest, at);
    farthest = Math.max(farthest, latest - at);
    if (latest > at) back += 1;
    if (latest - at > 250) late += 1;
    if (latest - at > 250 && at - first < 1000) young += 1;
  }
  return { farthest, back, late, young };
}
