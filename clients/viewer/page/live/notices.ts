// What the page says aloud: short notices on the screen, and lines that only screen readers hear.

import { type ReadonlySignal, signal } from "@preact/signals";

export interface Notice {
  readonly id: number;
  readonly text: string;
  /** Stays until it is closed; others leave by themselves. */
  readonly stays: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

const SHOWN_FOR = 6_000;
const MOST = 4;

const shown = signal<readonly Notice[]>([]);
const politely = signal("");
const urgently = signal("");
let last = 0;

export const notices: ReadonlySignal<readonly Notice[]> = shown;
export const polite: ReadonlySignal<string> = politely;
export const assertive: ReadonlySignal<string> = urgently;

/** Shows a notice. The same text is not shown twice at a time. */
export function notify(text: string, how: { stays?: boolean; action?: Notice["action"] } = {}): void {
  last += 1;
  const notice: Notice = {
    id: last,
    text,
    stays: how.stays ?? false,
    ...(how.action === undefined ? {} : { action: how.action }),
  };
  shown.value = atMost(MOST, [...shown.value.filter((other) => other.text !== text), notice]);
  if (!notice.stays) setTimeout(() => dismiss(notice.id), SHOWN_FOR);
}

/** Those that leave by themselves leave sooner, then the oldest. */
function atMost(most: number, all: readonly Notice[]): readonly Notice[] {
  if (all.length <= most) return all;
  const passing = all.findIndex(({ stays }) => !stays);
  return all.filter((_, at) => at !== Math.max(0, passing));
}

export function dismiss(id: number): void {
  shown.value = shown.value.filter((notice) => notice.id !== id);
}

/** For screen readers, when they have said what they are saying. */
export function sayPolitely(text: string): void {
  politely.value = again(text, politely.peek());
}

/** For screen readers, at once. */
export function sayAtOnce(text: string): void {
  urgently.value = again(text, urgently.peek());
}

/** A region whose text stays the same is silent: the same text a second time is another one by a space that nobody hears. */
const again = (text: string, before: string): string => (text !== "" && text === before ? `${text}\u00a0` : text);
