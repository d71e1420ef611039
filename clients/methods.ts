// The calls of both services: the generated definition, the request's type, and whether the call only reads.
// The reading ones are exactly those that the proto marks NO_SIDE_EFFECTS; a test compares the two.

import {
  AcknowledgeRequest,
  DeregisterRequest,
  DiscoveryServiceService as Discovery,
  GetContainerRequest,
  GetGroupRequest,
  ListContainersRequest,
  ListGroupsRequest,
  ListServicesRequest,
  LookupRequest,
  RegisterRequest,
  RenewRequest,
  UpdateRegistrationRequest,
  WatchRequest,
} from "./gen/theseus/v1/discovery_service.js";
import {
  AbortRolloutRequest,
  ApplyGroupsRequest,
  BackUpStoreRequest,
  CreateGroupRequest,
  CreateNamespaceRequest,
  GetHostRequest,
  GetNamespaceRequest,
  GetRecoveryRequest,
  GetRolloutRequest,
  GetServerStatusRequest,
  ListEvidenceRequest,
  ListHostsRequest,
  ListNamespacesRequest,
  ListRevisionsRequest,
  PauseRolloutRequest,
  PromoteRolloutRequest,
  ReadEventsRequest,
  ReadLogsRequest,
  ReadStatsRequest,
  RecoverRequest,
  RemoveGroupRequest,
  RemoveNamespaceRequest,
  RemoveServiceRequest,
  RestartGroupRequest,
  ResumeRolloutRequest,
  TheseusServiceService as Theseus,
  UndoGroupRequest,
  UpdateGroupRequest,
} from "./gen/theseus/v1/theseus_service.js";
import type { Fields } from "./partial.js";

/** One call of a generated service definition. */
export interface Definition<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

export interface Method<Request, Response> {
  readonly definition: Definition<Request, Response>;
  /** Fills in the fields that the caller left out. */
  readonly complete: (request: Fields<Request>) => Request;
  /** Changes nothing, so it may be sent again. */
  readonly reads: boolean;
}

/** One server-streaming call; each only reads. */
export interface StreamMethod<Request, Response> extends Method<Request, Response> {
  readonly streams: true;
}

interface Message<T> {
  fromPartial(fields: never): T;
}

function reading<Q, R>(definition: Definition<Q, R>, message: Message<Q>): Method<Q, R> {
  return { definition, complete: (request) => message.fromPartial(request as never), reads: true };
}

function changing<Q, R>(definition: Definition<Q, R>, message: Message<Q>): Method<Q, R> {
  return { ...reading(definition, message), reads: false };
}

function streaming<Q, R>(definition: Definition<Q, R>, message: Message<Q>): StreamMethod<Q, R> {
  return { ...reading(definition, message), streams: true };
}

export const DISCOVERY_METHODS = {
  lookup: reading(Discovery.lookup, LookupRequest),
  watch: streaming(Discovery.watch, WatchRequest),
  acknowledge: changing(Discovery.acknowledge, AcknowledgeRequest),
  listServices: reading(Discovery.listServices, ListServicesRequest),
  listGroups: reading(Discovery.listGroups, ListGroupsRequest),
  getGroup: reading(Discovery.getGroup, GetGroupRequest),
  listContainers: reading(Discovery.listContainers, ListContainersRequest),
  getContainer: reading(Discovery.getContainer, GetContainerRequest),
  register: changing(Discovery.register, RegisterRequest),
  renew: changing(Discovery.renew, RenewRequest),
  updateRegistration: changing(Discovery.updateRegistration, UpdateRegistrationRequest),
  deregister: changing(Discovery.deregister, DeregisterRequest),
} satisfies Record<keyof typeof Discovery, unknown>;

export const THESEUS_METHODS = {
  createGroup: changing(Theseus.createGroup, CreateGroupRequest),
  updateGroup: changing(Theseus.updateGroup, UpdateGroupRequest),
  applyGroups: changing(Theseus.applyGroups, ApplyGroupsRequest),
  removeGroup: changing(Theseus.removeGroup, RemoveGroupRequest),
  removeService: changing(Theseus.removeService, RemoveServiceRequest),
  createNamespace: changing(Theseus.createNamespace, CreateNamespaceRequest),
  getNamespace: reading(Theseus.getNamespace, GetNamespaceRequest),
  listNamespaces: reading(Theseus.listNamespaces, ListNamespacesRequest),
  removeNamespace: changing(Theseus.removeNamespace, RemoveNamespaceRequest),
  listHosts: reading(Theseus.listHosts, ListHostsRequest),
  getHost: reading(Theseus.getHost, GetHostRequest),
  getServerStatus: reading(Theseus.getServerStatus, GetServerStatusRequest),
  getRecovery: reading(Theseus.getRecovery, GetRecoveryRequest),
  recover: changing(Theseus.recover, RecoverRequest),
  backUpStore: streaming(Theseus.backUpStore, BackUpStoreRequest),
  readLogs: streaming(Theseus.readLogs, ReadLogsRequest),
  getRollout: reading(Theseus.getRollout, GetRolloutRequest),
  listRevisions: reading(Theseus.listRevisions, ListRevisionsRequest),
  pauseRollout: changing(Theseus.pauseRollout, PauseRolloutRequest),
  resumeRollout: changing(Theseus.resumeRollout, ResumeRolloutRequest),
  promoteRollout: changing(Theseus.promoteRollout, PromoteRolloutRequest),
  abortRollout: changing(Theseus.abortRollout, AbortRolloutRequest),
  undoGroup: changing(Theseus.undoGroup, UndoGroupRequest),
  restartGroup: changing(Theseus.restartGroup, RestartGroupRequest),
  listEvidence: reading(Theseus.listEvidence, ListEvidenceRequest),
  readEvents: streaming(Theseus.readEvents, ReadEventsRequest),
  readStats: streaming(Theseus.readStats, ReadStatsRequest),
} satisfies Record<keyof typeof Theseus, unknown>;
