// The bar over the page, when what is shown is not known to be so now.

import { useComputed } from "@preact/signals";
import type { ComponentChildren, FunctionComponent } from "preact";
import { second } from "../live/clock.js";
import { link, retryNow } from "../live/fleet.js";
import type { LinkWord } from "../live/link-word.js";
import { clockText, durationText } from "../parts/time-text.js";

export function LinkBar() {
  const word = useComputed(() => link.value.word).value;
  const Text = textOf(word);
  if (Text === undefined) return null;
  return (
    <div class="link-bar" key={word}>
      <span aria-hidden="true">▲</span>{" "}
      <p>
        <Text />
      </p>
    </div>
  );
}

function textOf(word: LinkWord["word"]): FunctionComponent | undefined {
  switch (word) {
    case "disconnected":
      return NotConnected;
    case "behind":
      return Behind;
    case "store-away":
      return StoreAway;
    case "server-away":
      return ServerAway;
    case "reading":
    case "live":
    case "reconnecting":
      return undefined;
  }
}

/** Said aloud once: what counts on stands outside of it. */
function Said({ children }: { children: ComponentChildren }) {
  return <span role="alert">{children}</span>;
}

function NotConnected() {
  const { since, nextTryIn } = link.value;
  const next = nextTryIn === 0 ? "Trying now" : `Next try in ${Math.ceil(nextTryIn / 1_000)} s`;
  return (
    <>
      <Said>Not connected since {clockText(since)}</Said> ({durationText(Date.now() - since)}). This is the last known
      state. {next}{" "}
      <button type="button" onClick={retryNow}>
        now
      </button>
    </>
  );
}

function Behind() {
  const since = clockText(link.value.since);
  return (
    <>
      <Said>Theseus answers but does not tell this viewer what changes since {since}.</Said> This is the last known
      state. It is asked again by itself.
    </>
  );
}

function StoreAway() {
  const since = clockText(link.value.since);
  return (
    <Said>
      Theseus answers but cannot read its store (etcd) since {since}. Running containers are not affected. Changes are
      refused.
    </Said>
  );
}

function ServerAway() {
  const { since } = link.value;
  return (
    <>
      <Said>Not connected since {clockText(since)}</Said> ({durationText(second.value - since)}). This is the last known
      state. The viewer answers, the Theseus server behind it does not; it is tried again by itself.
    </>
  );
}
