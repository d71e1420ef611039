// Which keys are those of groups within a part of the tree.

import type { KeyRange } from "../model/ports.js";
import type { Scope } from "../model/store.js";
import { below, GROUPS_RANGE, serviceKey, servicesPrefix } from "./keys.js";
import { parseKey } from "./parse-key.js";

/** Holds every key of a group in the scope, and maybe others. */
export function rangeOfGroups({ namespace, service }: Scope): KeyRange {
  if (namespace === undefined) return GROUPS_RANGE;
  return below(service === undefined ? servicesPrefix(namespace) : `${serviceKey({ namespace, service })}/`);
}

/** True for the keys of groups and containers in the scope, and for no other. */
export function isOfGroups(key: string, { namespace, service }: Scope): boolean {
  const parsed = parseKey(key);
  switch (parsed?.kind) {
    case "group":
    case "config":
    case "intent":
    case "info":
      return (
        (namespace ?? parsed.ref.namespace) === parsed.ref.namespace &&
        (service ?? parsed.ref.service) === parsed.ref.service
      );
    default:
      return false;
  }
}
