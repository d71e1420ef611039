// The bar over the page, when what is shown is not known to be so now.

import { useComputed } from "@preact/signals";
import { second } from "../live/clock.js";
import { link, retryNow } from "../live/fleet.js";
import { clockText, durationText } from "../parts/time-text.js";

export function LinkBar() {
  const word = useComputed(() => link.value.word).value;
  if (word === "disconnected") return <NotConnected />;
  if (word !== "store-away" && word !== "server-away") return null;
  return (
    <div class="link-bar" role="alert">
      <span aria-hidden="true">▲</span> <p>{word === "store-away" ? <StoreAway /> : <ServerAway />}</p>
    </div>
  );
}

function NotConnected() {
  const { since, nextTryIn } = link.value;
  const next = nextTryIn === 0 ? "Trying now" : `Next try in ${Math.ceil(nextTryIn / 1_000)} s`;
  return (
    <div class="link-bar">
      <span aria-hidden="true">▲</span>
      <p>
        Not connected since {clockText(since)} ({durationText(Date.now() - since)}). This is the last known state.{" "}
        {next}{" "}
        <button type="button" onClick={retryNow}>
          now
        </button>
      </p>
    </div>
  );
}

function StoreAway() {
  const since = clockText(link.value.since);
  return (
    <>
      Theseus answers but cannot read its store (etcd) since {since}. Running containers are not affected. Changes are
      refused.
    </>
  );
}

function ServerAway() {
  const { since } = link.value;
  return (
    <>
      Not connected since {clockText(since)} ({durationText(second.value - since)}). This is the last known state. The
      viewer answers, the Theseus server behind it does not; it is tried again by itself.
    </>
  );
}
