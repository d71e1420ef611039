// Health, stop, lost, update and logging: proto <-> model. What cannot be said in the model is reported.

import type {
  HealthCheck as ProtoHealth,
  Logging as ProtoLogging,
  LostPolicy as ProtoLost,
  StopPolicy as ProtoStop,
  UpdatePolicy as ProtoUpdate,
} from "../../clients/gen/theseus/v1/group.js";
import type { Check, HealthCheck, Logging, LostPolicy, StopPolicy, UpdatePolicy } from "../model/group.js";
import { nonEmpty, present } from "./absent.js";
import { toDuration, toLength } from "./convert-time.js";
import { ON_FAILURE, ON_RETURN, UPDATE_ORDER, wordOf } from "./convert-words.js";
import { at, type Report } from "./violations.js";

/** A health without a check is only its pace; the caller decides whether that can be. */
export type HealthPart = Omit<HealthCheck, "check"> & { readonly check?: Check };

export function toHealth(proto: ProtoHealth | undefined, report: Report): HealthPart | undefined {
  if (proto === undefined) return undefined;
  return present({
    check: toCheck(proto.check),
    interval: toLength(proto.interval, at(report, "interval")),
    timeout: toLength(proto.timeout, at(report, "timeout")),
    passes: proto.passes,
    fails: proto.fails,
    startPeriod: toLength(proto.startPeriod, at(report, "start_period")),
    startInterval: toLength(proto.startInterval, at(report, "start_interval")),
  });
}

function toCheck(check: ProtoHealth["check"]): Check | undefined {
  switch (check?.$case) {
    case undefined:
      return undefined;
    case "none":
      return { kind: "none" };
    case "http":
      return { kind: "http", port: check.value.port, ...present({ path: check.value.path }) };
    case "tcp":
      return { kind: "tcp", port: check.value.port };
    case "grpc":
      return { kind: "grpc", port: check.value.port, ...present({ service: check.value.service }) };
    case "exec":
      return { kind: "exec", command: check.value.command };
  }
}

export function fromHealth(health: HealthCheck | undefined): ProtoHealth | undefined {
  if (health === undefined) return undefined;
  return {
    check: fromCheck(health.check),
    interval: toDuration(health.interval),
    timeout: toDuration(health.timeout),
    passes: health.passes,
    fails: health.fails,
    startPeriod: toDuration(health.startPeriod),
    startInterval: toDuration(health.startInterval),
  };
}

function fromCheck(check: Check): ProtoHealth["check"] {
  switch (check.kind) {
    case "none":
      return { $case: "none", value: {} };
    case "http":
      return { $case: "http", value: { port: check.port, path: check.path } };
    case "tcp":
      return { $case: "tcp", value: { port: check.port } };
    case "grpc":
      return { $case: "grpc", value: { port: check.port, service: check.service } };
    case "exec":
      return { $case: "exec", value: { command: [...check.command] } };
  }
}

export function toStop(proto: ProtoStop | undefined, report: Report): StopPolicy | undefined {
  if (proto === undefined) return undefined;
  return present({
    signal: proto.signal,
    grace: toLength(proto.grace, at(report, "grace")),
    drainWait: toLength(proto.drainWait, at(report, "drain_wait")),
    ackDeadline: toLength(proto.ackDeadline, at(report, "ack_deadline")),
  });
}

export function fromStop(stop: StopPolicy | undefined): ProtoStop | undefined {
  if (stop === undefined) return undefined;
  return {
    signal: stop.signal,
    grace: toDuration(stop.grace),
    drainWait: toDuration(stop.drainWait),
    ackDeadline: toDuration(stop.ackDeadline),
  };
}

export function toLost(proto: ProtoLost | undefined, report: Report): LostPolicy | undefined {
  if (proto === undefined) return undefined;
  return present({
    after: toLength(proto.after, at(report, "after")),
    onReturn: wordOf(ON_RETURN, proto.onReturn, at(report, "on_return")),
    atMostOnce: proto.atMostOnce,
  });
}

export function fromLost(lost: LostPolicy | undefined): ProtoLost | undefined {
  if (lost === undefined) return undefined;
  return {
    after: toDuration(lost.after),
    onReturn: lost.onReturn === undefined ? undefined : ON_RETURN[lost.onReturn],
    atMostOnce: lost.atMostOnce,
  };
}

export function toUpdate(proto: ProtoUpdate | undefined, report: Report): UpdatePolicy | undefined {
  if (proto === undefined) return undefined;
  return present({
    maxParallel: proto.maxParallel,
    order: wordOf(UPDATE_ORDER, proto.order, at(report, "order")),
    wait: toLength(proto.wait, at(report, "wait")),
    minHealthyTime: toLength(proto.minHealthyTime, at(report, "min_healthy_time")),
    healthyDeadline: toLength(proto.healthyDeadline, at(report, "healthy_deadline")),
    progressDeadline: toLength(proto.progressDeadline, at(report, "progress_deadline")),
    onFailure: wordOf(ON_FAILURE, proto.onFailure, at(report, "on_failure")),
    canary: proto.canary,
    steps: nonEmpty(proto.steps),
  });
}

export function fromUpdate(update: UpdatePolicy | undefined): ProtoUpdate | undefined {
  if (update === undefined) return undefined;
  return {
    maxParallel: update.maxParallel,
    order: update.order === undefined ? undefined : UPDATE_ORDER[update.order],
    wait: toDuration(update.wait),
    minHealthyTime: toDuration(update.minHealthyTime),
    healthyDeadline: toDuration(update.healthyDeadline),
    progressDeadline: toDuration(update.progressDeadline),
    onFailure: update.onFailure === undefined ? undefined : ON_FAILURE[update.onFailure],
    canary: update.canary,
    steps: [...(update.steps ?? [])],
  };
}

export function toLogging(proto: ProtoLogging | undefined): Logging | undefined {
  return proto === undefined
    ? undefined
    : present({ driver: proto.driver, maxSize: proto.maxSize, maxFile: proto.maxFile });
}

export function fromLogging(logging: Logging | undefined): ProtoLogging | undefined {
  return logging === undefined
    ? undefined
    : { driver: logging.driver, maxSize: logging.maxSize, maxFile: logging.maxFile };
}
