// The stored form of a group's rollouts.

import { REASONS } from "../model/errors.js";
import {
  FAILURE_POLICIES,
  ORDERS,
  PAUSE_REASONS,
  ROLLOUT_STATES,
  type Rollout,
  type RolloutFailure,
  type RolloutPause,
  type RolloutPolicy,
  type RolloutsRecord,
  type SlotProgress,
} from "../model/rollout.js";
import { changeCodec } from "./config-codec.js";
import { type Codec, flag, instant, list, mapOf, may, must, oneOf, record, text, whole } from "./json-codec.js";

const policyCodec = record<RolloutPolicy>({
  maxParallel: must("max_parallel", whole),
  order: must("order", oneOf(...ORDERS)),
  wait: must("wait_ms", whole),
  minHealthyTime: must("min_healthy_time_ms", whole),
  healthyDeadline: must("healthy_deadline_ms", whole),
  progressDeadline: must("progress_deadline_ms", whole),
  onFailure: must("on_failure", oneOf(...FAILURE_POLICIES)),
  steps: must("steps", list(text)),
});

const pauseCodec = record<RolloutPause>({
  since: must("since", instant),
  reason: must("reason", oneOf(...PAUSE_REASONS)),
  change: may("change", changeCodec),
});

const failureCodec = record<RolloutFailure>({
  reason: must("reason", oneOf(...REASONS)),
  text: must("text", text),
  at: must("at", instant),
  slot: may("slot", whole),
  host: may("host", text),
  container: may("container", text),
});

const slotCodec = record<SlotProgress>({
  begun: must("begun", instant),
  failuresBefore: must("failures_before", whole),
});

/** Absent stands for false. */
const oneOfTrue = flag as Codec<true>;

const rolloutCodec = record<Rollout>({
  to: must("to", whole),
  from: may("from", whole),
  state: must("state", oneOf(...ROLLOUT_STATES)),
  policy: must("policy", policyCodec),
  replaces: must("replaces", flag),
  tried: may("tried", oneOfTrue),
  started: must("started", instant),
  silentSince: may("silent_since", instant),
  progressAt: must("progress_at", instant),
  done: must("done", whole),
  stepsDone: must("steps_done", whole),
  pause: may("pause", pauseCodec),
  slots: must("slots", mapOf(slotCodec) as Codec<Rollout["slots"]>),
  failure: may("failure", failureCodec),
  backBy: may("back_by", whole),
  takesBack: may("takes_back", whole),
  supersededBy: may("superseded_by", whole),
  ended: may("ended", instant),
});

/** /theseus/rollouts/{ns}/{group uid} */
export const rolloutsCodec = record<RolloutsRecord>({ rollouts: must("rollouts", list(rolloutCodec)) });
