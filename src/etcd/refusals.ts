// The errors of the store's own rules, worded once.

import { TheseusError } from "../model/errors.js";
import type { ConfigRecord } from "../model/group.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import { type ContainerRef, formatGroup, type GroupRef, type ServiceRef } from "../model/reference.js";
import type { Holder } from "../model/registration.js";

const UNCHANGED = "nothing was changed";

/** " -n shop", or nothing in the default namespace. */
const inNamespace = (namespace: string): string => (namespace === DEFAULT_NAMESPACE ? "" : ` -n ${namespace}`);

export function noSuchGroup(ref: GroupRef): TheseusError {
  return new TheseusError("NO_SUCH_GROUP", {
    what: `there is no group ${formatGroup(ref)}`,
    why: [`${formatGroup(ref)} means exactly the labels {${ref.labels.join(", ")}} in namespace ${ref.namespace}`],
    now: UNCHANGED,
    next: [`theseus get groups ${ref.service}${inNamespace(ref.namespace)}`],
    group: ref,
  });
}

export function groupExists(ref: GroupRef): TheseusError {
  return new TheseusError("GROUP_EXISTS", {
    what: `group ${formatGroup(ref)} exists already`,
    now: UNCHANGED,
    next: [`theseus describe ${formatGroup(ref)}${inNamespace(ref.namespace)}`],
    group: ref,
  });
}

export function groupRemoving(ref: GroupRef): TheseusError {
  return new TheseusError("GROUP_REMOVING", {
    what: `group ${formatGroup(ref)} is being removed`,
    why: ["its containers are stopped first; after that it can be created anew"],
    now: UNCHANGED,
    next: [`theseus describe ${formatGroup(ref)}${inNamespace(ref.namespace)}`],
    group: ref,
  });
}

export function configConflict(ref: GroupRef, from: number, present: ConfigRecord): TheseusError {
  const { actor, message } = present.change;
  return new TheseusError("CONFLICT", {
    what: `${formatGroup(ref)} changed since you looked`,
    why: [`you changed rev ${from}; it is at rev ${present.configRevision}, by ${actor}${message && `: "${message}"`}`],
    now: "nothing of yours was changed",
    next: [`theseus describe ${formatGroup(ref)}${inNamespace(ref.namespace)}`],
    metadata: { expected: String(from), actual: String(present.configRevision) },
    group: ref,
  });
}

/** Others wrote the same keys again and again while this was tried. */
export function contended(what: string): TheseusError {
  return new TheseusError("CONFLICT", {
    what: `${what} is being changed by others at the same time`,
    why: ["every try found that another write had come first"],
    now: UNCHANGED,
    retryable: true,
  });
}

export function requestIdReused(requestId: string): TheseusError {
  return new TheseusError("REQUEST_ID_REUSED", {
    what: "this request id was used for another request",
    why: [`${requestId} was answered within the last 24 hours for a request with other content`],
    now: UNCHANGED,
    metadata: { request_id: requestId },
  });
}

export function noSuchNamespace(name: string): TheseusError {
  return new TheseusError("NO_SUCH_NAMESPACE", {
    what: `there is no namespace ${name}`,
    now: UNCHANGED,
    next: [`theseus namespace create ${name}`],
    metadata: { namespace: name },
  });
}

export function namespaceExists(name: string): TheseusError {
  return new TheseusError("NAMESPACE_EXISTS", {
    what: `namespace ${name} exists already`,
    now: UNCHANGED,
    metadata: { namespace: name },
  });
}

export function namespaceNotEmpty(name: string, why: string): TheseusError {
  return new TheseusError("NAMESPACE_NOT_EMPTY", {
    what: `namespace ${name} cannot be removed`,
    why: [why],
    now: UNCHANGED,
    next: [`theseus get services -n ${name}`],
    metadata: { namespace: name },
  });
}

export function noSuchService(ref: ServiceRef): TheseusError {
  return new TheseusError("NO_SUCH_SERVICE", {
    what: `there is no service ${ref.service}`,
    now: UNCHANGED,
    next: [`theseus get services${inNamespace(ref.namespace)}`],
    metadata: { service: ref.service, namespace: ref.namespace },
  });
}

export function serviceNotEmpty(ref: ServiceRef): TheseusError {
  return new TheseusError("SERVICE_NOT_EMPTY", {
    what: `service ${ref.service} has groups or containers`,
    now: UNCHANGED,
    next: [`theseus get groups ${ref.service}${inNamespace(ref.namespace)}`],
    metadata: { service: ref.service, namespace: ref.namespace },
  });
}

export function groupHasContainers(ref: GroupRef, count: number): TheseusError {
  return new TheseusError("CONFLICT", {
    what: `group ${formatGroup(ref)} has containers`,
    why: [`${count} of its containers have keys in the store`],
    now: UNCHANGED,
    group: ref,
  });
}

export function groupClosed(ref: GroupRef, why: string, next: readonly string[] = []): TheseusError {
  return new TheseusError("GROUP_CLOSED", {
    what: `group ${formatGroup(ref)} takes no containers from outside`,
    why: [why],
    now: UNCHANGED,
    next: [...next],
    group: ref,
  });
}

/** It has a config, which does not let others in. */
export function groupNotOpen(ref: GroupRef): TheseusError {
  return groupClosed(ref, "its config does not say open: true", [
    `theseus apply -f FILE${inNamespace(ref.namespace)}     with open: true for ${formatGroup(ref)} in FILE; or register into another group`,
  ]);
}

export function noSuchContainer(ref: ContainerRef): TheseusError {
  return new TheseusError("NO_SUCH_CONTAINER", {
    what: `there is no container ${ref.name} in ${formatGroup(ref)}`,
    now: UNCHANGED,
    next: [`theseus get containers ${formatGroup(ref)}${inNamespace(ref.namespace)}`],
    metadata: { container: ref.name },
    group: ref,
  });
}

export function containerExists(ref: ContainerRef): TheseusError {
  return new TheseusError("CONTAINER_EXISTS", {
    what: `container ${ref.name} exists already in ${formatGroup(ref)}`,
    now: UNCHANGED,
    metadata: { container: ref.name },
    group: ref,
  });
}

/** @param holderId as others may be told it. */
export function containerHeld(ref: ContainerRef, holder: Holder, holderId: string): TheseusError {
  const since = new Date(holder.since).toISOString();
  const host = holder.host === undefined ? "" : ` on host ${holder.host}`;
  return new TheseusError("CONTAINER_EXISTS", {
    what: `container ${ref.name} is registered by somebody else`,
    why: [`holder ${holderId}${host} has it in ${formatGroup(ref)} since ${since}`],
    now: UNCHANGED,
    next: [`theseus get containers ${formatGroup(ref)}${inNamespace(ref.namespace)}`],
    metadata: { container: ref.name, holder: holderId, host: holder.host ?? "", since },
    group: ref,
  });
}

/** @param whose "managed by Theseus", "a record that another hand has written". */
export function containerTaken(ref: ContainerRef, whose: string): TheseusError {
  return new TheseusError("CONTAINER_EXISTS", {
    what: `container ${ref.name} exists already in ${formatGroup(ref)}`,
    why: [`it is ${whose}`],
    now: UNCHANGED,
    next: [`theseus get containers ${formatGroup(ref)}${inNamespace(ref.namespace)}`],
    metadata: { container: ref.name },
    group: ref,
  });
}
