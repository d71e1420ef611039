// What a container that is meant to stay needs next: started, told, kept up, or given up.

import type { GroupConfig } from "../model/group.js";
import { endedStep, goneStep, vanishingStep } from "./failure.js";
import { publishStep } from "./publish.js";
import type { Member, Scene } from "./scene.js";
import { doing, NOTHING, type Step, together, waitingUntil } from "./step.js";
import { upkeepStep } from "./upkeep.js";

export function stayStep(scene: Scene, member: Member, config: GroupConfig): Step {
  const { container, standing, intent } = member;
  switch (standing) {
    case "silent":
      return NOTHING;
    case "vanishing":
      return vanishingStep(scene, member);
    case "unborn":
      return launchStep(scene, member, config);
    case "gone":
      return goneStep(scene, member, config);
    case "ended":
      return container === undefined ? NOTHING : endedStep(scene, member, container, config);
    case "live":
      if (intent.phase === "creating") return launchStep(scene, member, config);
      return liveStep(scene, member, config);
  }
}

/** Files and all networks but the first come after the container, one by one: whoever made it may not have come to its end. */
const isMadeInSteps = ({ files = [], networks = [] }: GroupConfig): boolean => files.length > 0 || networks.length > 1;

/** Started only as what the present config asks for; what may be half made is created once more, which finishes it. */
function launchStep(scene: Scene, member: Member, config: GroupConfig): Step {
  const { intent, container, outdated, standing } = member;
  if (scene.pin === undefined || outdated) return NOTHING;
  const isTaken = container !== undefined && !(standing === "unborn" && isMadeInSteps(config));
  return doing({
    kind: "launch",
    intent,
    config,
    image: scene.pin.pinned,
    ...(isTaken ? { containerId: container.id } : {}),
    reason: container === undefined ? `slot ${intent.slot} is to have it` : "it is created and not started",
  });
}

/** Telling comes first: nothing else is decided on a state that others do not know yet. */
export function liveStep(scene: Scene, member: Member, config: GroupConfig): Step {
  const { container, info, live } = member;
  if (container === undefined || live === undefined) return NOTHING;
  const reason = info?.state === live.state ? "what is told of it has changed" : `it is ${live.state}`;
  const told = publishStep(scene, member, { state: live.state, reason });
  return together(waitingUntil(live.changesAt), told ?? upkeepStep(scene, member, container, config));
}
