// Tabs in the address: one tab stop, arrows between them, `[` and `]` from anywhere on the page.

import { useKeys } from "../keys.js";

export interface Tab {
  readonly key: string;
  readonly title: string;
}

interface TabsProps {
  readonly label: string;
  readonly tabs: readonly Tab[];
  readonly chosen: string;
  readonly choose: (key: string) => void;
  /** Id of the element that the tabs change; give it role="tabpanel". */
  readonly panel: string;
}

export function Tabs({ label, tabs, chosen, choose, panel }: TabsProps) {
  const at = Math.max(
    0,
    tabs.findIndex(({ key }) => key === chosen),
  );
  const go = (step: number, focus: boolean) => {
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    choose(next.key);
    if (focus) document.getElementById(`${panel}-${next.key}`)?.focus();
  };
  useKeys({ "[": () => go(-1, false), "]": () => go(1, false) });
  return (
    <div class="tabs" role="tablist" aria-label={label}>
      {tabs.map(({ key, title }, index) => (
        <button
          type="button"
          key={key}
          id={`${panel}-${key}`}
          role="tab"
          aria-selected={index === at}
          aria-controls={panel}
          tabIndex={index === at ? 0 : -1}
          onClick={() => choose(key)}
          onKeyDown={(event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: tabs.length - 1 - at }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            go(step, true);
          }}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
