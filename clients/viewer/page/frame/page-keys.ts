// Keys that act on every screen.

import { useKeys } from "../keys.js";
import { fleet } from "../live/fleet.js";
import { switchTheme } from "../theme.js";
import { navigate, route } from "../view.js";
import { PARENTS, SCREENS, screenHref } from "./navigation.js";
import { helpIsOpen, paletteIsOpen } from "./overlays.js";

export function usePageKeys(): void {
  useKeys({
    ...Object.fromEntries(SCREENS.map(([name, key]) => [`g ${key}`, () => navigate(screenHref(name))])),
    "ctrl-k": () => {
      paletteIsOpen.value = true;
    },
    "?": () => {
      helpIsOpen.value = true;
    },
    t: switchTheme,
    p: () => fleet.pause(!fleet.paused.peek()),
    l: () => navigate(screenHref("logs")),
    Escape: () => {
      const parent = PARENTS[route.peek()];
      if (parent === undefined) return false;
      navigate(screenHref(parent));
      return true;
    },
  });
}
