// A command line that can be copied: what a person would do, where a button that does it would be.

import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { notify } from "../live/notices.js";

/** Copies text, also where the page is not served over HTTPS. Says so in a notice. */
export async function copyText(text: string): Promise<boolean> {
  const done = await write(text);
  notify(done ? `copied: ${text}` : `cannot copy here; it is: ${text}`);
  return done;
}

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return writeOldWay(text);
  }
}

function writeOldWay(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  const before = document.activeElement;
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}

const SHOWN_FOR = 1_500;

/** The line as text, and a button. `label` says what it does when the line alone does not. */
export function CopyLine({ line, label }: { line: string; label?: string }) {
  return (
    <span class="copy-line">
      {label === undefined ? null : <span class="muted">{label}</span>}
      <code>{line}</code>
      <CopyButton text={line} what={label ?? line} />
    </span>
  );
}

export function CopyButton({ text, what, word = "copy" }: { text: string; what: string; word?: string }) {
  const [copied] = useState(() => signal(false));
  const copy = async () => {
    if (!(await copyText(text))) return;
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, SHOWN_FOR);
  };
  return (
    <button type="button" class="small" title={what} aria-label={`${word}: ${what}`} onClick={() => void copy()}>
      {copied.value ? "copied" : word}
    </button>
  );
}
