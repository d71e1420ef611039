// Names of managed containers, contracts.md 3: fixed by cluster, group, slot and generation, so that a retry never invents one.

import { encodeLabels } from "./labels.js";
import type { GroupRef } from "./reference.js";
import { sha256 } from "./sha256.js";

const LONGEST = 63;

const FORM = /\.[1-9]\d*\.[1-9]\d*-[0-9a-z]{6}$/;

/** Whether containerName() may have made it, for any group. */
export const isManagedName = (name: string): boolean => FORM.test(name);

/** "web.dev.frontend.1.3-k3f9x2": service, labels, slot, generation, and 6 characters that tell clusters, namespaces and group uids apart. */
export function containerName(
  owner: { clusterId: string; group: GroupRef; groupUid: string },
  slot: number,
  generation: number,
): string {
  const { clusterId, group, groupUid } = owner;
  const hash = BigInt(`0x${sha256([clusterId, group.namespace, groupUid].join("\n")).slice(0, 16)}`);
  const tail = `.${slot}.${generation}-${hash.toString(36).padStart(6, "0").slice(-6)}`;
  const labels = encodeLabels(group.labels)
    .replaceAll(",", ".")
    .replaceAll(/[^a-z0-9.-]/g, "-");
  const room = LONGEST - tail.length;
  const service = group.service.slice(0, room);
  const shortened = group.labels.length === 0 ? "" : `.${labels}`.slice(0, room - service.length).replace(/[.-]+$/, "");
  return `${service}${shortened}${tail}`;
}
