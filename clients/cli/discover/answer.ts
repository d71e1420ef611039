// An answer of Discovery as this command has it, whether it was looked up or came from a watch. Pure.

import type { Endpoint, LookupResponse } from "../../gen/theseus/v1/discovery_service.js";
import type { ServiceState } from "../../watch-fold.js";
import { formatGroup } from "../references.js";
import type { Target } from "../target.js";

export type Answer = Pick<
  ServiceState,
  "endpoints" | "revision" | "matchingGroups" | "matchingContainers" | "nearMisses" | "notReady"
> &
  Partial<Pick<ServiceState, "asOf" | "miss">>;

/** What is asked of Discovery, apart from its form. */
export interface Question {
  readonly target: Target;
  /** A named port. */
  readonly port: string | undefined;
  readonly includeNotReady: boolean;
  /** So many have to be ready. */
  readonly minimum: number;
  /** Endpoints on this host come first. */
  readonly host: string | undefined;
}

export function answerOf(response: LookupResponse): Answer {
  const { asOfTime, ...answer } = response;
  return asOfTime === undefined ? answer : { ...answer, asOf: asOfTime };
}

/** In its order, those on the own host before all others; of one slot where one was named. */
export function wanted<Whole extends Answer>(answer: Whole, { target, host }: Question): Whole {
  const named = answer.endpoints.filter(({ container }) => target.kind !== "slot" || container?.slot === target.slot);
  const isHere = ({ container }: Endpoint) => host !== undefined && container?.host === host;
  return { ...answer, endpoints: [...named.filter(isHere), ...named.filter((endpoint) => !isHere(endpoint))] };
}

export function readyOf({ endpoints }: Pick<Answer, "endpoints">): number {
  return endpoints.filter(({ ready }) => ready).length;
}

export function requestTarget(target: Target) {
  if (target.kind === "selected") return { $case: "selector", value: target.selector } as const;
  return { $case: "group", value: target.ref } as const;
}

/** "web -l prod", "web/dev:3": as it would be typed. */
export function askedText(target: Target): string {
  if (target.kind !== "selected") return `${formatGroup(target.ref)}${target.kind === "slot" ? `:${target.slot}` : ""}`;
  const { service, labels } = target.selector;
  return [service === "" ? "any service" : service, labels === "" ? "" : `-l ${labels}`]
    .filter((word) => word !== "")
    .join(" ");
}
