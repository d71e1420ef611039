// The Docker labels that make a container ours, contracts.md 3. Pure.

import type { Ownership } from "../model/container.js";
import { decodeLabels, encodeLabels } from "../model/labels.js";

export const CLUSTER = "theseus.cluster";
export const GROUP_UID = "theseus.group-uid";
/** The config that the container was made from. It tells nobody whose the container is. */
export const CONFIG = "theseus.config";

/** Makes a container nobody's, only tried out: neither a group's nor the cluster's. Its value: `{cluster id}/{group uid}`. */
export const TRIAL = "theseus.trial";

export type DockerLabels = Readonly<Record<string, string>>;

export function ownershipLabels(owner: Ownership): Record<string, string> {
  return {
    [CLUSTER]: owner.cluster,
    "theseus.namespace": owner.group.namespace,
    "theseus.service": owner.group.service,
    "theseus.labels": encodeLabels(owner.group.labels),
    [GROUP_UID]: owner.groupUid,
    "theseus.slot": String(owner.slot),
    "theseus.generation": String(owner.generation),
    "theseus.config-revision": String(owner.configRevision),
    "theseus.fingerprint": owner.fingerprint,
  };
}

/** The inverse of ownershipLabels; undefined when a label is missing or not of a form that it makes. */
export function readOwnership(labels: DockerLabels): Ownership | undefined {
  const namespace = labels["theseus.namespace"];
  const service = labels["theseus.service"];
  const groupLabels = decodeLabels(labels["theseus.labels"] ?? "");
  const { [CLUSTER]: cluster, [GROUP_UID]: groupUid, "theseus.fingerprint": fingerprint } = labels;
  const slot = count(labels["theseus.slot"]);
  const generation = count(labels["theseus.generation"]);
  const configRevision = count(labels["theseus.config-revision"]);
  if (!namespace || !service || groupLabels === undefined || !cluster || !groupUid || !fingerprint) return undefined;
  if (slot === undefined || generation === undefined || configRevision === undefined) return undefined;
  const group = { namespace, service, labels: groupLabels };
  return { cluster, group, groupUid, slot, generation, configRevision, fingerprint };
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

/** The same container by every word that decides what it is; the config revision may differ without replacing it. */
export function sameOwner(one: Ownership, other: Ownership): boolean {
  return (
    one.cluster === other.cluster &&
    one.groupUid === other.groupUid &&
    one.slot === other.slot &&
    one.generation === other.generation &&
    one.fingerprint === other.fingerprint
  );
}
