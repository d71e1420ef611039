// What waits to be recovered, as a table and as objects.

import { type GetRecoveryResponse, RecoveryAction, type RecoveryItem } from "../../gen/theseus/v1/theseus_service.js";
import { formatGroup } from "../references.js";
import { compact } from "./config-object.js";
import { namespaceOf } from "./objects.js";
import { type Column, renderTable } from "./table.js";

export type Word = "adopt" | "remove";

export const ACTIONS: Readonly<Record<Word, RecoveryAction>> = {
  adopt: RecoveryAction.ADOPT,
  remove: RecoveryAction.REMOVE,
};

/** The container's name, or which engine. */
export function itemName({ container, host }: RecoveryItem): string {
  return container === "" ? `engine of ${host}` : container;
}

export function takesWord({ takes }: RecoveryItem, word: Word): boolean {
  return takes.includes(ACTIONS[word]);
}

/** A word was given on it, and is not carried out yet. */
export function isDecided(item: RecoveryItem): boolean {
  return decidedText(item) !== "";
}

/** A text for "5 containers and 1 engine". */
export function countText(items: readonly RecoveryItem[]): string {
  const engines = items.filter(({ container }) => container === "").length;
  const containers = items.length - engines;
  const parts = [
    ...(containers === 0 && engines > 0 ? [] : [containers === 1 ? "1 container" : `${containers} containers`]),
    ...(engines === 0 ? [] : [engines === 1 ? "1 engine" : `${engines} engines`]),
  ];
  return parts.join(" and ");
}

const COLUMNS: readonly Column<RecoveryItem>[] = [
  { id: "what", title: "WHAT", value: itemName },
  { id: "group", title: "GROUP", value: placeText },
  { id: "host", title: "HOST", value: ({ host }) => host },
  { id: "why", title: "WHY", value: ({ reason }) => reason },
  { id: "adopt", title: "IF ADOPTED", value: ({ ifAdopted }) => ifAdopted },
  { id: "remove", title: "IF REMOVED", value: ({ ifRemoved }) => ifRemoved },
];

const DECIDED: Column<RecoveryItem> = { id: "decided", title: "DECIDED", value: (item) => decidedText(item) || "-" };

/** The last column only where something is decided. */
export function recoveryTable({ items, more }: GetRecoveryResponse): string {
  const columns = items.some(isDecided) ? [...COLUMNS, DECIDED] : COLUMNS;
  return renderTable(columns, items) + (more > 0 ? `and ${more} more, once these are settled\n` : "");
}

export function recoveryObject(item: RecoveryItem): Record<string, unknown> {
  const { container, containerId, host, group, slot, generation, reason, ifAdopted, ifRemoved } = item;
  return compact({
    container,
    ...(container === "" ? { engineId: containerId } : { containerId }),
    host,
    group: group === undefined ? undefined : formatGroup(group),
    namespace: group === undefined ? undefined : namespaceOf(group),
    slot: slot === 0 ? undefined : slot,
    generation: generation === 0n ? undefined : Number(generation),
    reason,
    ifAdopted,
    ifRemoved,
    takes: (["adopt", "remove"] as const).filter((word) => takesWord(item, word)),
    decided: decidedText(item),
  });
}

function decidedText({ decided }: RecoveryItem): string {
  if (decided === RecoveryAction.ADOPT) return "adopt";
  return decided === RecoveryAction.REMOVE ? "remove" : "";
}

function placeText({ group, slot }: RecoveryItem): string {
  if (group === undefined) return "-";
  const namespace = namespaceOf(group);
  return `${namespace === "default" ? "" : `${namespace} `}${formatGroup(group)}:${slot}`;
}
