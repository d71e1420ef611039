// The address bar as signals: what is shown now, going elsewhere, and back.

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import {
  address,
  changedQuery,
  isFilteredScreen,
  parseView,
  type QueryChange,
  type Route,
  upHref,
  type View,
} from "./view-url.js";

const present = signal<View>(parseView(location.pathname + location.search));

/** What the address bar says. Reading it in a component draws it anew when that changes. */
export const view: ReadonlySignal<View> = present;
export const route = computed(() => present.value.route);

/** The last screen with a filter that was shown. */
let left: View | undefined;
effect(() => {
  if (isFilteredScreen(present.value.route)) left = present.value;
});

/** The way up to a list, as one left it. */
export const up = (to: Exclude<Route, "unknown">): string => upHref(to, left, present.peek());

/** One name of the query, "" when it is not there; changes only when that name does. */
export function queryText(name: string): ReadonlySignal<string> {
  let known = texts.get(name);
  if (known === undefined) {
    known = computed(() => present.value.query[name] ?? "");
    texts.set(name, known);
  }
  return known;
}
const texts = new Map<string, ReadonlySignal<string>>();

/** Browsers refuse a page that writes its address with every key that is typed: the last one of a while is written. */
const WRITTEN_AFTER = 200;
let shown = location.pathname + location.search;
let unwritten: ReturnType<typeof setTimeout> | undefined;

function write(): void {
  clearTimeout(unwritten);
  if (unwritten !== undefined) history.replaceState(history.state, "", shown);
  unwritten = undefined;
}

/** Goes to an address of this page ("/groups?ns=shop"). `replace`: without a step in the history. */
export function navigate(to: string, how: { replace?: boolean } = {}): void {
  if (to === shown) return;
  if (!how.replace) write();
  shown = to;
  present.value = parseView(to);
  if (how.replace) {
    clearTimeout(unwritten);
    unwritten = setTimeout(write, WRITTEN_AFTER);
    return;
  }
  history.pushState(null, "", to);
}

/** Changes names of the query on the same screen. Replaces the present step unless told to `push` one. */
export function setQuery(change: QueryChange, how: { push?: boolean } = {}): void {
  const { path, query } = present.value;
  navigate(address(path, changedQuery(query, change)), { replace: !how.push });
}

/** The properties of a link to an address of this page: `<a {...link(href("groups"))}>`. Opens new tabs as links do. */
export function link(to: string): { href: string; onClick: (event: MouseEvent) => void } {
  return {
    href: to,
    onClick: (event) => {
      if (
        event.defaultPrevented ||
        event.button !== 0 ||
        event.metaKey ||
        event.ctrlKey ||
        event.shiftKey ||
        event.altKey
      )
        return;
      event.preventDefault();
      navigate(to);
    },
  };
}

/** Follows back and forward. @returns how to stop. */
export function followHistory(): () => void {
  const follow = () => {
    clearTimeout(unwritten);
    unwritten = undefined;
    shown = location.pathname + location.search;
    present.value = parseView(shown);
  };
  addEventListener("popstate", follow);
  addEventListener("pagehide", write);
  return () => {
    removeEventListener("popstate", follow);
    removeEventListener("pagehide", write);
  };
}
