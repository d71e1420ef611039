// Above everything: what this is, which namespace, the filter, and what is not whole.

import { useComputed } from "@preact/signals";
import { namespace } from "../filter/state.js";
import { link as connection, fleet } from "../live/fleet.js";
import { link, navigate, route, setQuery, view } from "../view.js";
import { href } from "../view-url.js";
import { FilterBox } from "./filter-box.js";
import { PARENTS } from "./navigation.js";
import { helpIsOpen, paletteIsOpen } from "./overlays.js";

export function Header() {
  return (
    <header>
      <a class="brand" {...link(href("overview", { ns: namespace.value }))}>
        theseus
      </a>
      <NamespacePicker />
      <FilterBox />
      <Partial />
      <span class="header-end">
        <button type="button" onClick={() => (paletteIsOpen.value = true)}>
          go to <kbd>Ctrl K</kbd>
        </button>
        <button type="button" aria-label="all keys" onClick={() => (helpIsOpen.value = true)}>
          <kbd>?</kbd>
        </button>
      </span>
    </header>
  );
}

function NamespacePicker() {
  const known = fleet.namespaces.value;
  const chosen = namespace.value;
  const all = chosen === "" || known.includes(chosen) ? known : [...known, chosen];
  const choose = (ns: string) => {
    const parent = PARENTS[route.value];
    if (parent === undefined) setQuery({ ns }, { push: true });
    else navigate(href(parent, { ns, filter: view.value.query["filter"] }));
  };
  return (
    <label class="namespace">
      <span>ns</span>
      <select value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">all namespaces</option>
        {all.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A total is never shown as if it were whole. */
function Partial() {
  fleet.hosts.version.value;
  const word = useComputed(() => connection.value.word).value;
  // The bar over the page says that itself.
  const isSaid = word === "store-away" || word === "server-away";
  const problems = isSaid ? [] : (fleet.truth.value?.problems ?? []);
  const hosts = [...fleet.hosts.all()];
  const answering = hosts.filter(({ state }) => state === "ready").length;
  if (word === "reading" || (answering === hosts.length && problems.length === 0)) return null;
  return (
    <span class="partial" role="status">
      {answering === hosts.length ? null : (
        <a class="chip warn" {...link(href("hosts"))}>
          <span aria-hidden="true">▲</span> {answering} of {hosts.length} hosts
        </a>
      )}
      {problems.length === 0 ? null : (
        <span class="chip warn" title={problems.join("\n")}>
          <span aria-hidden="true">▲</span> {problems.length === 1 ? problems[0] : `${problems.length} problems`}
        </span>
      )}
    </span>
  );
}
