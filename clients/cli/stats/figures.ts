// Figures of stats as people read them. Pure.

import { formatSize } from "../quantities.js";

/** What is used, and of how much; absent: not known, and no limit. */
export interface Share {
  readonly used: number | undefined;
  readonly limit: number | undefined;
}

/** Bytes a second, in and out. */
export interface Rates {
  readonly rx: number;
  readonly tx: number;
}

export const UNKNOWN = "-";

/** "0.41 of 0.5": cores. */
export function cpuText({ used, limit }: Share): string {
  if (used === undefined) return UNKNOWN;
  const text = used.toFixed(used < 1 ? 2 : 1);
  return limit === undefined ? text : `${text} of ${limit.toFixed(Number.isInteger(limit * 10) ? 1 : 2)}`;
}

const SIZES = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
] as const;

/** "703 of 768 MiB"; where one unit does not fit both, each has its own. */
export function memText({ used, limit }: Share): string {
  if (used === undefined) return UNKNOWN;
  if (limit === undefined) return formatSize(used);
  const [unit, size] = SIZES.find(([, bytes]) => limit >= bytes) ?? ["B", 1];
  if (used < size / 10 || unit === "B") return `${formatSize(used)} of ${formatSize(limit)}`;
  return `${short(used / size)} of ${short(limit / size)} ${unit}`;
}

const RATES = [
  ["GB/s", 1e9],
  ["MB/s", 1e6],
  ["kB/s", 1e3],
] as const;

/** "3.1/9.8 MB/s": in and out. */
export function netText(rates: Rates | undefined): string {
  if (rates === undefined) return UNKNOWN;
  const { rx, tx } = rates;
  const [unit, size] = RATES.find(([, bytes]) => Math.max(rx, tx) >= bytes) ?? ["B/s", 1];
  const digits = unit === "B/s" ? 0 : 1;
  return `${(rx / size).toFixed(digits)}/${(tx / size).toFixed(digits)} ${unit}`;
}

function short(value: number): number {
  return Number(value.toFixed(value >= 100 ? 0 : 1));
}

const NEAR = 0.9;

/** More than nine tenths of what it may have. */
export function isNearLimit({ used, limit }: Share): boolean {
  return used !== undefined && limit !== undefined && limit > 0 && used / limit > NEAR;
}

const BLOCKS = [..."▁▂▃▄▅▆▇█"];
const PLAIN = [..."_.:-=+*#"];

/** One character for each value, oldest first, between nothing and `full`; a space for one that is not known. */
export function sparkline(values: readonly (number | undefined)[], full: number, isUtf8: boolean): string {
  const steps = isUtf8 ? BLOCKS : PLAIN;
  const step = (value: number): number => Math.min(steps.length - 1, Math.floor((value / full) * steps.length));
  return values.map((value) => (value === undefined || full <= 0 ? " " : (steps[step(value)] ?? " "))).join("");
}

/** What a terminal shows, by the environment: the first of these that says anything. */
export function saysUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  const said = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((value) => value !== undefined && value !== "");
  return said !== undefined && /utf-?8/i.test(said);
}
