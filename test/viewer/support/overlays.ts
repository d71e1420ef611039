// What opens over a page, and the keys by which it does.

import type { Page } from "playwright-core";
import type { Screen } from "./screens.js";

export type Overlay = { readonly name: string; readonly show: (page: Page) => Promise<void> };

/** What they are shown on. */
export const UNDER: Screen = { name: "groups", path: "groups", screen: "groups" };

export const OVERLAYS: readonly Overlay[] = [
  { name: "palette", show: ({ keyboard }) => keyboard.press("Control+k") },
  { name: "keys", show: ({ keyboard }) => keyboard.press("?") },
  { name: "suggestions", show: ({ keyboard }) => keyboard.press("/").then(() => keyboard.type("st")) },
  { name: "columns", show: (page) => page.locator(".picker summary").click() },
];
