// What the gateway remembers: the rows as they are, what containers did, what rollouts were, and how answers changed.

import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { ContainerRow } from "../wire.js";
import { AnswerLog } from "./answer-log.js";
import { Blindness } from "./blindness.js";
import { Fleet } from "./fleet.js";
import type { GroupReading } from "./group-reader.js";
import { isReady, Recorder } from "./recorder.js";
import { RolloutBook } from "./rollout-book.js";
import { goesOn, rolloutRow } from "./rows.js";

/** A rollout that is over is looked at for some minutes. */
const KEPT_AFTER = 10 * 60_000;

interface Told {
  changed(): void;
  touched(ref: GroupRef): void;
}

export function createMemory() {
  let told: Told = { changed: () => undefined, touched: () => undefined };
  const now = Date.now;
  let revision = 0n;
  const at = () => ({ time: now(), revision: String(revision) });
  const book = new RolloutBook();
  const changes = new AnswerLog();
  const fleet: Fleet = new Fleet({
    changed: () => told.changed(),
    touched: (ref) => told.touched(ref),
    saw: (row: ContainerRow, before: ContainerRow | undefined) => {
      recorder.saw(row, before, now());
      changes.note(row, before, at());
    },
    gone: (row: ContainerRow) => {
      recorder.gone(row, now());
      changes.noteGone(row, at());
    },
  });
  const recorder = new Recorder((group) => fleet.containersOf(group));
  const rollouts: Pick<GroupReading, "rolloutRow" | "lacksRevisions" | "readRevisions" | "forget"> = {
    rolloutRow: (id, rollout) => {
      const row = rolloutRow(rollout);
      const isOn = goesOn(row);
      if (isOn || now() - row.ended < KEPT_AFTER) {
        recorder.keep(id, isOn ? Number.POSITIVE_INFINITY : now() + KEPT_AFTER, now());
        const ready = fleet.containersOf(id).filter(isReady);
        book.note(
          id,
          rollout,
          ready.map(({ rev }) => rev),
        );
      }
      return book.withImage(id, row);
    },
    forget: (id) => book.forget(id),
    lacksRevisions: (id, row) => row.state !== "done" && !book.knowsImage(id, row.from),
    readRevisions: (id, { from }, revisions) => {
      // One that is not kept any more is not asked for again.
      book.noteImage(id, from, "");
      for (const { configRevision, config } of revisions)
        book.noteImage(id, Number(configRevision), config?.image ?? "");
    },
  };
  const tellTo = (listener: Told) => {
    told = listener;
  };
  const reached = (newest: bigint) => {
    revision = newest;
  };
  return { reached, fleet, recorder, blindness: new Blindness(), book, changes, rollouts, tellTo };
}
