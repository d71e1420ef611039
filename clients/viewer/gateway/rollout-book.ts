// What is remembered of rollouts between two reads: which config revisions count as theirs, and what image they come from.

import type { Rollout } from "../../gen/theseus/v1/rollout.js";
import type { RolloutRow } from "../wire.js";
import { alikeRevisions } from "./lanes.js";

const MOST_GROUPS = 2_000;

interface Page {
  /** By the revision of the rollout: those before it whose containers are as it makes them. */
  readonly alike: Map<number, Set<number>>;
  /** Images of config revisions. */
  readonly images: Map<number, string>;
}

export class RolloutBook {
  readonly #pages = new Map<string, Page>();

  /** @param ready the config revisions that ready containers of the group have. */
  note(group: string, rollout: Rollout, ready: Iterable<number>): void {
    const alike = alikeRevisions(rollout, ready);
    if (alike.length === 0) return;
    const to = Number(rollout.toRevision);
    const page = this.#page(group);
    page.alike.set(to, new Set([...(page.alike.get(to) ?? []), ...alike]));
  }

  /** A container of config revision `rev` is as the rollout of revision `to` makes them. */
  isOf(group: string, to: number, rev: number): boolean {
    return rev === to || this.#known(group)?.alike.get(to)?.has(rev) === true;
  }

  knowsImage(group: string, rev: number): boolean {
    return rev === 0 || this.#known(group)?.images.has(rev) === true;
  }

  noteImage(group: string, rev: number, image: string): void {
    this.#page(group).images.set(rev, image);
  }

  withImage(group: string, row: RolloutRow): RolloutRow {
    const image = this.#known(group)?.images.get(row.from);
    return image === undefined || image === "" ? row : { ...row, fromImage: image };
  }

  /** The group is gone: the revisions of another one of its name count anew. */
  forget(group: string): void {
    this.#pages.delete(group);
  }

  #page(group: string): Page {
    const known = this.#known(group);
    if (known !== undefined) return known;
    const [unused] = this.#pages.keys();
    if (this.#pages.size >= MOST_GROUPS && unused !== undefined) this.#pages.delete(unused);
    const page: Page = { alike: new Map(), images: new Map() };
    this.#pages.set(group, page);
    return page;
  }

  /** The one that was used last stands last. */
  #known(group: string): Page | undefined {
    const page = this.#pages.get(group);
    if (page === undefined) return undefined;
    this.#pages.delete(group);
    this.#pages.set(group, page);
    return page;
  }
}
