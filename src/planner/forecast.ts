// What a change would do, for people, before anything is stored: by the planner's own classification and placement.

import type { Intent } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
import { fingerprint } from "../model/fingerprint.js";
import type { ConfigRecord, GroupConfig, Pin } from "../model/group.js";
import { carriedPin, isOutdated } from "../model/group-status.js";
import type { HostView } from "../model/host.js";
import type { Forecast, Refusal } from "../model/plan.js";
import type { GroupRef } from "../model/reference.js";
import type { SlotsRecord } from "../model/slots.js";
import { compare } from "./compare.js";
import { hasSlotVolume, place } from "./place.js";
import { roomsFor } from "./room.js";

export type ForecastInput = {
  readonly ref: GroupRef;
  readonly clusterId: string;
  /** Undefined: the group does not exist yet. */
  readonly uid?: string | undefined;
  readonly before?: ConfigRecord | undefined;
  /** Undefined: the group is to be removed. */
  readonly after: GroupConfig | undefined;
  /** Of the config that it is to have; absent: as carriedPin() says. */
  readonly pin?: Pin | undefined;
  /** All containers are made anew. */
  readonly restart?: boolean | undefined;
  readonly intents: readonly Intent[];
  readonly slots?: SlotsRecord | undefined;
  readonly hosts: readonly HostView[];
};

/** Never throws. Counts what is asked for; what fits nowhere is among the refusals, and would be left as it is. */
export function forecast(input: ForecastInput): Forecast {
  const { after } = input;
  const staying = newestPerSlot(input.intents.filter(({ phase }) => phase === "creating" || phase === "running"));
  if (after === undefined) return { ...NOTHING_CHANGES, stopped: staying.length };
  const wanted = after.instances ?? input.before?.config.instances ?? DEFAULTS.instances;
  const kept = staying.filter(({ slot }) => slot >= 1 && slot <= wanted);
  const present = fingerprintAfter(input, after);
  const replaced = kept.filter((intent) => isReplaced(input, intent, present)).map(({ slot }) => slot);
  const filled = new Set(kept.map(({ slot }) => slot));
  const created = Array.from({ length: wanted }, (_, i) => i + 1).filter((slot) => !filled.has(slot));
  return {
    replaced: replaced.length,
    created: created.length,
    stopped: staying.length - kept.length,
    ...placed({ ...input, after, kept }, created, replaced),
  };
}

const NOTHING_CHANGES: Forecast = { replaced: 0, created: 0, stopped: 0, placements: [], refusals: [] };

/** Undefined with another image. */
function fingerprintAfter({ before, pin }: ForecastInput, after: GroupConfig): string | undefined {
  const made = pin ?? carriedPin(before, after);
  return made === undefined ? undefined : fingerprint(after, made);
}

/** With another image everything is made anew; a restart that was asked for before goes on. */
function isReplaced({ restart, before }: ForecastInput, intent: Intent, present: string | undefined): boolean {
  return restart === true || isOutdated(intent, present, before ?? {});
}

type Placing = ForecastInput & { readonly after: GroupConfig; readonly kept: readonly Intent[] };

/** In the order of the real thing: empty slots first, then one slot after the other gives its place back and is made anew. */
function placed(
  input: Placing,
  created: readonly number[],
  replaced: readonly number[],
): Pick<Forecast, "placements" | "refusals"> {
  const { after } = input;
  const hosts = [...input.hosts].sort((a, b) => compare(a.name, b.name));
  const placements: { slot: number; host: string }[] = [];
  const refusals: Refusal[] = [];
  let held: readonly Intent[] = input.kept;
  for (const slot of [...created, ...replaced]) {
    const others = held.filter((intent) => intent.slot !== slot);
    const rooms = roomsFor(hosts, others, after);
    const found = place(after, rooms, volumeHost(input, slot));
    if ("refusals" in found) {
      refusals.push({ slot, hosts: found.refusals });
      continue;
    }
    placements.push({ slot, host: found.host.name });
    held = [...others, { ...placeholder(slot), host: found.host.name, hostPorts: found.hostPorts }];
  }
  return { placements, refusals };
}

function volumeHost(input: Placing, slot: number): string | undefined {
  if (!hasSlotVolume(input.after)) return undefined;
  return input.slots?.slots[slot]?.host ?? input.kept.find((intent) => intent.slot === slot)?.host;
}

function placeholder(slot: number): Intent {
  return {
    name: "",
    slot,
    generation: 0,
    configRevision: 0,
    fingerprint: "",
    host: "",
    hostPorts: {},
    phase: "creating",
  };
}

function newestPerSlot(intents: readonly Intent[]): readonly Intent[] {
  return intents.filter(
    (intent) => !intents.some((other) => other.slot === intent.slot && other.generation > intent.generation),
  );
}
