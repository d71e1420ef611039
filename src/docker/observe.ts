// What the engine says of one container, in the words of the model. Pure.

import type Docker from "dockerode";
import type { EngineStatus, ObservedContainer, Ownership } from "../model/container.js";
import type { Instant } from "../model/instant.js";
import type { Stranger } from "../model/ports.js";
import { made } from "./made.js";
import { readRestartPolicy } from "./restart-policy.js";

export type Row = Pick<Docker.ContainerInfo, "Id" | "Names" | "State" | "Status" | "Labels" | "Ports">;

export function observe(host: string, owner: Ownership, seen: Docker.ContainerInspectInfo): ObservedContainer {
  const { State: state, HostConfig } = seen;
  const status = engineStatus(state);
  const startedAt = instant(state.StartedAt);
  const ended = status === "exited" || status === "dead" || status === "restarting";
  const finishedAt = ended ? instant(state.FinishedAt) : undefined;
  return {
    id: seen.Id,
    name: seen.Name.replace(/^\//, ""),
    host,
    owner,
    status,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(ended && startedAt !== undefined ? { exitCode: state.ExitCode } : {}),
    outOfMemory: state.OOMKilled,
    restartCount: seen.RestartCount,
    restartPolicy: readRestartPolicy(HostConfig.RestartPolicy?.Name),
    health: health(state.Health?.Status),
    verdict: "untried",
    ...limits(HostConfig),
    made: made(seen),
  };
}

/** Zero is the engine's word for none. */
function limits({ NanoCpus, Memory }: Docker.HostConfig): Pick<ObservedContainer, "limits"> {
  const cpu = NanoCpus ? { cpu: NanoCpus / 1e9 } : {};
  const mem = Memory ? { mem: Memory } : {};
  return NanoCpus || Memory ? { limits: { ...cpu, ...mem } } : {};
}

/**
 * A container that was never started, from its row alone: 20.10 answers an inspection only once a start that is under
 * way has ended, and there is nothing more to learn. Ours are created with restart policy "no".
 */
export function observeUnstarted(host: string, owner: Ownership, row: Row): ObservedContainer {
  return {
    id: row.Id,
    name: nameOf(row),
    host,
    owner,
    status: "created",
    outOfMemory: false,
    restartCount: 0,
    restartPolicy: "no",
    health: "none",
    verdict: "untried",
  };
}

/** A container of which the engine says no more than its row; `last` is what was seen of it before, if anything was. */
export function observeMute(
  host: string,
  owner: Ownership,
  row: Row,
  last: Docker.ContainerInspectInfo | undefined,
): ObservedContainer {
  const isAsBefore = last?.State.Status === row.State;
  const known = last !== undefined && isAsBefore ? observe(host, owner, last) : observeUnstarted(host, owner, row);
  const exitCode = /^Exited \((\d+)\)/.exec(row.Status)?.[1];
  return {
    ...known,
    status: engineStatus({ Status: row.State, Running: row.State === "running" }),
    health: health(/\((?:health: )?(\w+)\)$/.exec(row.Status)?.[1]),
    ...(exitCode === undefined ? {} : { exitCode: Number(exitCode) }),
  };
}

const STATUSES: readonly string[] = ["created", "running", "restarting", "paused", "exited", "dead", "removing"];

/** A word that this code does not know is read as what it means for the process. */
function engineStatus(state: Pick<Docker.ContainerInspectInfo["State"], "Status" | "Running">): EngineStatus {
  if (STATUSES.includes(state.Status)) return state.Status as EngineStatus;
  return state.Running ? "running" : "exited";
}

function health(status: string | undefined): ObservedContainer["health"] {
  return status === "starting" || status === "healthy" || status === "unhealthy" ? status : "none";
}

/** The engine writes year 1 for "never". */
function instant(text: string): Instant | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) || time <= 0 ? undefined : time;
}

export function stranger(row: Row): Stranger {
  const ports = (row.Ports ?? []).map((port) => port.PublicPort).filter((port) => port > 0);
  return { id: row.Id, name: nameOf(row), hostPorts: [...new Set(ports)] };
}

const nameOf = (row: Row): string => (row.Names?.[0] ?? "").replace(/^\//, "");

/** Changes whenever the row tells of something that an inspection would tell anew; times passing by change nothing. */
export function rowSignature(row: Row): string {
  const brackets = row.Status.match(/\(.*?\)/g) ?? [];
  return [row.State, ...(row.Names ?? []), ...brackets].join("|");
}
