// Groups that stay at the top of the list; this browser remembers them.

import { computed, signal } from "@preact/signals";
import { kept } from "../kept.js";
import { notify } from "../live/notices.js";

const MOST = 8;

const stored = kept("pins", signal(""));
export const pins = computed<readonly string[]>(() => stored.value.split("\n").filter((id) => id !== ""));

/** A group is pinned, or is not any more. */
export function togglePin(id: string): void {
  const others = pins.value.filter((one) => one !== id);
  if (others.length === pins.value.length && others.length >= MOST) {
    notify(`${MOST} groups are pinned, which is the most`);
    return;
  }
  stored.value = (others.length === pins.value.length ? [...others, id] : others).join("\n");
}

export function Pin({ id, name }: { id: string; name: string }) {
  const pinned = pins.value.includes(id);
  return (
    <button
      type="button"
      class="pin"
      tabIndex={-1}
      aria-pressed={pinned}
      aria-label={`pin ${name}`}
      title={pinned ? "take from the top" : "keep at the top"}
      onClick={(event) => {
        event.stopPropagation();
        togglePin(id);
      }}
    >
      {pinned ? "★" : "☆"}
    </button>
  );
}
