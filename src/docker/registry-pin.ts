// What a registry has under the name of an image: asked through the engine, which pulls nothing for it.

import { type Milliseconds, SECOND } from "../model/instant.js";
import { type CredentialParts, registryAuth } from "./credentials.js";
import type { Engine } from "./engine.js";
import { EngineRefusal } from "./failure.js";
import { type NamedImage, pullTag } from "./image-reference.js";
import { pullRefused, registryAway } from "./pull-refusals.js";

const DEADLINE: Milliseconds = 2.5 * SECOND;

type Distribution = { readonly Descriptor?: { readonly digest?: string } };

/** "name@sha256:...", as a pull would pin it. IMAGE_NOT_FOUND, IMAGE_DENIED, REGISTRY_UNREACHABLE. */
export async function registryPin(
  engine: Engine,
  credentials: CredentialParts,
  image: NamedImage,
  asked: string,
): Promise<string> {
  const subject = { host: engine.host, image: asked, registry: image.registry };
  const auth = await registryAuth(credentials, image.registry);
  const separator = image.digest === undefined ? ":" : "@";
  try {
    const { Descriptor } = await engine.call<Distribution>({
      method: "GET",
      path: `/distribution/${image.name}${separator}${pullTag(image)}/json`,
      deadline: DEADLINE,
      ...(auth === undefined ? {} : { registryAuth: auth }),
      late: () => registryAway(`it said nothing for ${DEADLINE / SECOND} s`, subject),
    });
    if (Descriptor?.digest !== undefined) return `${engineName(image)}@${Descriptor.digest}`;
  } catch (error) {
    throw error instanceof EngineRefusal ? pullRefused(error.text, subject, error) : error;
  }
  throw registryAway("it named no digest", subject);
}

/** What is on Docker Hub the engine names without it. */
function engineName({ fullName }: NamedImage): string {
  return fullName.replace(/^docker\.io\/(library\/)?/, "");
}
