// The box in which the filter is typed, with suggestions and what each of them finds. It acts while one types.

import { useRef, useState } from "preact/hooks";
import { groupsHere } from "../filter/lists.js";
import { filterProblem, filterText, isTyping } from "../filter/state.js";
import { type Suggestion, suggest, vocabulary, wordAt } from "../filter/vocabulary.js";
import { useKeys } from "../keys.js";
import { fleet } from "../live/fleet.js";
import { setQuery } from "../view.js";

const MOST = 8;

export function FilterBox() {
  const input = useRef<HTMLInputElement>(null);
  const words = useRef<readonly Suggestion[]>([]);
  const before = useRef<Element | null>(null);
  const [offered, setOffered] = useState<readonly Suggestion[]>([]);
  const [chosen, setChosen] = useState(-1);
  const focus = () => {
    if (document.activeElement !== input.current) before.current = document.activeElement;
    input.current?.focus();
    input.current?.select();
  };
  const isHere = () => document.activeElement === input.current;
  useKeys({
    "/": focus,
    // The browser's own find cannot see rows that are not drawn; a second press is the browser's.
    "ctrl-f": () => (isHere() ? false : focus()),
  });
  const close = () => {
    setOffered([]);
    setChosen(-1);
  };
  const offer = () => {
    const { value, selectionStart } = input.current ?? { value: "", selectionStart: 0 };
    const { word } = wordAt(value, selectionStart ?? value.length);
    setOffered(word === "" ? [] : suggest(words.current, word, MOST));
    setChosen(-1);
  };
  const take = ({ term }: Suggestion) => {
    const box = input.current;
    if (box === null) return;
    const caret = box.selectionStart ?? box.value.length;
    const { from } = wordAt(box.value, caret);
    const next = `${box.value.slice(0, from)}${term} ${box.value.slice(caret).trimStart()}`;
    setQuery({ filter: next });
    close();
  };
  const leave = () => {
    close();
    // A row that the filter has hidden cannot have the focus back.
    const back = before.current;
    if (back instanceof HTMLElement && back.isConnected && back !== document.body) back.focus();
    else document.getElementById("main")?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const picked = offered[chosen];
    const acts: Readonly<Record<string, () => void>> = {
      ArrowDown: () => setChosen(turned(chosen, 1, offered.length)),
      ArrowUp: () => setChosen(turned(chosen, -1, offered.length)),
      Enter: () => (picked === undefined ? leave() : take(picked)),
      Escape: () => (offered.length > 0 ? close() : leave()),
      ...(picked === undefined ? {} : { Tab: () => take(picked) }),
    };
    const act = Object.hasOwn(acts, event.key) ? acts[event.key] : undefined;
    if (act === undefined) return;
    act();
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search class="filter">
      <input
        ref={input}
        id="filter"
        type="text"
        role="combobox"
        aria-label="filter"
        aria-autocomplete="list"
        aria-expanded={offered.length > 0}
        aria-controls="filter-words"
        aria-activedescendant={chosen >= 0 ? `filter-word-${chosen}` : undefined}
        aria-invalid={filterProblem.value !== undefined}
        aria-describedby={filterProblem.value === undefined ? undefined : "filter-problem"}
        placeholder="filter: prod !canary state:rolling"
        autocomplete="off"
        spellcheck={false}
        value={filterText.value}
        onFocus={() => {
          words.current = vocabulary(groupsHere.peek(), fleet.containers.all());
          isTyping.value = true;
        }}
        onBlur={() => {
          isTyping.value = false;
          close();
        }}
        onInput={(event) => {
          setQuery({ filter: event.currentTarget.value });
          offer();
        }}
        onKeyDown={onKeyDown}
      />
      <kbd>/</kbd>
      <div id="filter-words" role="listbox" aria-label="suggestions" hidden={offered.length === 0}>
        {offered.map((one, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box has the keys
          <div
            key={one.term}
            id={`filter-word-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(one)}
          >
            <code>{one.term}</code>{" "}
            <span class="muted">{`${one.count.toLocaleString("en")} ${one.count === 1 ? one.what.slice(0, -1) : one.what}`}</span>
          </div>
        ))}
      </div>
    </search>
  );
}

/** Round through the suggestions and back into the box, which is -1. */
const turned = (chosen: number, step: number, count: number): number =>
  ((chosen + 1 + step + count + 1) % (count + 1)) - 1;
