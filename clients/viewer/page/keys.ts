// Keys of the page. None acts while somebody types; letters and signs can be switched off (kept per browser).

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { kept } from "./kept.js";
import { isSingleSign, type KeyLayer, KeyLayers, type KeyMap } from "./key-layers.js";

const layers = new KeyLayers();
export const singleKeys = kept("keys", signal("on"));

/** While the component is there, its keys act. */
export function useKeys(keys: KeyMap, layer: KeyLayer = "part"): void {
  const map = useRef(keys);
  map.current = keys;
  useEffect(() => layers.add(map, layer), []);
}

const SECOND_KEY_WITHIN = 1_500;
let first = "";
let firstAt = 0;

/** @returns how to stop. */
export function listenToKeys(): () => void {
  const listen = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || isOverlaid()) return;
    const combined = withModifiers(event);
    if (combined !== "") {
      act(combined, event);
      return;
    }
    if (isHeldBack(event)) return;
    const pair = performance.now() - firstAt < SECOND_KEY_WITHIN ? `${first} ${event.key}` : "";
    first = "";
    if (pair.trim() !== "" && pair.includes(" ") && act(pair, event)) return;
    if (act(event.key, event)) return;
    first = event.key;
    firstAt = performance.now();
  };
  addEventListener("keydown", listen);
  return () => removeEventListener("keydown", listen);
}

const isHeldBack = ({ target, key }: KeyboardEvent): boolean =>
  isTyping(target) || (singleKeys.value === "off" && isSingleSign(key));

/** A dialog has all keys for itself. */
const isOverlaid = (): boolean => document.querySelector("dialog[open]") !== null;

/** "ctrl-k"; "" for a key without modifiers. Shift is part of the key itself. */
function withModifiers(event: KeyboardEvent): string {
  if (event.altKey) return `alt-${event.key.toLowerCase()}`;
  return event.ctrlKey || event.metaKey ? `ctrl-${event.key.toLowerCase()}` : "";
}

let acted = { key: "", at: 0 };
const JUST_NOW = 500;

/** This key was the last one that did something, a moment ago. */
export const hasJustActed = (key: string): boolean => acted.key === key && performance.now() - acted.at < JUST_NOW;

function act(key: string, event: KeyboardEvent): boolean {
  for (const run of layers.handlers(key)) {
    const before = acted;
    acted = { key, at: performance.now() };
    if (run(event) === false) {
      acted = before;
      continue;
    }
    event.preventDefault();
    return true;
  }
  return false;
}

const TYPED_IN = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest(TYPED_IN) !== null;
