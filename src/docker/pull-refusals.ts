// Why an image cannot be had, from the words of the engine and of registries. Pure.

import { type ErrorFacts, type Reason, TheseusError } from "../model/errors.js";

export type PullSubject = { readonly host: string; readonly image: string; readonly registry: string };

const MISSING =
  /manifest unknown|manifest for .* not found|name unknown|repository name not known|not found: manifest/i;
const DENIED =
  /pull access denied|unauthorized|authentication required|no basic auth credentials|access to the resource is denied|forbidden|denied:/i;
const PLATFORM =
  /no matching manifest for|does not match the specified platform|platform .* not supported|cannot be used on this platform/i;
const AWAY =
  /dial tcp|lookup |no such host|connection refused|connection reset|i\/o timeout|Client\.Timeout|TLS handshake|x509|EOF$|network is unreachable|no route to host|server misbehaving|toomanyrequests|too many requests|received unexpected HTTP status: 5|context deadline|HTTP response to HTTPS|proxyconnect/i;

export function pullRefused(text: string, subject: PullSubject, cause: unknown): TheseusError {
  const said = text.split("\n")[0]?.slice(0, 300) ?? "";
  if (PLATFORM.test(text)) return wrongPlatform(said, subject, cause);
  if (MISSING.test(text)) return notThere(said, subject, cause);
  if (AWAY.test(text)) return registryAway(said, subject, cause);
  if (DENIED.test(text)) return denied(said, subject, cause);
  return refusal("CONTAINER_REFUSED", subject, cause, {
    what: `Docker on ${subject.host} could not pull ${shorten(subject.image)}`,
    why: [said],
    retryable: true,
  });
}

function notThere(said: string, subject: PullSubject, cause: unknown): TheseusError {
  return refusal("IMAGE_NOT_FOUND", subject, cause, {
    what: `image ${shorten(subject.image)} does not exist`,
    why: [`the registry ${subject.registry} answered "${said}" to ${subject.host}`],
  });
}

function denied(said: string, subject: PullSubject, cause: unknown): TheseusError {
  return refusal("IMAGE_DENIED", subject, cause, {
    what: `image ${shorten(subject.image)} may not be pulled`,
    why: [
      `the registry ${subject.registry} answered "${said}" to ${subject.host}`,
      "it does not exist there, or the credentials of the server's Docker config do not reach it",
    ],
    next: [`docker login ${subject.registry}`],
  });
}

function wrongPlatform(said: string, subject: PullSubject, cause: unknown): TheseusError {
  return refusal("IMAGE_PLATFORM", subject, cause, {
    what: `image ${shorten(subject.image)} is not made for ${subject.host}`,
    why: [said],
  });
}

/** Also for a registry that says nothing at all. */
export function registryAway(said: string, subject: PullSubject, cause?: unknown): TheseusError {
  return refusal("REGISTRY_UNREACHABLE", subject, cause, {
    what: `no registry answers for image ${shorten(subject.image)}`,
    why: [`${subject.registry}: ${said}`],
    retryable: true,
  });
}

/** Nothing was asked of a registry: the policy forbids it, or the text names nothing. */
export function notOnEngine(why: string, subject: Omit<PullSubject, "registry">): TheseusError {
  return refusal("IMAGE_NOT_FOUND", { ...subject, registry: "" }, undefined, {
    what: `image ${shorten(subject.image)} is not on ${subject.host}`,
    why: [why],
  });
}

function refusal(reason: Reason, subject: PullSubject, cause: unknown, facts: ErrorFacts): TheseusError {
  return new TheseusError(reason, {
    now: "nothing was changed",
    ...facts,
    metadata: { host: subject.host, image: subject.image, ...(subject.registry ? { registry: subject.registry } : {}) },
    ...(cause === undefined ? {} : { cause }),
  });
}

function shorten(image: string): string {
  return image.length <= 60 ? image : `${image.slice(0, 59)}…`;
}
