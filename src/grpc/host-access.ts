// Config keys that reach the host. Refused unless the server was started with --allow-host-access.

import type { GroupConfig } from "../model/group.js";
import type { Report } from "./violations.js";

const NEEDS = "it reaches the host, and this server has no --allow-host-access";

export function checkHostAccess(config: GroupConfig, report: Report): void {
  for (const [i, volume] of (config.volumes ?? []).entries()) {
    if ("bind" in volume) report(`volumes[${i}].bind`, NEEDS, "HOST_ACCESS_REFUSED");
  }
  if (config.networks?.includes("host") === true) report("networks", NEEDS, "HOST_ACCESS_REFUSED");
  if (config.user !== undefined && isRoot(config.user)) report("user", `root: ${NEEDS}`, "HOST_ACCESS_REFUSED");
}

function isRoot(user: string): boolean {
  const name = user.split(":")[0] ?? "";
  return name === "root" || /^0+$/.test(name);
}
