// Which groups carry a label, over all namespaces and services: a query that names no service looks at those alone.

import type { CatalogView, GroupEntry } from "../model/catalog.js";
import type { GroupQuery } from "../model/discovery.js";
import { encodeLabels } from "../model/labels.js";
import { type GroupRef, groupId } from "../model/reference.js";
import { matches } from "../model/selector.js";
import { serviceId } from "./buckets.js";
import { byText } from "./sorted.js";

/** Orders groups as views do. */
export function groupOrder(ref: GroupRef): string {
  return `${serviceId(ref)} ${encodeLabels(ref.labels)}`;
}

export class LabelIndex {
  readonly #carriers = new Map<string, Map<string, GroupRef>>();
  #version = {};

  /** Another one after each group that came or went. */
  get version(): object {
    return this.#version;
  }

  add(ref: GroupRef): void {
    this.#version = {};
    for (const label of ref.labels) {
      const carriers = this.#carriers.get(label) ?? new Map<string, GroupRef>();
      this.#carriers.set(label, carriers.set(groupId(ref), ref));
    }
  }

  remove(ref: GroupRef): void {
    this.#version = {};
    for (const label of ref.labels) {
      const carriers = this.#carriers.get(label);
      carriers?.delete(groupId(ref));
      if (carriers?.size === 0) this.#carriers.delete(label);
    }
  }

  /** The groups of the view that the query selects, in its order. The view has to be the one last built. */
  select(view: CatalogView, query: GroupQuery): readonly GroupEntry[] {
    const { namespace, service, selector } = query;
    const few = service === undefined ? this.#fewest(selector) : undefined;
    if (few === undefined) return view.groups(namespace, service).filter(({ ref }) => matches(selector, ref.labels));
    return [...few]
      .filter((ref) => (namespace === undefined || ref.namespace === namespace) && matches(selector, ref.labels))
      .map((ref) => ({ ref, order: groupOrder(ref) }))
      .sort((a, b) => byText(a.order, b.order))
      .flatMap(({ ref }) => view.group(ref) ?? []);
  }

  /** The groups with the rarest label that the selector insists on; undefined when it insists on none. */
  #fewest(selector: GroupQuery["selector"]): Iterable<GroupRef> | undefined {
    let fewest: ReadonlyMap<string, GroupRef> | undefined;
    for (const clause of selector) {
      const [term, ...others] = clause;
      if (term === undefined || term.negated || others.length > 0) continue;
      const carriers = this.#carriers.get(term.label) ?? new Map<string, GroupRef>();
      if (fewest === undefined || carriers.size < fewest.size) fewest = carriers;
    }
    return fewest?.values();
  }
}
