// What becomes of a container that could not be launched. Pure.

import type { Failure } from "../model/action.js";
import type { Intent } from "../model/container.js";
import { isReason, type TheseusError } from "../model/errors.js";
import type { GroupConfig } from "../model/group.js";
import type { Instant } from "../model/instant.js";
import { isFixed } from "./host-ports.js";

/** Given up: the slot goes on with its next generation; without a failure at once. */
export type GivenUp = { readonly failure?: Failure };

/** Undefined: the outcome is unknown, or nothing that another container could do better. */
export function givenUp(error: unknown, intent: Intent, config: GroupConfig, now: Instant): GivenUp | undefined {
  if (isReason(error, "CONTAINER_EXISTS")) return {};
  if (isReason(error, "PORT_TAKEN") && !isOfFixedPort(error, intent, config)) return {};
  if (!isReason(error, ...COUNTED)) return undefined;
  const attention = {
    reason: error.reason,
    text: failureText(error),
    slot: intent.slot,
    host: intent.host,
    since: now,
  };
  return { failure: { attention, counts: true } };
}

const COUNTED = [
  "PORT_TAKEN",
  "COMMAND_NOT_FOUND",
  "CONTAINER_REFUSED",
  "NETWORK_NOT_FOUND",
  "HOST_ACCESS_REFUSED",
  "INVALID_REQUEST",
  "IMAGE_NOT_FOUND",
  "IMAGE_DENIED",
  "IMAGE_PLATFORM",
  "REGISTRY_UNREACHABLE",
] as const;

/** What happened and why, in one line. */
export function failureText({ facts }: TheseusError): string {
  const [why] = facts.why ?? [];
  return why === undefined ? facts.what : `${facts.what}: ${why}`;
}

/** Where the engine does not say which port it is, a fixed one is blamed only if there is no other. */
function isOfFixedPort(error: TheseusError, intent: Intent, config: GroupConfig): boolean {
  const taken = error.facts.metadata?.["port"];
  const ports = Object.entries(intent.hostPorts);
  const blamed = taken === undefined ? ports : ports.filter(([, port]) => String(port) === taken);
  return blamed.length > 0 && blamed.every(([name, port]) => isFixed(config, name, port));
}
