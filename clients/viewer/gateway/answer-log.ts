// The last changes of who can be found, over everything, so that a lookup can be shown with what its answer has been. Pure.

import type { ContainerRow, LookupAnswer } from "../wire.js";
import { isReady } from "./recorder.js";

const MOST_KEPT = 5_000;
const MOST_TOLD = 20;

interface Entry {
  readonly time: number;
  readonly revision: string;
  readonly group: string;
  readonly name: string;
  readonly isPut: boolean;
}

export class AnswerLog {
  #entries: Entry[] = [];

  /** A container became ready, or what is told of a ready one changed, or it is not ready any more. */
  note(
    row: ContainerRow,
    before: ContainerRow | undefined,
    at: { readonly time: number; readonly revision: string },
  ): void {
    const [was, is] = [before !== undefined && isReady(before), isReady(row)];
    if (was || is) this.#add({ ...at, group: row.group, name: row.name, isPut: is });
  }

  noteGone(row: ContainerRow, at: { readonly time: number; readonly revision: string }): void {
    if (isReady(row)) this.#add({ ...at, group: row.group, name: row.name, isPut: false });
  }

  /** Newest last; what changed at once is one. */
  of(groups: ReadonlySet<string>): LookupAnswer["changes"] {
    const steps: { time: number; revision: string; put: string[]; removed: string[] }[] = [];
    for (const { time, revision, group, name, isPut } of this.#entries) {
      if (!groups.has(group)) continue;
      const last = steps.at(-1);
      const step = last?.revision === revision ? last : { time, revision, put: [], removed: [] };
      if (step !== last) steps.push(step);
      (isPut ? step.put : step.removed).push(name);
    }
    return steps.slice(-MOST_TOLD);
  }

  #add(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length > MOST_KEPT) this.#entries = this.#entries.slice(MOST_KEPT / 10);
  }
}
