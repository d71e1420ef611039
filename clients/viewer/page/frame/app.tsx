// The frame of every screen: who and where above, the truth below, and what is said in between.

import { computed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { shownGroups } from "../filter/lists.js";
import { isStale } from "../live/fleet.js";
import { assertive, polite } from "../live/notices.js";
import { groupRank } from "../live/order.js";
import { Screen } from "../screens/index.js";
import { route } from "../view.js";
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

export function App() {
  useEffect(
    () =>
      title.subscribe((text) => {
        document.title = text;
      }),
    [],
  );
  usePageKeys();
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
      <main id="main" tabIndex={-1} class={isStale.value ? "hatched" : undefined}>
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
