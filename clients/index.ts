// theseus-client: everything a backend needs to ask Discovery and Theseus, with types.

export type { CallOptions } from "./call.js";
export { type Connection, type ConnectOptions, connect, type DiscoveryClient, type TheseusClient } from "./connect.js";
export { type Reason, TheseusClientError, type Violation } from "./errors.js";
export * from "./gen/theseus/v1/container.js";
export type {
  Endpoint,
  LookupRequest,
  LookupResponse,
  Service,
} from "./gen/theseus/v1/discovery_service.js";
export { ErrorReason } from "./gen/theseus/v1/error_reason.js";
export * from "./gen/theseus/v1/group.js";
export * from "./gen/theseus/v1/host.js";
export * from "./gen/theseus/v1/namespace.js";
export * from "./gen/theseus/v1/plan.js";
export * from "./gen/theseus/v1/reference.js";
export type { Fields } from "./partial.js";
