// Figures of use as people read them. Pure.

const UNITS = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
] as const;

/** "1.5 GiB", "512 MiB", "0 B" */
export function sizeText(bytes: number): string {
  for (const [unit, size] of UNITS) if (bytes >= size) return `${trimmed(bytes / size)} ${unit}`;
  return `${Math.round(bytes)} B`;
}

/** "12.3 kB/s" */
export function rateText(perSecond: number): string {
  if (perSecond >= 1e6) return `${trimmed(perSecond / 1e6)} MB/s`;
  if (perSecond >= 1e3) return `${trimmed(perSecond / 1e3)} kB/s`;
  return `${Math.round(perSecond)} B/s`;
}

/** Cores: "0.41", "1.4". */
export function cpuText(cores: number): string {
  return cores < 0.995 ? cores.toFixed(2) : cores.toFixed(1);
}

/** "0.41 of 0.5"; "–" where it could not be had. */
export function ofLimit(
  value: number | null | undefined,
  limit: number | null | undefined,
  text: (n: number) => string,
): string {
  if (value === null || value === undefined) return "–";
  return limit === null || limit === undefined || limit <= 0 ? text(value) : `${text(value)} of ${text(limit)}`;
}

function trimmed(value: number): string {
  return String(Number(value >= 100 ? value.toFixed(0) : value.toFixed(1)));
}
