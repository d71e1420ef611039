// The stored form of a group's config: the group file's names in snake_case, durations as whole milliseconds in
// fields that end in _ms, mem in bytes, cpu in cores. Absent stays absent.

import type {
  Change,
  Check,
  ConfigFile,
  ConfigRecord,
  GroupConfig,
  HealthCheck,
  Logging,
  LostPolicy,
  Pin,
  Port,
  StopPolicy,
  UpdatePolicy,
  Volume,
} from "../model/group.js";
import type { HistoryRecord } from "../model/history.js";
import type { Steering } from "../model/steering.js";
import {
  type Codec,
  decimal,
  flag,
  instant,
  list,
  mapOf,
  may,
  must,
  oneOf,
  port,
  record,
  text,
  variants,
  whole,
} from "./json-codec.js";

const portCodec = record<Port>({
  name: must("name", text),
  container: must("container", port),
  host: may("host", port),
  protocol: may("protocol", oneOf("tcp", "udp")),
});

const checkCodec = variants<Check>({
  none: record<Extract<Check, { kind: "none" }>>({ kind: must("kind", oneOf("none")) }),
  http: record<Extract<Check, { kind: "http" }>>({
    kind: must("kind", oneOf("http")),
    port: must("port", text),
    path: may("path", text),
  }),
  tcp: record<Extract<Check, { kind: "tcp" }>>({ kind: must("kind", oneOf("tcp")), port: must("port", text) }),
  grpc: record<Extract<Check, { kind: "grpc" }>>({
    kind: must("kind", oneOf("grpc")),
    port: must("port", text),
    service: may("service", text),
  }),
  exec: record<Extract<Check, { kind: "exec" }>>({
    kind: must("kind", oneOf("exec")),
    command: must("command", list(text)),
  }),
});

const healthCodec = record<HealthCheck>({
  check: must("check", checkCodec),
  interval: may("interval_ms", whole),
  timeout: may("timeout_ms", whole),
  passes: may("passes", whole),
  fails: may("fails", whole),
  startPeriod: may("start_period_ms", whole),
  startInterval: may("start_interval_ms", whole),
});

type Named = Extract<Volume, { name: string }>;
type Bound = Extract<Volume, { bind: string }>;
const named = record<Named>({
  name: must("name", text),
  at: must("at", text),
  per: may("per", oneOf("slot", "group")),
  readOnly: may("read_only", flag),
});
const bound = record<Bound>({ bind: must("bind", text), at: must("at", text), readOnly: may("read_only", flag) });
const volumeCodec: Codec<Volume> = {
  write: (volume) => ("bind" in volume ? bound.write(volume) : named.write(volume)),
  read: (json, at, problems) =>
    typeof json === "object" && json !== null && "bind" in json
      ? bound.read(json, at, problems)
      : named.read(json, at, problems),
  carry: (_, next) => next,
};

const fileCodec = record<ConfigFile>({
  at: must("at", text),
  content: must("content", text),
  mode: may("mode", text),
});

const stopCodec = record<StopPolicy>({
  signal: may("signal", text),
  grace: may("grace_ms", whole),
  drainWait: may("drain_wait_ms", whole),
  ackDeadline: may("ack_deadline_ms", whole),
});

const lostCodec = record<LostPolicy>({
  after: may("after_ms", whole),
  onReturn: may("on_return", oneOf("keep_new", "keep_old")),
  atMostOnce: may("at_most_once", flag),
});

const updateCodec = record<UpdatePolicy>({
  maxParallel: may("max_parallel", text),
  order: may("order", oneOf("auto", "start-first", "stop-first")),
  wait: may("wait_ms", whole),
  minHealthyTime: may("min_healthy_time_ms", whole),
  healthyDeadline: may("healthy_deadline_ms", whole),
  progressDeadline: may("progress_deadline_ms", whole),
  onFailure: may("on_failure", oneOf("rollback", "pause", "continue")),
  canary: may("canary", whole),
  steps: may("steps", list(text)),
});

const loggingCodec = record<Logging>({
  driver: may("driver", text),
  maxSize: may("max_size", text),
  maxFile: may("max_file", whole),
});

export const groupConfigCodec = record<GroupConfig>({
  image: must("image", text),
  pull: may("pull", oneOf("missing", "always", "never")),
  command: may("command", list(text)),
  args: may("args", list(text)),
  workdir: may("workdir", text),
  user: may("user", text),
  init: may("init", flag),
  instances: may("instances", whole),
  env: may("env", mapOf(text)),
  ports: may("ports", list(portCodec)),
  cpu: may("cpu", decimal),
  mem: may("mem", whole),
  health: may("health", healthCodec),
  constraints: may("constraints", text),
  distinctHost: may("distinct_host", flag),
  maxPerHost: may("max_per_host", whole),
  spread: may("spread", text),
  volumes: may("volumes", list(volumeCodec)),
  files: may("files", list(fileCodec)),
  networks: may("networks", list(text)),
  stop: may("stop", stopCodec),
  restart: may("restart", oneOf("always", "on-failure", "never")),
  lost: may("lost", lostCodec),
  weight: may("weight", whole),
  open: may("open", flag),
  update: may("update", updateCodec),
  profile: may("profile", oneOf("default", "restricted")),
  logging: may("logging", loggingCodec),
  dockerLabels: may("docker_labels", mapOf(text)),
});

export const changeCodec = record<Change>({
  actor: must("actor", text),
  command: must("command", text),
  message: must("message", text),
  time: must("time", instant),
});

const pinCodec = record<Pin>({ asked: must("asked", text), pinned: must("pinned", text) });

/** The key .../config. */
export const configRecordCodec = record<ConfigRecord>({
  config: must("config", groupConfigCodec),
  configRevision: must("config_revision", whole),
  change: must("change", changeCodec),
  pin: may("pin", pinCodec),
  restart: may("restart", whole),
  restartWait: may("restart_wait_ms", whole),
  steering: may(
    "steering",
    record<Steering>({
      paused: may("paused", changeCodec),
      promotions: must("promotions", whole),
      aborted: may("aborted", changeCodec),
    }),
  ),
  removing: may("removing", record<NonNullable<ConfigRecord["removing"]>>({ volumes: must("volumes", flag) })),
});

/** /theseus/history/{ns}/{group uid}/{config revision} */
export const historyCodec = record<HistoryRecord>({
  service: must("service", text),
  labels: must("labels", list(text)),
  config: must("config", groupConfigCodec),
  configRevision: must("config_revision", whole),
  change: must("change", changeCodec),
  pin: may("pin", pinCodec),
  removed: may(
    "removed",
    record<NonNullable<HistoryRecord["removed"]>>({ at: must("at", instant), asked: may("asked", changeCodec) }),
  ),
});
