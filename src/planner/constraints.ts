// The group's constraints against the labels of one host.

import type { GroupConfig } from "../model/group.js";
import type { HostView } from "../model/host.js";
import { parseSelector, unmetClauses } from "../model/selector.js";

/** What does not hold, in words; empty when the host may take the group's containers. */
export function unmetConstraints(config: GroupConfig, host: HostView): readonly string[] {
  const parsed = parseSelector(config.constraints ?? "");
  if ("problem" in parsed) return [parsed.problem];
  return unmetClauses(parsed.selector, host.labels).map((clause) => `its labels do not meet "${clause}"`);
}
