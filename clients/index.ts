// theseus-client: everything a backend needs to ask Discovery and Theseus, with types.

export type { CallOptions } from "./call.js";
export { type Connection, type ConnectOptions, connect, type DiscoveryClient, type TheseusClient } from "./connect.js";
export { type Reason, TheseusClientError, type Violation } from "./errors.js";
export type { WatchOptions } from "./follower.js";
export * from "./gen/theseus/v1/container.js";
export {
  type Endpoint,
  type LookupRequest,
  type LookupResponse,
  MissReason,
  type NotReady,
  type Service,
  type WatchResponse,
} from "./gen/theseus/v1/discovery_service.js";
export { ErrorReason } from "./gen/theseus/v1/error_reason.js";
export * from "./gen/theseus/v1/group.js";
export * from "./gen/theseus/v1/host.js";
export * from "./gen/theseus/v1/namespace.js";
export * from "./gen/theseus/v1/plan.js";
export * from "./gen/theseus/v1/reference.js";
export * from "./guest.js";
export * from "./guest-discovery.js";
export type { HandlerStatus, WatchHandler, WatchHandlerCall } from "./handler-loop.js";
export { NotInContainerError } from "./injected.js";
export type { Fields } from "./partial.js";
export { type Changeable, type RegisterOptions, Registration, register } from "./register.js";
export { type ResolverOptions, registerTheseusResolver } from "./resolver.js";
export type { StreamOptions } from "./stream.js";
export type { ServiceState } from "./watch-fold.js";
export { type RunningWatchHandlers, runWatchHandlers, type WatchHandlersOptions } from "./watch-handlers.js";
export { type ServiceWatch, type WatchServiceOptions, watchService } from "./watch-service.js";
export type { Selected, WatchTarget } from "./watch-target.js";
