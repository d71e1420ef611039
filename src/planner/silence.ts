// Hosts that do not answer: nothing is known of what runs there, so nothing is done about it, and people are told.

import type { HostView } from "../model/host.js";
import type { Scene } from "./scene.js";
import { NOTHING, type Notice, noticing, type Step } from "./step.js";

export function anyHostAnswers(scene: Scene): boolean {
  return scene.hosts.some((host) => host.reachable);
}

/** Told of the hosts where containers of the group are; of all when none answers and the group needs one. */
export function silenceStep(scene: Scene): Step {
  const silent = scene.hosts.filter((host) => !host.reachable);
  const held = new Set(scene.members.map(({ intent }) => intent.host));
  if (anyHostAnswers(scene)) return noticing(...silent.filter(({ name }) => held.has(name)).map(silenceNotice));
  if (scene.members.length === 0 && scene.wanted === 0 && !scene.removing) return NOTHING;
  if (silent.length > 0) return noticing(...silent.map(silenceNotice));
  return noticing({ reason: "HOST_UNREACHABLE", text: "no host is known yet" });
}

function silenceNotice({ name, problem }: HostView): Notice {
  const why = problem === undefined ? "" : `: ${problem}`;
  return { reason: "HOST_UNREACHABLE", host: name, text: `no answer from Docker on ${name}${why}` };
}
