// Finds the image of a group on an engine and pins it, or notes why it cannot be had.

import type { ActionOf } from "../model/action.js";
import { isReason, type TheseusError } from "../model/errors.js";
import { currentPin } from "../model/group-status.js";
import type { GroupSnapshot } from "../model/store.js";
import { type ActionContext, type ExecutorDeps, engineOf, record } from "./execute-context.js";
import { failureText } from "./launch-failure.js";
import { imageFailed, imageFound } from "./slot-records.js";

/** A failure of the image is noted with the time of the next try; a host that does not answer is unknown. */
export async function pinImage(
  deps: ExecutorDeps,
  { image, host, pull }: ActionOf<"pinImage">,
  context: ActionContext,
): Promise<void> {
  const engine = engineOf(deps, host);
  const stillAsked = ({ record: asked }: GroupSnapshot): boolean =>
    asked?.value.config.image === image && currentPin(asked.value) === undefined;
  try {
    const facts = await engine.inLane("pull", () =>
      engine.ask((runtime, { end }) => runtime.resolveImage(image, pull, end)),
    );
    deps.images.learn(facts);
    await record(deps, context, { pin: { asked: image, pinned: facts.pinned }, slots: imageFound }, stillAsked);
  } catch (error) {
    if (!isImageFailure(error)) throw error;
    const now = deps.office.clock.now();
    const trouble = { reason: error.reason, text: naming(failureText(error), image), host };
    await record(deps, context, { slots: (slots) => imageFailed(slots, trouble, now) }, stillAsked);
  }
}

export function isImageFailure(error: unknown): error is TheseusError {
  return isReason(error, "IMAGE_NOT_FOUND", "IMAGE_DENIED", "IMAGE_PLATFORM", "REGISTRY_UNREACHABLE");
}

/** The text tells which image it is about: one that is no longer asked for holds nothing up. */
function naming(text: string, image: string): string {
  return text.includes(image) ? text : `image ${image}: ${text}`;
}
