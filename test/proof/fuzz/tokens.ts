// What a server hands out to be handed back: kept to be sent whole, damaged, or to the wrong call.

import {
  ListContainersResponse,
  ListGroupsResponse,
  ListServicesResponse,
  WatchResponse,
} from "../../../clients/gen/theseus/v1/discovery_service.js";
import {
  GetRecoveryResponse,
  ListHostsResponse,
  ListNamespacesResponse,
} from "../../../clients/gen/theseus/v1/theseus_service.js";
import type { Tokens } from "./values.js";

/** Of each kind, the newest. */
const MOST = 16;

const LISTS: Readonly<Record<string, { decode(bytes: Buffer): { readonly nextPageToken: string } }>> = {
  ListServices: ListServicesResponse,
  ListGroups: ListGroupsResponse,
  ListContainers: ListContainersResponse,
  ListNamespaces: ListNamespacesResponse,
  ListHosts: ListHostsResponse,
};

/** Takes what is in this answer of this method. */
export function keepTokens(tokens: Tokens, method: string, answer: Buffer): void {
  const list = LISTS[method];
  if (list !== undefined) keep(tokens.page, list.decode(answer).nextPageToken);
  else if (method === "GetRecovery") keep(tokens.recovery, GetRecoveryResponse.decode(answer).token);
  else if (method === "Watch") {
    const { cursor, watchId } = WatchResponse.decode(answer);
    keep(tokens.cursor, cursor);
    keep(tokens.watch, watchId);
  }
}

function keep(kept: string[], token: string): void {
  if (token === "" || kept.includes(token)) return;
  kept.push(token);
  if (kept.length > MOST) kept.shift();
}
