// Keys that act on every screen.

import { useKeys } from "../keys.js";
import { togglePause } from "../live/fleet.js";
import { switchTheme } from "../theme.js";
import { navigate, route, up } from "../view.js";
import { PARENTS, SCREENS, screenHref } from "./navigation.js";
import { helpIsOpen, paletteIsOpen } from "./overlays.js";

export function usePageKeys(): void {
  useKeys(
    {
      ...Object.fromEntries(SCREENS.map(([name, key]) => [`g ${key}`, () => navigate(screenHref(name))])),
      "ctrl-k": () => {
        paletteIsOpen.value = true;
      },
      "?": () => {
        helpIsOpen.value = true;
      },
      t: switchTheme,
      p: togglePause,
      l: () => navigate(screenHref("logs")),
      Escape: () => {
        const parent = PARENTS[route.peek()];
        if (parent === undefined) return false;
        navigate(up(parent));
        return true;
      },
    },
    "page",
  );
}
