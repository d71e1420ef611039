// Small choices that this browser keeps: theme, keys, pins. A browser that keeps nothing is no failure.

import { effect, type Signal } from "@preact/signals";

/** Gives the signal its kept value, and keeps what it becomes. */
export function kept(name: string, value: Signal<string>): Signal<string> {
  const key = `theseus.${name}`;
  try {
    value.value = localStorage.getItem(key) ?? value.peek();
  } catch {
    return value;
  }
  effect(() => {
    try {
      localStorage.setItem(key, value.value);
    } catch {
      // Full or forbidden: the choice holds until the page is closed.
    }
  });
  return value;
}
