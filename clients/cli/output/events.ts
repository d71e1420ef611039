// Events of the timeline as rows, lines and objects.

import type { GroupRef } from "../../gen/theseus/v1/reference.js";
import type { Event } from "../../gen/theseus/v1/rollout.js";
import { formatGroup } from "../references.js";
import { compact } from "./config-object.js";
import { namespaceOf } from "./objects.js";
import type { Column } from "./table.js";

export function eventColumns(allNamespaces: boolean): Column<Event>[] {
  const namespace: Column<Event> = { id: "namespace", title: "NAMESPACE", value: ({ group }) => namespaceText(group) };
  return [
    ...(allNamespaces ? [namespace] : []),
    { id: "time", title: "TIME", value: timeText, order: ({ time }) => time?.getTime() ?? 0 },
    { id: "who", title: "WHO", value: whoText },
    { id: "what", title: "WHAT", value: whatText },
    { id: "why", title: "WHY", value: ({ text }) => oneLine(text) || "-" },
  ];
}

/** Of a timeline that goes on: without knowing what comes. */
export function eventLine(event: Event, allNamespaces: boolean): string {
  const namespace = allNamespaces ? [namespaceText(event.group)] : [];
  const words = [...namespace, timeText(event), whoText(event).padEnd(12), whatText(event), oneLine(event.text)];
  return `${words.join("  ").trimEnd()}\n`;
}

/** Beside its group: what is clear from there is left out. */
export function eventLineOfGroup(event: Event): string {
  const time = `${timeText(event).slice(5, 16).replace("T", " ")}Z`;
  return [time, whoText(event).padEnd(12), wordsOf(event).join(" "), oneLine(event.text)].join("  ").trimEnd();
}

/** "updated web/prod rev 42", "container-failed web/prod:3 rev 42 on local". */
function whatText(event: Event): string {
  const { group, slot, kind } = event;
  const [, ...rest] = wordsOf({ ...event, slot: 0 });
  const name = group === undefined ? [] : [`${formatGroup(group)}${slot === 0 ? "" : `:${slot}`}`];
  return [kind, ...name, ...rest].join(" ");
}

function wordsOf({ kind, slot, configRevision, host, text }: Event): string[] {
  return [
    kind,
    ...(slot === 0 ? [] : [`:${slot}`]),
    ...(configRevision === 0n ? [] : [`rev ${configRevision}`]),
    ...(host === "" || text.includes(host) ? [] : [`on ${host}`]),
  ];
}

export function eventObject({ time, actor, group, slot, host, configRevision, kind, text }: Event) {
  const named = group === undefined ? {} : { ref: formatGroup(group), namespace: namespaceOf(group) };
  return compact({
    time: time?.toISOString(),
    actor,
    what: kind,
    ...named,
    slot: slot === 0 ? undefined : slot,
    host,
    configRevision: configRevision === 0n ? undefined : Number(configRevision),
    text,
  });
}

/** Pasteable, for --since too. */
function timeText({ time }: Event): string {
  return time === undefined ? "-" : `${time.toISOString().slice(0, 19)}Z`;
}

const whoText = ({ actor }: Event): string => actor || "somebody";

const namespaceText = (group: GroupRef | undefined): string => (group === undefined ? "-" : namespaceOf(group));

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();
