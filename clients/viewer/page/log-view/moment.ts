// A moment as a person types it. Pure but for the time zone of the machine.

/** "14:02", "14:02:31" of the last 24 hours, "2026-11-22 14:02:31", "-5m" or "5m" before now; undefined for anything else. */
export function momentOf(text: string, now: number): number | undefined {
  const typed = text.trim();
  const ago = /^-?(\d{1,5})\s?(s|m|h|d)$/.exec(typed);
  if (ago !== null) return now - Number(ago[1]) * { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 }[ago[2] as "s"];
  const clock = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(typed);
  if (clock !== null)
    return ofDay(
      now,
      clock.slice(1).map((part) => Number(part ?? 0)),
    );
  if (!/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?Z?$/.test(typed)) return undefined;
  const time = new Date(typed.replace(" ", "T")).getTime();
  return Number.isNaN(time) ? undefined : time;
}

function ofDay(now: number, [hours = 0, minutes = 0, seconds = 0]: readonly number[]): number | undefined {
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const day = new Date(now);
  day.setHours(hours, minutes, seconds, 0);
  if (day.getTime() > now) day.setDate(day.getDate() - 1);
  return day.getTime();
}
