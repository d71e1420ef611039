// Keys that the group file knows and that do nothing yet. Their defaults are taken, every other value is refused, so
// that nobody relies on what is not there. Whoever builds one of them removes its line.

import { DEFAULTS } from "../model/defaults.js";
import type { GroupConfig } from "../model/group.js";
import type { Report } from "./violations.js";

type Promised = {
  readonly field: string;
  readonly value: (config: GroupConfig) => unknown;
  /** The only value that may be set. */
  readonly accepted: unknown;
  /** How that value is written. */
  readonly written: string;
};

const { lost } = DEFAULTS;

export const NOT_YET_EFFECTIVE: readonly Promised[] = [
  { field: "lost.after", value: (c) => c.lost?.after, accepted: lost.after, written: "30s" },
  { field: "lost.on_return", value: (c) => c.lost?.onReturn, accepted: lost.onReturn, written: lost.onReturn },
];

export function checkEffective(config: GroupConfig, report: Report): void {
  for (const { field, value, accepted, written } of NOT_YET_EFFECTIVE) {
    const asked = value(config);
    if (asked !== undefined && asked !== accepted) {
      report(field, `it does nothing yet; leave it out, or set it to ${written}`, "NOT_YET_EFFECTIVE");
    }
  }
}
