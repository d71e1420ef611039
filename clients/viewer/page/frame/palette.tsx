// Go anywhere, copy any command: Ctrl K.

import { useMemo, useState } from "preact/hooks";
import { copyText } from "../parts/copy.js";
import { navigate } from "../view.js";
import { Dialog } from "./dialog.js";
import { paletteIsOpen } from "./overlays.js";
import { type Target, targets } from "./targets.js";

export function Palette() {
  return (
    <Dialog open={paletteIsOpen} label="go to">
      <Finder />
    </Dialog>
  );
}

function Finder() {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(() => targets(text), [text]);
  const run = (target: Target | undefined) => {
    if (target === undefined) return;
    paletteIsOpen.value = false;
    if (target.kind === "copy") void copyText(target.value);
    else navigate(target.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(found.length - 1, at + 1));
    else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
    else if (event.key === "Enter") run(found[at]);
    else return;
    event.preventDefault();
  };
  return (
    <div class="finder">
      <input
        // biome-ignore lint/a11y/noAutofocus: the dialog is opened to type in it
        autoFocus
        type="text"
        role="combobox"
        aria-label="go to a screen, service, group, container or host, or copy a command"
        aria-expanded="true"
        aria-controls="targets"
        aria-activedescendant={found[at] === undefined ? undefined : `target-${at}`}
        placeholder="service, group, container, host, screen; or a command to copy"
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="targets" role="listbox" aria-label="found">
        {found.map((target, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the box has the keys
          <div
            key={`${target.kind} ${target.value}`}
            id={`target-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            ref={(element) => {
              if (index === at) element?.scrollIntoView({ block: "nearest" });
            }}
            onClick={() => run(target)}
          >
            <span class="muted">{target.what}</span> <code>{target.title}</code>
          </div>
        ))}
      </div>
      {found.length === 0 ? <p class="muted">nothing is called that</p> : null}
    </div>
  );
}
