// Bars and small curves: how much of something there is.

/** A part of a whole, with its words beside it. `tone` only where the figure means trouble. */
export function Meter({ value, most, label, tone = "plain" }: MeterProps) {
  const part = most > 0 ? Math.min(1, Math.max(0, value / most)) : 0;
  return (
    <span class={`meter ${tone}`} role="img" aria-label={label}>
      <span style={{ width: `${part * 100}%` }} />
    </span>
  );
}

interface MeterProps {
  readonly value: number;
  readonly most: number;
  /** What a screen reader says of it. */
  readonly label: string;
  readonly tone?: "plain" | "ok" | "busy" | "warn" | "bad";
}

export interface Stretch {
  readonly value: number;
  readonly tone: "ok" | "busy" | "warn" | "bad" | "muted" | "old" | "new";
}

/** Stretches side by side out of `most`: new and old containers, containers by host. `mark` draws a line at a value. */
export function Bar({ parts, most, label, mark }: BarProps) {
  const whole = Math.max(
    most,
    parts.reduce((sum, { value }) => sum + value, 0),
    1,
  );
  return (
    <span class="bar" role="img" aria-label={label}>
      {parts.map(({ value, tone }) => (
        <span key={tone} class={tone} style={{ width: `${(value / whole) * 100}%` }} />
      ))}
      {mark === undefined ? null : <i style={{ left: `${(Math.min(mark, whole) / whole) * 100}%` }} />}
    </span>
  );
}

interface BarProps {
  readonly parts: readonly Stretch[];
  readonly most: number;
  readonly label: string;
  readonly mark?: number;
}

const WIDE = 60;
const HIGH = 16;

/** A curve of the last values; a null is a gap. */
export function Sparkline({ values, most, label }: SparklineProps) {
  const top = Math.max(most ?? 0, ...values.map((value) => value ?? 0), 1e-9);
  const step = values.length > 1 ? WIDE / (values.length - 1) : WIDE;
  let path = "";
  let drawing = false;
  values.forEach((value, at) => {
    if (value !== null)
      path += `${drawing ? "L" : "M"}${(at * step).toFixed(1)} ${(HIGH - 1 - (value / top) * (HIGH - 2)).toFixed(1)}`;
    drawing = value !== null;
  });
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDE} ${HIGH}`} role="img" aria-label={label} preserveAspectRatio="none">
      <path d={path} />
    </svg>
  );
}

interface SparklineProps {
  readonly values: readonly (number | null)[];
  readonly most?: number;
  readonly label: string;
}
