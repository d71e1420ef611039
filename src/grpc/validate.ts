// Rules for what requests have in common: references, selectors, pages, request ids, changes. Every reader here is
// total: it reports what is wrong and gives something to go on with, so that everything wrong is found at once.

import type { Change as ProtoChange } from "../../clients/gen/theseus/v1/group.js";
import type { GroupSelector, GroupRef as ProtoGroupRef } from "../../clients/gen/theseus/v1/reference.js";
import type { GroupQuery } from "../model/discovery.js";
import type { Change } from "../model/group.js";
import type { Instant } from "../model/instant.js";
import {
  DEFAULT_NAMESPACE,
  isLabel,
  isNamespaceName,
  isServiceName,
  labelComplaint,
  MAX_LABELS,
} from "../model/names.js";
import { type GroupRef, groupRef } from "../model/reference.js";
import { EVERYTHING, parseSelector, type Selector } from "../model/selector.js";
import { at, checkText, type Report } from "./violations.js";

const NAME_RULE = "a-z 0-9 -, at most 63, starting with a letter, ending with a letter or digit";
const LABEL_RULE = "a-z 0-9 . _ = -, at most 63, starting and ending with a letter or digit";
const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1000;

export function readNamespace(name: string, report: Report): string {
  if (name === "") return DEFAULT_NAMESPACE;
  if (!isNamespaceName(name)) report("", `"${shown(name)}" is not a valid namespace: ${NAME_RULE}`, "BAD_NAME");
  return name;
}

export function readService(name: string, report: Report): string {
  if (name === "") report("", "it is required");
  else if (!isServiceName(name)) report("", `"${shown(name)}" is not a valid service: ${NAME_RULE}`, "BAD_NAME");
  return name;
}

export function readGroupRef(proto: ProtoGroupRef | undefined, report: Report): GroupRef {
  if (proto === undefined) {
    report("", "it is required");
    return groupRef("", []);
  }
  const namespace = readNamespace(proto.namespace, at(report, "namespace"));
  const service = readService(proto.service, at(report, "service"));
  for (const [i, label] of proto.labels.entries()) {
    if (!isLabel(label)) report(`labels[${i}]`, badLabel(label), "BAD_LABEL");
  }
  const ref = groupRef(service, proto.labels, namespace);
  if (ref.labels.length > MAX_LABELS) {
    report("labels", `${ref.labels.length} labels, at most ${MAX_LABELS} are allowed`, "BAD_LABEL");
  }
  return ref;
}

function badLabel(label: string): string {
  const near = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9._=-]+/g, "-")
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
  const hint = isLabel(near) ? `; ${near} would be one` : "";
  return `"${shown(label)}" is not a valid label: ${LABEL_RULE}; ${labelComplaint(label)}${hint}`;
}

export function readSelector(proto: GroupSelector | undefined, report: Report): GroupQuery {
  if (proto === undefined) return { namespace: DEFAULT_NAMESPACE, selector: EVERYTHING };
  const namespace = proto.allNamespaces ? undefined : readNamespace(proto.namespace, at(report, "namespace"));
  const service = proto.service === "" ? undefined : readService(proto.service, at(report, "service"));
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(service === undefined ? {} : { service }),
    selector: readLabels(proto.labels, at(report, "labels")),
  };
}

function readLabels(text: string, report: Report): Selector {
  if (!checkText(report, "", text, 4096)) return EVERYTHING;
  const parsed = parseSelector(text);
  if ("selector" in parsed) return parsed.selector;
  report("", parsed.problem, "BAD_LABEL");
  return EVERYTHING;
}

/** Absent or 0: the default; more than the most is lowered. */
export function readPageSize(size: number, report: Report): number {
  if (size < 0) report("page_size", `${size} is less than nothing`);
  return size <= 0 ? DEFAULT_PAGE : Math.min(size, LARGEST_PAGE);
}

export function readRevision(revision: bigint, field: string, report: Report): bigint {
  if (revision < 0n) report(field, `${revision} is less than nothing`);
  return revision;
}

/** A config_revision that a change was made from; 0: not checked. */
export function readExpected(revision: bigint, report: Report): number {
  return readConfigRevision(revision, "expected_revision", report);
}

/** 0: none is named. */
export function readConfigRevision(revision: bigint, field: string, report: Report): number {
  if (revision < 0n || revision > 2n ** 31n) report(field, `${revision} is no config revision`);
  return Number(revision);
}

export function readRequestId(id: string, report: Report): string {
  if (id !== "" && !/^[\x21-\x7e]{1,128}$/.test(id)) {
    report("request_id", "it has to be 1 to 128 printable characters without spaces");
  }
  return id;
}

/** Who asks, as claimed; the time is the server's. */
export function readChange(proto: ProtoChange | undefined, time: Instant, report: Report): Change {
  const { actor = "", command = "", message = "" } = proto ?? {};
  checkText(report, "change.actor", actor, 256);
  checkText(report, "change.command", command, 4096);
  checkText(report, "change.message", message, 4096);
  return { actor, command, message, time };
}

function shown(text: string): string {
  return text.length <= 64 ? text : `${text.slice(0, 61)}...`;
}
