// Finding the image that a config asks for, and what of it matters for containers.

import { isReason, TheseusError } from "../model/errors.js";
import type { PullPolicy } from "../model/group.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { ImageFacts } from "../model/ports.js";
import type { CredentialParts } from "./credentials.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { type ImageReference, type NamedImage, parseImageReference } from "./image-reference.js";
import type { Puller } from "./pull.js";
import { notOnEngine } from "./pull-refusals.js";
import { registryPin } from "./registry-pin.js";

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
  wanted: Omit<Wanted, "reference">,
): Promise<ImageFacts> {
  const reference = referenceTo(engine, wanted.asked);
  return factsOf(await find(engine, puller, { ...wanted, reference }), reference);
}

/** What resolveImage would pin, without pulling anything; its failures. */
export async function findImage(
  engine: Engine,
  credentials: CredentialParts,
  asked: string,
  policy: PullPolicy,
): Promise<{ readonly pinned: string }> {
  const reference = referenceTo(engine, asked);
  const local = mayBeLocal(reference, policy) ? await inspectImage(engine, asked) : undefined;
  if (local !== undefined) return { pinned: factsOf(local, reference).pinned };
  const named = mayPull(engine, { reference, asked, policy });
  return { pinned: await registryPin(engine, credentials, named, asked) };
}

function referenceTo(engine: Engine, asked: string): ImageReference {
  const reference = parseImageReference(asked);
  if (reference !== undefined) return reference;
  const why = "this is not the name of an image: [registry/]name[:tag][@sha256:digest]";
  throw notOnEngine(why, { host: engine.host, image: asked });
}

/** With policy always only the registry counts, where there is one. */
function mayBeLocal(reference: ImageReference, policy: PullPolicy): boolean {
  return policy !== "always" || reference.kind === "id";
}

type Wanted = {
  readonly reference: ImageReference;
  readonly asked: string;
  readonly policy: PullPolicy;
  /** A pull ends with it. */
  readonly until?: AbortSignal | undefined;
};

async function find(engine: Engine, puller: Puller, wanted: Wanted): Promise<Image> {
  const { reference, asked, policy } = wanted;
  const local = mayBeLocal(reference, policy) ? await inspectImage(engine, asked) : undefined;
  if (local !== undefined) return local;
  await pullNamed(engine, puller, mayPull(engine, wanted), wanted);
  const pulled = await inspectImage(engine, asked);
  if (pulled === undefined) {
    throw notOnEngine("it was pulled, and removed again by another hand", { host: engine.host, image: asked });
  }
  return pulled;
}

/** IMAGE_NOT_FOUND where no registry is asked. */
function mayPull(engine: Engine, { reference, asked, policy }: Wanted): NamedImage {
  if (reference.kind === "name" && policy !== "never") return reference;
  const why = reference.kind === "id" ? "an image named by its id cannot be pulled" : "the pull policy is never";
  throw notOnEngine(why, { host: engine.host, image: asked });
}

/** With policy missing the reader has to know that the engine was looked at first. */
async function pullNamed(engine: Engine, puller: Puller, image: NamedImage, wanted: Wanted): Promise<void> {
  try {
    await puller.pull(image, wanted.asked, wanted.until);
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
