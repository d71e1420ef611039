// The frame of every screen: who and where above, the truth below, and what is said in between.

import { computed } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { shownGroups } from "../filter/lists.js";
import { isStale } from "../live/fleet.js";
import { assertive, polite } from "../live/notices.js";
import { groupRank } from "../live/order.js";
import { Screen } from "../screens/index.js";
import { route, view } from "../view.js";
import { FilterChips } from "./filter-chips.js";
import { FilterProblem } from "./filter-problem.js";
import { Header } from "./header.js";
import { Help } from "./help.js";
import { LinkBar } from "./link-bar.js";
import { Navigation, SCREEN_TITLES } from "./navigation.js";
import { Notices } from "./notices.js";
import { usePageKeys } from "./page-keys.js";
import { Palette } from "./palette.js";
import { TruthBar } from "./truth-bar.js";

const title = computed(() => {
  const trouble = shownGroups.value.filter((row) => groupRank(row) === 0).length;
  const count = trouble === 0 ? "" : `${trouble} ✗ `;
  return `${isStale.value ? "(!) " : count}theseus ▸ ${SCREEN_TITLES[route.value]}`;
});

/** What the screen is about; what of it is shown may change without it. */
const place = computed(() => {
  const { path, query } = view.value;
  return [path, query["ns"], query["ref"], query["name"]].join(" ");
});

/** Another screen begins at its top; a focus that has gone with the screen before is in the new one. */
function useArrival(main: RefObject<HTMLElement | null>): void {
  const before = useRef(place.peek());
  const here = place.value;
  useEffect(() => {
    if (before.current === here) return;
    before.current = here;
    main.current?.scrollTo(0, 0);
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [here]);
}

export function App() {
  useEffect(
    () =>
      title.subscribe((text) => {
        document.title = text;
      }),
    [],
  );
  usePageKeys();
  const main = useRef<HTMLElement | null>(null);
  useArrival(main);
  return (
    <>
      <a class="skip" href="#main">
        skip to the content
      </a>
      <Header />
      <Navigation />
      <FilterProblem />
      <FilterChips />
      <LinkBar />
      <main id="main" ref={main} tabIndex={-1} class={isStale.value ? "hatched" : undefined}>
        <Screen />
      </main>
      <TruthBar />
      <Notices />
      <Palette />
      <Help />
      <div class="unseen" role="status" aria-live="polite">
        {polite}
      </div>
      <div class="unseen" role="alert" aria-live="assertive">
        {assertive}
      </div>
    </>
  );
}
