// Keys read back: the inverse of keys.ts. Undefined for every text that no builder makes.

import { decodeLabels, type LabelSet } from "../model/labels.js";
import {
  DEFAULT_NAMESPACE,
  isContainerName,
  isLabel,
  isNamespaceName,
  isServiceName,
  MAX_LABELS,
} from "../model/names.js";
import type { ContainerRef } from "../model/reference.js";
import type { ParsedKey } from "./keys.js";

export function parseKey(key: string): ParsedKey | undefined {
  const [empty, tree, ...segments] = key.split("/");
  if (empty !== "") return undefined;
  switch (tree) {
    case "services":
      return parseService(DEFAULT_NAMESPACE, segments);
    case "namespaces":
      return parseNamespace(segments);
    case "theseus":
      return parseTheseus(segments);
    default:
      return undefined;
  }
}

function parseNamespace([name = "", services, ...rest]: readonly string[]): ParsedKey | undefined {
  if (!isNamespaceName(name) || name === DEFAULT_NAMESPACE) return undefined;
  if (services === undefined) return { kind: "namespace", name };
  return services === "services" ? parseService(name, rest) : undefined;
}

function parseService(namespace: string, segments: readonly string[]): ParsedKey | undefined {
  const [service = "", labelText, ...rest] = segments;
  if (!isServiceName(service)) return undefined;
  if (labelText === undefined) return { kind: "service", ref: { namespace, service } };
  const labels = parseLabels(labelText);
  if (labels === undefined) return undefined;
  const ref = { namespace, service, labels };
  if (rest.length === 0) return { kind: "group", ref };
  if (rest.length === 1 && rest[0] === "config") return { kind: "config", ref };
  const [containers, name = "", info, more] = rest;
  if (containers !== "containers" || !isContainerName(name) || more !== undefined) return undefined;
  if (info === undefined) return { kind: "intent", ref: { ...ref, name } };
  return info === "info" ? { kind: "info", ref: { ...ref, name } } : undefined;
}

function parseLabels(text: string): LabelSet | undefined {
  const labels = decodeLabels(text);
  return labels?.every(isLabel) && labels.length <= MAX_LABELS ? labels : undefined;
}

function parseTheseus(segments: readonly string[]): ParsedKey | undefined {
  switch (segments[0]) {
    case "history":
      return parseHistory(segments);
    case "evidence":
      return parseEvidence(segments);
    case "events":
      return parseEvents(segments);
    case "holders":
      return parseContainer("holder", segments);
    case "heartbeats":
      return parseContainer("heartbeat", segments);
    case "drains":
      return parseDrain(segments);
    default:
      return parseOwn(segments);
  }
}

function parseOwn(segments: readonly string[]): ParsedKey | undefined {
  const [kind, first, second, more] = segments;
  if (first === undefined) return kind === "cluster" || kind === "leader" || kind === "recovery" ? { kind } : undefined;
  const a = decodeSegment(first);
  if (a === undefined || more !== undefined) return undefined;
  if (second !== undefined) {
    const b = decodeSegment(second);
    if (b === undefined) return undefined;
    if (kind === "slots" || kind === "rollouts") return { kind, namespace: a, id: b };
    return kind === "requests" ? { kind: "request", namespace: a, id: b } : undefined;
  }
  switch (kind) {
    case "hosts":
      return { kind: "host", id: a };
    case "epochs":
      return { kind: "epoch", id: a };
    case "servers":
      return { kind: "server", id: a };
    case "roster":
      return { kind: "roster", id: a };
    default:
      return undefined;
  }
}

function parseEvidence(segments: readonly string[]): ParsedKey | undefined {
  const group = parseHistory(segments.slice(0, 4));
  const [slotText = "", name = "", more] = segments.slice(4);
  const container = decodeSegment(name);
  if (group === undefined || container === undefined || more !== undefined) return undefined;
  const slot = Number(slotText);
  if (!/^(0|[1-9]\d*)$/.test(slotText) || !Number.isSafeInteger(slot) || !isContainerName(container)) return undefined;
  return { ...group, kind: "evidence", slot, container };
}

function parseEvents([, namespaceText = "", last = "", more]: readonly string[]): ParsedKey | undefined {
  const [, time = "", number = "", id = ""] = /^(\d{16})-([1-9]\d*)-([0-9a-f]+)$/.exec(last) ?? [];
  const isWhole = namespaceText === "-";
  if (id === "" || more !== undefined || !(isWhole || isNamespaceName(namespaceText))) return undefined;
  const [at, count] = [Number(time), Number(number)];
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(count)) return undefined;
  return { kind: "events", namespace: isWhole ? undefined : namespaceText, at, count, id };
}

function parseHistory([, namespaceText = "", uidText = "", revision = "", more]: readonly string[]) {
  const [namespace, groupUid] = [decodeSegment(namespaceText), decodeSegment(uidText)];
  const configRevision = Number(revision);
  if (namespace === undefined || groupUid === undefined || more !== undefined) return undefined;
  if (!/^\d{16}$/.test(revision) || !Number.isSafeInteger(configRevision)) return undefined;
  return { kind: "history" as const, namespace, groupUid, configRevision };
}

/** The record, or with one segment more the answer of a server. */
function parseDrain(segments: readonly string[]): ParsedKey | undefined {
  const drain = parseContainer("drain", segments.slice(0, 5));
  const [serverText, more] = segments.slice(5);
  if (drain === undefined || serverText === undefined) return drain;
  const serverId = decodeSegment(serverText);
  if (serverId === undefined || more !== undefined) return undefined;
  return { kind: "drainAnswer", ref: drain.ref, serverId };
}

function parseContainer<const K extends "holder" | "heartbeat" | "drain">(
  kind: K,
  [, ...segments]: readonly string[],
): { readonly kind: K; readonly ref: ContainerRef } | undefined {
  const [namespace = "", service = "", labelText = "", name = "", more] = segments.map(
    (text) => decodeSegment(text) ?? "",
  );
  const labels = parseLabels(labelText);
  if (labels === undefined || more !== undefined) return undefined;
  if (!isNamespaceName(namespace) || !isServiceName(service) || !isContainerName(name)) return undefined;
  return { kind, ref: { namespace, service, labels, name } };
}

function decodeSegment(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return decoded !== "" && encodeURIComponent(decoded) === text ? decoded : undefined;
  } catch {
    return undefined;
  }
}
