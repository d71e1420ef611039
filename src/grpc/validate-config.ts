// Everything that a whole config must be, over the model's config: what a caller asked for has been converted, what
// is stored has been merged in. Reports all violations, with paths as in the group file.

import type { GroupConfig } from "../model/group.js";
import { checkHostAccess } from "./host-access.js";
import { checkEffective } from "./not-yet-effective.js";
import { checkContainer } from "./validate-container.js";
import { checkPolicies } from "./validate-policies.js";
import { checkPorts } from "./validate-ports.js";
import { checkStorage } from "./validate-storage.js";
import type { Report } from "./violations.js";

export type ConfigRules = {
  /** The server was started with --allow-host-access. */
  readonly allowHostAccess: boolean;
};

export function checkConfig(config: GroupConfig, rules: ConfigRules, report: Report): void {
  checkContainer(config, report);
  checkPorts(config, report);
  checkStorage(config, report);
  checkPolicies(config, report);
  checkEffective(config, report);
  if (!rules.allowHostAccess) checkHostAccess(config, report);
}
