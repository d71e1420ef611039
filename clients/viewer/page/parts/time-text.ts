// Times and lengths of time in few characters. Pure.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (number: number): string => String(number).padStart(2, "0");

/** "6 s" "2 m 10 s" "3 h 5 m" "41 d"; never below zero. */
export function durationText(milliseconds: number): string {
  const time = Math.max(0, milliseconds);
  if (time < MINUTE) return `${Math.floor(time / SECOND)} s`;
  if (time < HOUR) return pair(time, MINUTE, "m", SECOND, "s");
  if (time < DAY) return pair(time, HOUR, "h", MINUTE, "m");
  return `${Math.floor(time / DAY)} d`;
}

/** How long something took: "0.9 s" below ten seconds, then as above. */
export function lastedText(milliseconds: number): string {
  const time = Math.max(0, milliseconds);
  return time < 10 * SECOND ? `${(Math.floor(time / 100) / 10).toFixed(1)} s` : durationText(time);
}

function pair(time: number, big: number, bigWord: string, ...[small, smallWord]: [number, string]): string {
  const rest = Math.floor((time % big) / small);
  return `${Math.floor(time / big)} ${bigWord}${rest === 0 ? "" : ` ${rest} ${smallWord}`}`;
}

/** "6 s" "2 m" "3 h" "41 d": for a narrow column. */
export function ageText(milliseconds: number): string {
  const time = Math.max(0, milliseconds);
  if (time < MINUTE) return `${Math.floor(time / SECOND)} s`;
  if (time < HOUR) return `${Math.floor(time / MINUTE)} m`;
  if (time < 2 * DAY) return `${Math.floor(time / HOUR)} h`;
  return `${Math.floor(time / DAY)} d`;
}

/** "14:02:31" in the browser's time zone. */
export function clockText(time: number): string {
  const date = new Date(time);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** "2026-11-22 14:02:31" in the browser's time zone. */
export function dateText(time: number): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clockText(time)}`;
}
