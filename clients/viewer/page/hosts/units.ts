// Sizes and cores in few characters. Pure.

const GIB = 1_073_741_824;

/** "6.1 of 16" cores; "–" where the host has not said. */
export const coresText = (used: number, all: number): string => (all > 0 ? `${trimmed(used)} of ${trimmed(all)}` : "–");

export const memoryText = (used: number, all: number): string =>
  all > 0 ? `${trimmed(used / GIB)} of ${trimmed(all / GIB)} GiB` : "–";

export const percentText = (used: number, all: number): string =>
  all > 0 ? `${Math.round((used / all) * 100)} %` : "–";

/** From here on a host has hardly room. */
export const isTight = (used: number, all: number): boolean => all > 0 && used / all >= 0.9;

function trimmed(value: number): string {
  return String(value >= 10 ? Math.round(value) : Math.round(value * 10) / 10);
}
