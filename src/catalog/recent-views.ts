// Views at older revisions, so that the later pages of a list cost no read of the whole store each.

import type { CatalogView } from "../model/catalog.js";

const KEPT = 16;

export type RecentViews = {
  keep(view: CatalogView): void;
  /** A kept one, else read; a failed read is not kept. */
  at(revision: bigint): Promise<CatalogView>;
  /** After a snapshot: revisions may mean something else now. */
  forget(): void;
};

export function createRecentViews(read: (revision: bigint) => Promise<CatalogView>): RecentViews {
  const kept = new Map<bigint, Promise<CatalogView>>();
  const add = (revision: bigint, view: Promise<CatalogView>): void => {
    kept.delete(revision);
    kept.set(revision, view);
    const oldest = kept.keys().next();
    if (kept.size > KEPT && !oldest.done) kept.delete(oldest.value);
  };
  const readAndKeep = (revision: bigint): Promise<CatalogView> => {
    const view = read(revision).catch((error: unknown) => {
      if (kept.get(revision) === view) kept.delete(revision);
      throw error;
    });
    add(revision, view);
    return view;
  };
  return {
    keep: (view) => add(view.revision, Promise.resolve(view)),
    at: (revision) => kept.get(revision) ?? readAndKeep(revision),
    forget: () => kept.clear(),
  };
}
