// A state: glyph, word and colour; and smaller marks of the same kind.

import type { ComponentChildren } from "preact";
import { lookOf } from "./state-look.js";

/** `text` stands in for the word where more is to be said ("rolling 3 of 6"). */
export function State({ word, text }: { word: string; text?: string }) {
  const { glyph, tone } = lookOf(word);
  return (
    <span class={`state ${tone}`} data-state={word}>
      <span class="glyph" aria-hidden="true">
        {glyph}
      </span>
      <span>{text ?? word.replaceAll("-", " ")}</span>
    </span>
  );
}

/** The glyph alone, for where the word stands nearby or is read out. */
export function Glyph({ word }: { word: string }) {
  const { glyph, tone } = lookOf(word);
  return (
    <span class={`glyph ${tone}`} role="img" aria-label={word} data-state={word}>
      {glyph}
    </span>
  );
}

/** A number with its meaning, for header strips. */
export function Fact({ value, children }: { value: ComponentChildren; children: ComponentChildren }) {
  return (
    <span class="fact">
      <b>{value}</b> {children}
    </span>
  );
}
