// The four lines of failures that handlers find themselves. Every command in them works as printed.

import type { CatalogView } from "../model/catalog.js";
import { TheseusError } from "../model/errors.js";
import type { ConfigRecord } from "../model/group.js";
import { encodeLabels } from "../model/labels.js";
import { DEFAULT_NAMESPACE } from "../model/names.js";
import { formatGroup, formatSlot, type GroupRef } from "../model/reference.js";
import { nearGroups, nearNames, supersets } from "./near-misses.js";

const UNCHANGED = "nothing was changed";

/** The flag that a command needs to mean this namespace. */
export function inNamespace(namespace: string): string {
  return namespace === DEFAULT_NAMESPACE ? "" : ` -n ${namespace}`;
}

/** Names the groups that contain these labels, or that are spelt nearly so. */
export function noSuchGroup(view: CatalogView, ref: GroupRef): TheseusError {
  const groups = view.groups(ref.namespace);
  const wider = supersets(groups, ref).map(formatGroup);
  const near = nearGroups(groups, ref).map(formatGroup);
  const flag = inNamespace(ref.namespace);
  const first = near[0];
  const all = ref.labels.length === 0 ? "" : ` -l ${encodeLabels(ref.labels)}`;
  return new TheseusError("NO_SUCH_GROUP", {
    what: `there is no group ${formatGroup(ref)}`,
    why: whyNoGroup(ref, wider, near),
    now: UNCHANGED,
    next: [
      ...(first === undefined ? [] : [`theseus describe ${first}${flag}`]),
      wider.length > 0 ? `theseus get groups ${ref.service}${all}${flag}` : `theseus get groups${flag}`,
    ],
    group: ref,
    metadata: { group: formatGroup(ref), namespace: ref.namespace, near_misses: near.join("\n") },
  });
}

function whyNoGroup(ref: GroupRef, wider: readonly string[], near: readonly string[]): string[] {
  const exact = `${formatGroup(ref)} means exactly the labels {${ref.labels.join(", ")}}`;
  if (wider.length > 0) return [`${exact}. these contain it: ${wider.join("  ")}`];
  if (near.length > 0) return [`${exact}. did you mean: ${near.join("  ")}`];
  const place = ref.namespace === DEFAULT_NAMESPACE ? "" : ` in namespace ${ref.namespace}`;
  return [`${exact}. no service ${ref.service} with nearly these labels is known${place}`];
}

export function noSuchNamespace(view: CatalogView, name: string): TheseusError {
  const names = view.namespaces().map((namespace) => namespace.name);
  const near = nearNames(names, name);
  return new TheseusError("NO_SUCH_NAMESPACE", {
    what: `there is no namespace ${name}`,
    why: [near.length > 0 ? `did you mean: ${near.join("  ")}` : `there are: ${names.slice(0, 8).join("  ")}`],
    now: UNCHANGED,
    next: [`theseus namespace create ${name}`],
    metadata: { name },
  });
}

export function noSuchService(view: CatalogView, namespace: string, service: string): TheseusError {
  const names = view.services(namespace).map((entry) => entry.ref.service);
  const near = nearNames(names, service);
  return new TheseusError("NO_SUCH_SERVICE", {
    what: `there is no service ${service}`,
    why: [near.length > 0 ? `did you mean: ${near.join("  ")}` : "no group of it is in the store"],
    now: UNCHANGED,
    next: [`theseus get services${inNamespace(namespace)}`],
    metadata: { name: `${namespace}/${service}`, near_misses: near.join("\n") },
  });
}

export function noSuchContainer(ref: GroupRef, which: string | number, has: readonly string[]): TheseusError {
  const name = typeof which === "number" ? formatSlot(ref, which) : which;
  const flag = inNamespace(ref.namespace);
  return new TheseusError("NO_SUCH_CONTAINER", {
    what: `there is no container ${name}`,
    why: [
      has.length === 0
        ? `${formatGroup(ref)} has no containers`
        : `${formatGroup(ref)} has: ${has.slice(0, 8).join("  ")}`,
    ],
    now: UNCHANGED,
    next: [`theseus get containers ${formatGroup(ref)}${flag}`],
    group: ref,
    metadata: { name, group: formatGroup(ref) },
  });
}

export function groupExists(ref: GroupRef, record: ConfigRecord | undefined): TheseusError {
  const flag = inNamespace(ref.namespace);
  const name = formatGroup(ref);
  return new TheseusError("GROUP_EXISTS", {
    what: `there is a group ${name} already`,
    why: [
      record === undefined
        ? "it was created by somebody else"
        : `it is at rev ${record.configRevision}: ${whoChanged(record)}`,
    ],
    now: UNCHANGED,
    next: [`theseus update ${name}${flag} --image IMAGE`, `theseus describe ${name}${flag}`],
    group: ref,
    metadata: { group: name, namespace: ref.namespace },
  });
}

export function groupRemoving(ref: GroupRef): TheseusError {
  const name = formatGroup(ref);
  return new TheseusError("GROUP_REMOVING", {
    what: `${name} is being removed`,
    why: ["its containers are being stopped; the group is gone when the last one is"],
    now: UNCHANGED,
    next: [`theseus describe ${name}${inNamespace(ref.namespace)}`],
    group: ref,
    retryable: true,
  });
}

/** The change was made anew several times, and each time somebody else was quicker. */
export function tooMuchTraffic(cause: unknown): TheseusError {
  return new TheseusError("CONFLICT", {
    what: "others change the same groups all the time",
    why: ["the change was made anew 10 times, and each time another one came first"],
    now: "nothing of yours was changed",
    next: ["theseus get groups -o wide"],
    retryable: true,
    cause,
  });
}

export function serviceNotEmpty(namespace: string, service: string, groups: readonly GroupRef[]): TheseusError {
  const names = groups.map(formatGroup);
  return new TheseusError("SERVICE_NOT_EMPTY", {
    what: `service ${service} still has ${names.length} ${names.length === 1 ? "group" : "groups"}`,
    why: [names.slice(0, 8).join("  ") + (names.length > 8 ? `  and ${names.length - 8} more` : "")],
    now: UNCHANGED,
    next: [`theseus remove ${service} --all-groups${inNamespace(namespace)}`],
    metadata: { name: `${namespace}/${service}`, groups: names.join("\n") },
  });
}

export function noSuchHost(name: string, names: readonly string[]): TheseusError {
  return new TheseusError("NO_SUCH_HOST", {
    what: `there is no host ${name}`,
    why: [names.length === 0 ? "no host has been seen yet" : `there are: ${names.slice(0, 8).join("  ")}`],
    now: UNCHANGED,
    next: ["theseus get hosts"],
    metadata: { name },
  });
}

/** Messages may be long, and several have to fit into an error; its beginning tells enough. */
const LONGEST_MESSAGE = 200;

export function briefMessage(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  const begin = message.slice(0, LONGEST_MESSAGE - 1);
  return `${/[\uD800-\uDBFF]$/.test(begin) ? begin.slice(0, -1) : begin}…`;
}

/** "changed by ana at 2026-11-22T14:02:11.204Z, "raise memory"" */
export function whoChanged({ change, configRevision }: Pick<ConfigRecord, "change" | "configRevision">): string {
  const who = change.actor === "" ? "somebody" : change.actor;
  const what = change.message === "" ? "" : `, "${briefMessage(change.message)}"`;
  const verb = configRevision === 1 ? "created by" : "changed by";
  return `${verb} ${who} at ${new Date(change.time).toISOString()}${what}`;
}
