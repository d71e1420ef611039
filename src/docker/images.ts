// Finding the image that a config asks for, and what of it matters for containers.

import { isReason, TheseusError } from "../model/errors.js";
import type { PullPolicy } from "../model/group.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { ImageFacts } from "../model/ports.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { type ImageReference, type NamedImage, parseImageReference } from "./image-reference.js";
import type { Puller } from "./pull.js";
import { notOnEngine } from "./pull-refusals.js";

const DEADLINE: Milliseconds = 5 * SECOND;

type Image = {
  readonly Id: string;
  readonly RepoDigests?: readonly string[] | null;
  readonly Config?: { readonly Healthcheck?: { readonly Test?: readonly string[] } | null } | null;
};

/** Finds the image, pulling as the policy says; the failures of Runtime.resolveImage. */
export async function resolveImage(
  engine: Engine,
  puller: Puller,
  asked: string,
  policy: PullPolicy,
): Promise<ImageFacts> {
  const reference = parseImageReference(asked);
  if (reference === undefined) {
    throw notOnEngine("this is not the name of an image: [registry/]name[:tag][@sha256:digest]", {
      host: engine.host,
      image: asked,
    });
  }
  return factsOf(await find(engine, puller, { reference, asked, policy }), reference);
}

type Wanted = { readonly reference: ImageReference; readonly asked: string; readonly policy: PullPolicy };

async function find(engine: Engine, puller: Puller, wanted: Wanted): Promise<Image> {
  const { reference, asked, policy } = wanted;
  const mayPull = policy !== "never" && reference.kind === "name";
  const local = policy === "always" && mayPull ? undefined : await inspectImage(engine, asked);
  if (local !== undefined) return local;
  if (!mayPull) {
    const why = reference.kind === "id" ? "an image named by its id cannot be pulled" : "the pull policy is never";
    throw notOnEngine(why, { host: engine.host, image: asked });
  }
  await pullNamed(engine, puller, reference, wanted);
  const pulled = await inspectImage(engine, asked);
  if (pulled === undefined) {
    throw notOnEngine("it was pulled, and removed again by another hand", { host: engine.host, image: asked });
  }
  return pulled;
}

/** With policy missing the reader has to know that the engine was looked at first. */
async function pullNamed(engine: Engine, puller: Puller, image: NamedImage, wanted: Wanted): Promise<void> {
  try {
    await puller.pull(image, wanted.asked);
  } catch (error) {
    if (!isReason(error, "REGISTRY_UNREACHABLE") || wanted.policy !== "missing") throw error;
    const [said = "it does not answer"] = error.facts.why ?? [];
    const why = [`it is not on ${engine.host}; ${said}`];
    throw new TheseusError(error.reason, { ...error.facts, why });
  }
}

async function inspectImage(engine: Engine, name: string): Promise<Image | undefined> {
  try {
    return await engine.call<Image>({ method: "GET", path: `/images/${name}/json`, deadline: DEADLINE });
  } catch (error) {
    if (refusedWith(error, 404)) return undefined;
    throw error;
  }
}

/** The pin is the registry's digest where the engine knows one for this name, else the engine's own id. */
function factsOf(image: Image, reference: ImageReference): ImageFacts {
  const test = image.Config?.Healthcheck?.Test ?? [];
  return {
    pinned: (reference.kind === "name" ? digestOf(image, reference) : undefined) ?? image.Id,
    hasHealthcheck: test.length > 0 && test[0] !== "NONE",
  };
}

function digestOf(image: Image, reference: NamedImage): string | undefined {
  const matching = (image.RepoDigests ?? []).filter((text) => {
    const known = parseImageReference(text);
    return known?.kind === "name" && known.fullName === reference.fullName;
  });
  return matching.find((text) => text.endsWith(`@${reference.digest}`)) ?? matching[0];
}
