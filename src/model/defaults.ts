// Defaults of the group file, applied where a value is used and never stored, so that a new default or a new
// key replaces no container.

import type { GroupConfig, HealthCheck } from "./group.js";
import { MINUTE, SECOND } from "./instant.js";

export const DEFAULTS = {
  instances: 1,
  pull: "missing",
  init: true,
  weight: 100,
  restart: "always",
  /** Without a signal of the config the image's own counts, else SIGTERM. */
  stop: { grace: 10 * SECOND, drainWait: 0, ackDeadline: 10 * SECOND },
  health: {
    interval: 5 * SECOND,
    timeout: 2 * SECOND,
    passes: 2,
    fails: 3,
    startPeriod: 0,
    startInterval: 250,
  },
  lost: { after: 30 * SECOND, onReturn: "keep_new", atMostOnce: false },
  update: {
    maxParallel: "1",
    order: "auto",
    wait: 0,
    minHealthyTime: 10 * SECOND,
    healthyDeadline: 5 * MINUTE,
    progressDeadline: 10 * MINUTE,
    onFailure: "rollback",
    canary: 0,
  },
  profile: "default",
  logging: { driver: "local", maxSize: "10m", maxFile: 3 },
  fileMode: "0444",
  spread: "host",
  pidsLimit: 4096,
} as const;

/** What readiness means for a config whose image has no HEALTHCHECK of its own, contracts.md 5. */
export type Readiness =
  /** Running is ready. */
  | { readonly kind: "none" }
  /** Running for one second is ready: no ports, nothing to ask. */
  | { readonly kind: "running" }
  /** Docker's HEALTHCHECK decides; one pass. */
  | { readonly kind: "docker" }
  /** Probed from outside: every probe has to pass. */
  | { readonly kind: "probe"; readonly probes: readonly Probed[]; readonly pace: Pace };

export type Probed =
  | { readonly kind: "tcp"; readonly port: string }
  | { readonly kind: "http"; readonly port: string; readonly path: string }
  | { readonly kind: "grpc"; readonly port: string; readonly service: string };

export type Pace = Required<Omit<HealthCheck, "check">>;

/** @param imageHasHealthcheck the image's own HEALTHCHECK counts only when the config names no check. */
export function readiness(config: GroupConfig, imageHasHealthcheck: boolean): Readiness {
  const health = config.health;
  if (health === undefined) return imageHasHealthcheck ? { kind: "docker" } : impliedReadiness(config);
  const pace: Pace = { ...DEFAULTS.health, ...withoutCheck(health) };
  switch (health.check.kind) {
    case "none":
      return { kind: "none" };
    case "exec":
      return { kind: "docker" };
    case "http":
      return {
        kind: "probe",
        probes: [{ kind: "http", port: health.check.port, path: health.check.path ?? "/" }],
        pace,
      };
    case "tcp":
      return { kind: "probe", probes: [{ kind: "tcp", port: health.check.port }], pace };
    case "grpc":
      return {
        kind: "probe",
        probes: [{ kind: "grpc", port: health.check.port, service: health.check.service ?? "" }],
        pace,
      };
  }
}

function impliedReadiness(config: GroupConfig): Readiness {
  const tcp = (config.ports ?? []).filter((port) => (port.protocol ?? "tcp") === "tcp");
  if (tcp.length === 0) return { kind: "running" };
  return {
    kind: "probe",
    probes: tcp.map((port) => ({ kind: "tcp", port: port.name })),
    pace: { ...DEFAULTS.health, passes: 1 },
  };
}

function withoutCheck(health: HealthCheck): Omit<HealthCheck, "check"> {
  const { check: _, ...pace } = health;
  return pace;
}
