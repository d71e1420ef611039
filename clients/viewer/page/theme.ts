// Dark or light: the system's, until a person says otherwise; kept per browser.

import { effect, signal } from "@preact/signals";
import { kept } from "./kept.js";

/** "" as the system has it. */
export const theme = kept("theme", signal(""));

const systemIsDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

/** To the other one of what is seen. */
export function switchTheme(): void {
  const dark = theme.value === "" ? systemIsDark() : theme.value === "dark";
  theme.value = dark ? "light" : "dark";
}

/** @returns how to stop. */
export function applyTheme(): () => void {
  return effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === "dark" || theme.value === "light") dataset["theme"] = theme.value;
    else delete dataset["theme"];
  });
}
