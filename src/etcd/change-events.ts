// What a change of a group by a person says in the timeline: what it changes of what is stored, and why, in the person's words.

import type { GroupChange } from "../model/change.js";
import { changedFields } from "../model/config-changes.js";
import type { Event } from "../model/event.js";
import type { Change, ConfigRecord } from "../model/group.js";
import { SECOND } from "../model/instant.js";
import { rolloutId } from "../model/rollout.js";
import { steered } from "../model/steering.js";
import { configRecordCodec } from "./config-codec.js";
import type { Found, Written } from "./group-change.js";
import { configKey } from "./keys.js";
import { mustRead } from "./stored.js";

type Told = Pick<Event, "kind" | "text">;

/** None for what had been asked for before, of which nothing is written. */
export function eventsOf(change: GroupChange, written: Written, found: Found, by: Change): readonly Event[] {
  const stored = found.get(configKey(change.ref));
  const told = toldOf(change, stored === undefined ? undefined : mustRead(configRecordCodec, stored).value, by);
  if (told === undefined) return [];
  const { ref: group, configRevision } = written;
  return [{ ...clusterEvent(told, by), group, configRevision }];
}

/** Of a change that is not one of a group. */
export function clusterEvent({ kind, text }: Told, { actor, message, time: at }: Change): Event {
  const why = message === "" ? "" : `${text === "" ? "" : ": "}"${message}"`;
  return { at, actor, kind, text: text + why };
}

function toldOf(change: GroupChange, before: ConfigRecord | undefined, by: Change): Told | undefined {
  switch (change.kind) {
    case "create": {
      const { image, instances = 1 } = change.config;
      return { kind: "created", text: `${image}, ${instances} ${instances === 1 ? "instance" : "instances"}` };
    }
    case "replace":
      return replaced(change, before);
    case "restart":
      return { kind: "restarted", text: restarted(change.wait) };
    case "steer":
      return steering(change, before, by);
    case "keep":
      return undefined;
    case "remove": {
      const isAsked = before?.removing !== undefined && (before.removing.volumes || !change.volumes);
      return isAsked ? undefined : { kind: "removed", text: change.volumes ? "with its volumes" : "" };
    }
  }
}

function replaced(change: Extract<GroupChange, { kind: "replace" }>, before: ConfigRecord | undefined): Told {
  const { config, madeFrom } = change;
  const { instances = before?.config.instances } = config;
  const after = { ...config, ...(instances !== undefined && { instances }) };
  const fields = before === undefined ? "" : changedFields(before.config, after);
  if (madeFrom === undefined) return { kind: "updated", text: fields };
  return { kind: "undone", text: `back to rev ${madeFrom}${fields === "" ? "" : `: ${fields}`}` };
}

function restarted(wait: number | undefined): string {
  const pace = wait === undefined ? "" : `, ${wait / SECOND} s between two of them`;
  return `every container is made anew${pace}`;
}

const DONE = { pause: "paused", resume: "resumed", promote: "promoted", abort: "aborted" } as const;

function steering(
  { act, from, promotions }: Extract<GroupChange, { kind: "steer" }>,
  before: ConfigRecord | undefined,
  by: Change,
): Told | undefined {
  const present = before?.steering;
  const isAsked = steered(present, act, by, promotions) === present;
  return isAsked ? undefined : { kind: DONE[act], text: rolloutId(from) };
}
