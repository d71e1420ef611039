// What `describe` shows of a group's timeline: the last of it.

import type { Group } from "../../gen/theseus/v1/group.js";
import type { Event } from "../../gen/theseus/v1/rollout.js";
import { refOf } from "../output/objects.js";
import type { Server } from "../server.js";
import { pastEvents } from "../timeline.js";

const MOST = 20;

/** Oldest first; none where the server has nothing to say. */
export async function lastEvents(server: Server, group: Group): Promise<readonly Event[]> {
  const events = await pastEvents(server, { kind: "group", ref: refOf(group) }).catch(() => []);
  return events.slice(-MOST);
}
