// The red bar on the pages of a group whose last rollout failed: until a person has opened it, or a later one succeeds.

import type { GroupRow } from "../../wire.js";
import { link } from "../view.js";
import { rolloutHref } from "../view-url.js";
import { isOpened } from "./opened.js";
import { fromHere, hasFailed } from "./story.js";

/** Nothing where nothing failed. */
export function FailedBar({ row }: { row: GroupRow | undefined }) {
  const rollout = row?.rollout ?? null;
  if (row === undefined || rollout === null || !hasFailed(rollout) || isOpened(row, rollout)) return null;
  const text = rollout.failure?.text ?? "";
  // The head of its group says it below.
  const why = row.attention.some((one) => one.text === text) ? "" : text;
  return (
    <div class="failed-bar" data-failed-bar={rollout.id}>
      <p role="alert">
        <span class="glyph" aria-hidden="true">
          ✗
        </span>{" "}
        <b>
          rollout {rollout.id} of {row.ref} {rollout.state.replaceAll("-", " ")}
        </b>
        {why === "" ? null : <span>: {why}</span>}
      </p>
      <p>
        now: {row.ready} of {row.wanted} ready · {fromHere(rollout, undefined)} ·{" "}
        <a {...link(rolloutHref(row, rollout.to))}>open it</a>
      </p>
    </div>
  );
}
