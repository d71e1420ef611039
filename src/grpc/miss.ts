// Why a lookup finds nothing ready: no such thing, nothing that matches, no such port, or nothing that is ready. Pure.

import { MissReason, type NotReady } from "../../clients/gen/theseus/v1/discovery_service.js";
import type { ContainerEntry, GroupEntry } from "../model/catalog.js";
import type { Answer, Question, Target } from "../model/discovery.js";
import { formatGroup, type GroupRef } from "../model/reference.js";
import { fromGroupRef } from "./convert-container.js";
import { CONTAINER_STATE } from "./convert-words.js";
import { nearGroups, nearQuery } from "./near-misses.js";
import { type Serving, servingOf } from "./serving.js";

const MOST_NAMED = 20;

export type Miss = {
  readonly nearMisses: string[];
  readonly miss: MissReason;
  readonly notReady: NotReady[];
};

/** Nothing to tell where something is ready. */
export function missOf(answer: Answer, { target, port }: Question): Miss {
  if (answer.ready > 0) return { nearMisses: [], miss: MissReason.UNSPECIFIED, notReady: [] };
  if (answer.groups.length === 0) return nothingMatches(answer, target);
  const notReady = waitingIn(answer.groups, port);
  const noPort = port !== "" && !answer.groups.some((group) => group.containers.some((one) => hasPort(one, port)));
  const miss = noPort && answer.containers > 0 ? MissReason.NO_SUCH_PORT : MissReason.NONE_READY;
  return { nearMisses: [], miss, notReady };
}

function nothingMatches({ view }: Answer, target: Target): Miss {
  const { namespace, service } = target.kind === "group" ? target.ref : target.query;
  const exists = view.groups(namespace, service).length > 0;
  const near: readonly GroupRef[] =
    target.kind === "group"
      ? nearGroups(view.groups(target.ref.namespace), target.ref)
      : nearQuery(view.groups(namespace), service, target.text);
  return {
    nearMisses: near.map(formatGroup),
    miss: exists ? MissReason.NONE_MATCH : MissReason.NONE_EXIST,
    notReady: [],
  };
}

/** The first containers that are not ready, in their order, each with what keeps it. */
export function waitingIn(groups: readonly GroupEntry[], port: string): NotReady[] {
  const waiting: NotReady[] = [];
  for (const group of groups) {
    for (const container of group.containers) {
      if (waiting.length === MOST_NAMED) return waiting;
      const served = servingOf(container, group);
      const why = whyNot(container, served, port);
      if (served.ready && why === "") continue;
      const { name } = container.ref;
      waiting.push({ group: fromGroupRef(group.ref), name, state: CONTAINER_STATE[served.state], why });
    }
  }
  return waiting;
}

function whyNot(container: ContainerEntry, { problem }: Serving, port: string): string {
  if (problem !== "") return problem;
  if (container.info !== undefined && port !== "" && !hasPort(container, port)) return `it has no port named ${port}`;
  return container.intent?.reason ?? "";
}

function hasPort({ info }: ContainerEntry, port: string): boolean {
  return info !== undefined && Object.hasOwn(info.portMappings, port);
}
