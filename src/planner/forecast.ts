// What a change would do, for people, before anything is stored: by the planner's own classification, policy and placement.

import type { Intent } from "../model/container.js";
import { DEFAULTS } from "../model/defaults.js";
import { fingerprint } from "../model/fingerprint.js";
import type { ConfigRecord, GroupConfig, Pin } from "../model/group.js";
import { carriedPin, currentPin, isOutdated } from "../model/group-status.js";
import type { HostView } from "../model/host.js";
import type { Forecast, FoundImage, PlannedAction, PlannedImage } from "../model/plan.js";
import type { GroupRef } from "../model/reference.js";
import type { SlotsRecord } from "../model/slots.js";
import { compare } from "./compare.js";
import { simulated } from "./simulate.js";

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
  /** What the image was found to be, where neither of them says; absent: nobody has looked. */
  readonly found?: FoundImage | undefined;
  /** All containers are made anew. */
  readonly restart?: boolean | undefined;
  readonly intents: readonly Intent[];
  readonly slots?: SlotsRecord | undefined;
  readonly hosts: readonly HostView[];
};

/** Never throws. Counts what is asked for; what fits nowhere is among the refusals, and would be left as it is. */
export function forecast(input: ForecastInput): Forecast {
  const { after, before, found } = input;
  const staying = newestPerSlot(input.intents.filter(({ phase }) => phase === "creating" || phase === "running"));
  if (after === undefined) return { ...NOTHING_CHANGES, stopped: staying.length, actions: stopsOf(staying) };
  const wanted = after.instances ?? before?.config.instances ?? DEFAULTS.instances;
  const kept = staying.filter(({ slot }) => slot >= 1 && slot <= wanted);
  const present = fingerprintAfter(input, after);
  const replaced = kept.filter((intent) => isReplaced(input, intent, present)).map(({ slot }) => slot);
  const filled = new Set(kept.map(({ slot }) => slot));
  const created = Array.from({ length: wanted }, (_, i) => i + 1).filter((slot) => !filled.has(slot));
  const surplus = staying.filter((intent) => !kept.includes(intent));
  const counts = { replaced: replaced.length, created: created.length, stopped: surplus.length };
  const image = plannedImage(input, after);
  const rest = { ...counts, ...(image === undefined ? {} : { image }) };
  if (found !== undefined && "missing" in found && pinAfter(input, after) === undefined) {
    const refusals = [...created, ...replaced].map((slot) => ({ slot, hosts: [found.missing] }));
    return { ...NOTHING_CHANGES, ...rest, refusals, actions: stopsOf(surplus) };
  }
  const made = simulated({ ...input, after, wanted, kept, surplus, created, replaced });
  const atOnce = made.actions.filter(({ kind }) => kind === "create");
  const inTurn = made.actions.filter(({ kind }) => kind !== "create");
  return { ...rest, ...made, actions: [...atOnce, ...stopsOf(surplus), ...inTurn] };
}

const NOTHING_CHANGES: Forecast = {
  ...{ replaced: 0, created: 0, stopped: 0 },
  ...{ placements: [], refusals: [], actions: [] },
};

/** The highest slots leave first. */
function stopsOf(leaving: readonly Intent[]): readonly PlannedAction[] {
  return leaving.map(({ slot, host }) => ({ slot, kind: "stop" as const, from: host, batch: 0 })).reverse();
}

/** Undefined with an image that nothing is known of. */
function pinAfter({ before, pin, found }: ForecastInput, after: GroupConfig): Pin | undefined {
  const known = pin ?? carriedPin(before, after);
  if (known !== undefined || found === undefined || !("pinned" in found)) return known;
  return { asked: after.image, pinned: found.pinned };
}

function fingerprintAfter(input: ForecastInput, after: GroupConfig): string | undefined {
  const made = pinAfter(input, after);
  return made === undefined ? undefined : fingerprint(after, made);
}

/** Undefined where it stays what it is pinned to. */
function plannedImage(input: ForecastInput, after: GroupConfig): PlannedImage | undefined {
  const before = currentPin(input.before)?.pinned;
  const pinned = pinAfter(input, after)?.pinned;
  const { found } = input;
  if (pinned === undefined ? found === undefined : pinned === before) return undefined;
  return {
    asked: after.image,
    ...(before === undefined ? {} : { before }),
    ...(pinned === undefined ? {} : { pinned }),
    ...problemOf(found),
  };
}

function problemOf(found: FoundImage | undefined): Pick<PlannedImage, "problem"> {
  if (found === undefined || "pinned" in found) return {};
  return { problem: "missing" in found ? found.missing.text : found.unknown };
}

/** With another image everything is made anew; a restart that was asked for before goes on. */
function isReplaced({ restart, before }: ForecastInput, intent: Intent, present: string | undefined): boolean {
  return restart === true || isOutdated(intent, present, before ?? {});
}

/** By slot. */
function newestPerSlot(intents: readonly Intent[]): readonly Intent[] {
  const newest = intents.filter(
    (intent) => !intents.some((other) => other.slot === intent.slot && other.generation > intent.generation),
  );
  return newest.sort((a, b) => a.slot - b.slot || compare(a.name, b.name));
}
