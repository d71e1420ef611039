// What is watched or looked up, as programs write it, and the same as the wire has it.

import type { GroupRef, GroupSelector } from "./gen/theseus/v1/reference.js";
import type { Fields } from "./partial.js";

/** Every group that this selects. */
export interface Selected {
  /** Default: every service. */
  readonly service?: string;
  /** "a,b" or ["a", "b"] all of, "!x" not, "a|b" either. Default: every group. */
  readonly labels?: string | readonly string[];
  /** Default: "default". */
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
}

/** "web": all groups of a service. "web/dev,frontend", "web/-": exactly this group. Or as an object, both ways. */
export type WatchTarget = string | Selected | { readonly group: Fields<GroupRef> };

export type Target =
  | { readonly $case: "selector"; readonly value: Fields<GroupSelector> }
  | { readonly $case: "group"; readonly value: Fields<GroupRef> };

export function targetOf(target: WatchTarget, namespace?: string): Target {
  const within = namespace === undefined ? {} : { namespace };
  if (typeof target === "string") {
    const [service = "", labels] = target.split("/");
    if (labels === undefined) return { $case: "selector", value: { service, ...within } };
    return { $case: "group", value: { service, labels: labels === "-" ? [] : labels.split(","), ...within } };
  }
  if ("group" in target) return { $case: "group", value: target.group };
  const { labels = "", ...others } = target;
  return { $case: "selector", value: { ...others, labels: typeof labels === "string" ? labels : labels.join(",") } };
}

/** The same for people. */
export function textOfTarget({ $case, value }: Target): string {
  const service = value.service || "any service";
  if ($case === "selector") return value.labels ? `${service} -l ${value.labels}` : service;
  return `${service}/${value.labels?.join(",") || "-"}`;
}
