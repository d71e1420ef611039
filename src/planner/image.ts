// The image comes before everything else: found on one host and pinned, tried again after a while when it cannot be had.

import { DEFAULTS } from "../model/defaults.js";
import type { Reason } from "../model/errors.js";
import type { GroupConfig } from "../model/group.js";
import type { HostView } from "../model/host.js";
import type { Attention } from "../model/slots.js";
import { unmetConstraints } from "./constraints.js";
import type { Scene } from "./scene.js";
import { doing, NOTHING, noticing, type Step, together, waitingUntil } from "./step.js";

const IMAGE_REASONS: readonly Reason[] = ["IMAGE_NOT_FOUND", "IMAGE_DENIED", "IMAGE_PLATFORM", "REGISTRY_UNREACHABLE"];

/** Asks for the pin while there is none and one is needed; a failure stays noticed until the image is found. */
export function pinStep(scene: Scene): Step {
  const { config, pin, input } = scene;
  if (config === undefined || pin !== undefined || scene.wanted === 0) return NOTHING;
  const failure = input.slots.attention.find((stored) => isAbout(stored, config.image));
  const kept = failure === undefined ? NOTHING : noticing(failure);
  if (failure?.retryAt !== undefined && failure.retryAt > input.now) {
    return together(kept, waitingUntil(failure.retryAt));
  }
  const host = hostToAsk(scene.hosts, config);
  if (host === undefined) return kept;
  const pull = config.pull ?? DEFAULTS.pull;
  const reason = `image ${config.image} is not pinned yet`;
  return together(kept, doing({ kind: "pinImage", host: host.name, image: config.image, pull, reason }));
}

/** A failure about an image that is no longer asked for holds nothing up: the text names the image it is about. */
function isAbout(stored: Attention, image: string): boolean {
  if (!IMAGE_REASONS.includes(stored.reason) || stored.slot !== undefined) return false;
  return stored.text.split(/[\s"'`,;()]+/).some((word) => word.replace(/[.:]$/, "") === image);
}

/** One that may run it, if any may; else any that answers. */
export function hostToAsk(hosts: readonly HostView[], config: GroupConfig): HostView | undefined {
  const reachable = hosts.filter((host) => host.reachable);
  return reachable.find((host) => unmetConstraints(config, host).length === 0) ?? reachable[0];
}
