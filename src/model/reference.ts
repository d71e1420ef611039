// References: the exact names of services, groups and slots, and their text form "web/dev,frontend:3".

import { encodeLabels, type LabelSet, labelSet } from "./labels.js";
import { DEFAULT_NAMESPACE } from "./names.js";

export type ServiceRef = { readonly namespace: string; readonly service: string };
export type GroupRef = ServiceRef & { readonly labels: LabelSet };
export type ContainerRef = GroupRef & { readonly name: string };

export function groupRef(service: string, labels: Iterable<string>, namespace = DEFAULT_NAMESPACE): GroupRef {
  return { namespace, service, labels: labelSet(labels) };
}

/** "web/dev,frontend", "web/-". The namespace is not part of it. */
export function formatGroup(ref: GroupRef): string {
  return `${ref.service}/${encodeLabels(ref.labels)}`;
}

export function formatSlot(ref: GroupRef, slot: number): string {
  return `${formatGroup(ref)}:${slot}`;
}

/** One text per group over all namespaces; for maps and logs. */
export function groupId(ref: GroupRef): string {
  return `${ref.namespace}/${formatGroup(ref)}`;
}
