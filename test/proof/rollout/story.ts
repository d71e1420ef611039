// What the store says of a group's rollouts, as etcdctl tells it.

import type { ObservedGroup } from "../../support/observed-group.js";
import type { ObservedStore } from "../observed-store.js";

export type SeenRollout = {
  readonly to: number;
  readonly state: string;
  readonly back_by?: number;
  readonly takes_back?: number;
  readonly superseded_by?: number;
  readonly failure?: { readonly reason: string; readonly text: string };
};

export type SeenConfig = {
  readonly config_revision: number;
  readonly change: { readonly actor: string };
  readonly config: { readonly instances?: number; readonly env?: Readonly<Record<string, string>> };
};

/** Of the group as it stands; fails where there is none. */
export async function configOf(store: ObservedStore, group: ObservedGroup): Promise<SeenConfig> {
  const key = `${group.key}/config`;
  const text = (await store.under(key)).get(key);
  if (text === undefined) throw new Error(`there is no ${key}`);
  return JSON.parse(text) as SeenConfig;
}

/** Newest first. */
export async function rolloutsOf(store: ObservedStore, group: ObservedGroup): Promise<readonly SeenRollout[]> {
  const key = `/theseus/rollouts/default/${await group.uid()}`;
  const text = (await store.under(key)).get(key);
  return text === undefined ? [] : (JSON.parse(text) as { rollouts: SeenRollout[] }).rollouts;
}
