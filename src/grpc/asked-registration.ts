// What Register, Renew, UpdateRegistration and Deregister are asked, checked.

import { ContainerState, type PortMapping as ProtoMapping } from "../../clients/gen/theseus/v1/container.js";
import type { RegisterRequest, UpdateRegistrationRequest } from "../../clients/gen/theseus/v1/discovery_service.js";
import { Protocol } from "../../clients/gen/theseus/v1/group.js";
import type { ContainerRef as ProtoContainerRef } from "../../clients/gen/theseus/v1/reference.js";
import type { PortMapping } from "../model/container.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import { isContainerName, isPortName } from "../model/names.js";
import type { ContainerRef } from "../model/reference.js";
import {
  type AskedState,
  LONGEST_TTL,
  type NamedPorts,
  type Registration,
  type RegistrationChange,
  SHORTEST_TTL,
  USUAL_TTL,
} from "../model/registration.js";
import { readAddress } from "./asked-address.js";
import { toLength } from "./convert-time.js";
import { wordOf } from "./convert-words.js";
import { readGroupRef } from "./validate.js";
import { at, checkRange, checkText, type Report, Violations } from "./violations.js";

const STATE = {
  starting: ContainerState.STARTING,
  ready: ContainerState.READY,
  unhealthy: ContainerState.UNHEALTHY,
  draining: ContainerState.DRAINING,
} as const;
const PROTOCOL = { tcp: Protocol.TCP, udp: Protocol.UDP } as const;
const PORT_NUMBERS = [1, 65535] as const;
const WEIGHTS = [0, 1000] as const;
const MOST_PORTS = 64;
const NAME_RULE = "a-z 0-9 . _ -, at most 128, starting and ending with a letter or digit";

/** INVALID_REQUEST, BAD_NAME or BAD_LABEL with everything that is wrong. */
export function readRegistration(request: RegisterRequest): Registration {
  const violations = new Violations();
  const { report } = violations;
  const { name, host, weight } = request;
  const group = readGroupRef(request.group, at(report, "group"));
  if (name !== "") checkName(name, at(report, "name"));
  const address = readAddress(request.address, at(report, "address"));
  if (host !== "") checkText(report, "host", host, 256);
  const ports = readPorts(request.ports, at(report, "ports"));
  checkRange(report, "weight", weight, WEIGHTS);
  const ttl = readTtl(request.ttl, at(report, "ttl"));
  const state = readState(request.state, at(report, "state")) ?? "ready";
  const secret = readSecret(request.registrationId, at(report, "registration_id"));
  violations.check();
  return {
    ...{ group, secret, address, ports, ttl, state },
    ...(name === "" ? {} : { name }),
    ...(host === "" ? {} : { host }),
    ...(weight === undefined ? {} : { weight }),
  };
}

export type AskedHolder = { readonly container: ContainerRef; readonly secret: string };
type Holding = { readonly container?: ProtoContainerRef | undefined; readonly registrationId: string };

/** Which registration, and the proof that the caller holds it. INVALID_REQUEST, BAD_NAME or BAD_LABEL. */
export function readHolder(request: Holding): AskedHolder {
  const violations = new Violations();
  const asked = holderOf(request, violations.report);
  violations.check();
  return asked;
}

/** INVALID_REQUEST, BAD_NAME or BAD_LABEL with everything that is wrong. */
export function readRegistrationChange(
  request: UpdateRegistrationRequest,
): AskedHolder & { readonly change: RegistrationChange } {
  const violations = new Violations();
  const { report } = violations;
  const asked = holderOf(request, report);
  const { weight } = request;
  const state = readState(request.state, at(report, "state"));
  checkRange(report, "weight", weight, WEIGHTS);
  const ports = request.ports === undefined ? undefined : readPorts(request.ports.ports, at(report, "ports.ports"));
  violations.check();
  const change = {
    ...(state === undefined ? {} : { state }),
    ...(weight === undefined ? {} : { weight }),
    ...(ports === undefined ? {} : { ports }),
  };
  return { ...asked, change };
}

function holderOf({ container, registrationId }: Holding, report: Report): AskedHolder {
  const group = readGroupRef(container?.group, at(report, "container.group"));
  const name = container?.which?.$case === "name" ? container.which.value : "";
  if (container?.which?.$case === "slot") report("container.slot", "registrations have no slots: name it");
  else checkName(name, at(report, "container.name"));
  return { container: { ...group, name }, secret: readSecret(registrationId, at(report, "registration_id")) };
}

function checkName(name: string, report: Report): void {
  if (name === "") report("", "it is required");
  else if (!isContainerName(name)) {
    report("", `"${name.slice(0, 64)}" is not a valid container name: ${NAME_RULE}`, "BAD_NAME");
  }
}

function readPorts(mappings: readonly ProtoMapping[], report: Report): NamedPorts {
  if (mappings.length > MOST_PORTS) report("", `${mappings.length} ports, at most ${MOST_PORTS} are allowed`);
  const ports = new Map<string, PortMapping>();
  for (const [i, { name, external, exposed, protocol }] of mappings.entries()) {
    const here = at(report, `[${i}]`);
    if (!isPortName(name)) {
      here(
        "name",
        `"${name.slice(0, 64)}" is not a port name: a-z 0-9 -, at most 15, starting with a letter`,
        "BAD_NAME",
      );
    } else if (ports.has(name)) here("name", `the port name "${name}" is used twice`);
    checkRange(here, "external", external, PORT_NUMBERS);
    if (exposed !== 0) checkRange(here, "exposed", exposed, PORT_NUMBERS);
    const word = protocol === Protocol.UNSPECIFIED ? "tcp" : wordOf(PROTOCOL, protocol, at(here, "protocol"));
    ports.set(name, { external, exposed: exposed === 0 ? external : exposed, protocol: word ?? "tcp" });
  }
  return Object.fromEntries(ports);
}

function readTtl(ttl: RegisterRequest["ttl"], report: Report): Milliseconds {
  const length = toLength(ttl, report) ?? USUAL_TTL;
  if (length < SHORTEST_TTL || length > LONGEST_TTL || length % SECOND !== 0) {
    report(
      "",
      `${length / SECOND} s is not a whole number of seconds from ${SHORTEST_TTL / SECOND} to ${LONGEST_TTL / SECOND}`,
    );
  }
  return length;
}

function readState(state: ContainerState, report: Report): AskedState | undefined {
  return state === ContainerState.UNSPECIFIED ? undefined : wordOf(STATE, state, report);
}

function readSecret(secret: string, report: Report): string {
  if (secret === "") report("", "it is required: who has it holds the registration");
  else if (!/^[\x21-\x7e]{16,128}$/.test(secret)) {
    report("", "it has to be 16 to 128 printable characters without spaces, and hard to guess");
  }
  return secret;
}
