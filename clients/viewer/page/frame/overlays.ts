// Which dialog is open over the page.

import { signal } from "@preact/signals";

export const helpIsOpen = signal(false);
export const paletteIsOpen = signal(false);
