// Rules for how containers are placed, stopped, replaced and given up.

import type { GroupConfig, LostPolicy, StopPolicy, UpdatePolicy } from "../model/group.js";
import { parseSelector } from "../model/selector.js";
import { whyNotBeside } from "../planner/rollout-policy.js";
import { durationOf } from "../planner/rollout-steps.js";
import { checkLength, checkWait } from "./validate-lengths.js";
import { at, checkRange, checkText, type Report } from "./violations.js";

const SIGNALS = new Set(
  (
    "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG " +
    "XCPU XFSZ VTALRM PROF WINCH IO PWR SYS RTMIN RTMAX"
  ).split(" "),
);
const MOST_STEPS = 100;

export function checkPolicies(config: GroupConfig, report: Report): void {
  checkPlacement(config, report);
  checkStop(config.stop ?? {}, at(report, "stop"));
  checkLost(config.lost ?? {}, at(report, "lost"));
  checkUpdate(config.update ?? {}, at(report, "update"));
  const why = config.update?.order === "start-first" ? whyNotBeside(config) : undefined;
  if (why !== undefined) report("update.order", `start-first is not possible: ${why}`);
}

function checkPlacement(config: GroupConfig, report: Report): void {
  if (config.constraints !== undefined && checkText(report, "constraints", config.constraints, 1024)) {
    const parsed = parseSelector(config.constraints);
    if ("problem" in parsed) report("constraints", parsed.problem);
  }
  checkRange(report, "max_per_host", config.maxPerHost, [0, 1000]);
  if (config.spread !== undefined && !/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/.test(config.spread)) {
    report("spread", `"${config.spread}" is neither host, nor none, nor the part of a host label before "="`);
  }
}

function checkStop(stop: StopPolicy, report: Report): void {
  if (stop.signal !== undefined && !isSignal(stop.signal)) {
    report("signal", `"${stop.signal}" is not a signal like SIGTERM`);
  }
  checkLength(report, "grace", stop.grace);
  checkLength(report, "drain_wait", stop.drainWait);
  checkWait(report, "ack_deadline", stop.ackDeadline);
}

function isSignal(text: string): boolean {
  const name = /^SIG([A-Z0-9]+)(?:[+-]\d{1,2})?$/.exec(text)?.[1];
  if (name === undefined) return false;
  return SIGNALS.has(name) && (!/[+-]/.test(text) || name.startsWith("RT"));
}

function checkLost(lost: LostPolicy, report: Report): void {
  checkLength(report, "after", lost.after);
}

function checkUpdate(update: UpdatePolicy, report: Report): void {
  if (update.maxParallel !== undefined && !isShare(update.maxParallel, 1, 1000)) {
    report(
      "max_parallel",
      `"${update.maxParallel}" is neither a number from 1 to 1000 nor a percentage from 1% to 100%`,
    );
  }
  checkLength(report, "wait", update.wait);
  checkLength(report, "min_healthy_time", update.minHealthyTime);
  checkLength(report, "healthy_deadline", update.healthyDeadline, { positive: true });
  checkLength(report, "progress_deadline", update.progressDeadline, { positive: true });
  checkRange(report, "canary", update.canary, [0, 1000]);
  const steps = update.steps ?? [];
  if (steps.length > MOST_STEPS) report("steps", `${steps.length} steps, at most ${MOST_STEPS} are allowed`);
  for (const [i, step] of steps.entries()) {
    if (!isShare(step, 1, 1000) && step !== "pause" && durationOf(step) === undefined) {
      report(`steps[${i}]`, `"${step}" is neither a number, nor a percentage like 25%, nor pause, nor a time like 5m`);
    }
  }
}

function isShare(text: string, least: number, most: number): boolean {
  const found = /^(\d{1,4})(%?)$/.exec(text);
  if (found === null) return false;
  const value = Number(found[1]);
  return value >= least && value <= (found[2] === "%" ? 100 : most);
}
