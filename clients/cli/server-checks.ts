// What a server says of itself and of its store, as lines that are well or not.

import type { GetServerStatusResponse, StoreStatus } from "../gen/theseus/v1/theseus_service.js";
import { seconds } from "./output/config-object.js";
import { formatDuration, formatSize } from "./quantities.js";

export interface Check {
  readonly id: "server" | "store" | "members" | "leader" | "problem";
  readonly state: "OK" | "WARN" | "FAIL";
  readonly text: string;
  /** What to run, one a line. */
  readonly fix?: string;
}

/** @param address as it was asked for. */
export function checksOf(status: GetServerStatusResponse, address: string): Check[] {
  return [
    serverCheck(status, address),
    storeCheck(status),
    ...membersCheck(status.store),
    leaderCheck(status),
    ...status.problems.map(problemCheck),
  ];
}

/** One line for each check, and one for each thing to run. */
export function checksText(checks: readonly Check[]): string {
  return checks.map(checkText).join("");
}

function checkText({ state, id, text, fix }: Check): string {
  const first = `${state.padEnd(4)}  ${id.padEnd(8)}  `;
  const steps = fix === undefined ? [] : fix.split("\n");
  const more = steps.map((step, index) => `${" ".repeat(first.length)}${index === 0 ? "-> " : "   "}${step}\n`);
  return `${first}${text}\n${more.join("")}`;
}

function serverCheck(status: GetServerStatusResponse, address: string): Check {
  const servers = Math.max(1, status.serverIds.length);
  return {
    id: "server",
    state: "OK",
    text: `${address} ${status.version}, id ${status.serverId}, ${servers} in the cluster`,
  };
}

function storeCheck({ storeReachable, store, storeAge, revision, epoch }: GetServerStatusResponse): Check {
  const age = seconds(storeAge);
  const heard = age === undefined ? "" : `, heard from ${formatDuration(age * 1000)} ago`;
  if (!storeReachable) {
    return { id: "store", state: "FAIL", text: `does not answer${heard}; reads are served from revision ${revision}` };
  }
  const facts = store === undefined ? `answers, revision ${revision}` : storeFacts(store);
  const stretch = epoch === "" ? "" : `, epoch ${epoch}`;
  const alarms = store?.alarms ?? [];
  const alarm = alarms.length === 0 ? "" : `, alarm ${alarms.join(" ")}`;
  return { id: "store", state: alarms.length === 0 ? "OK" : "FAIL", text: `${facts}${stretch}${heard}${alarm}` };
}

function storeFacts({ kind, version, revision, sizeBytes, sizeInUseBytes }: StoreStatus): string {
  const size = `${formatSize(Number(sizeBytes))}, ${formatSize(Number(sizeInUseBytes))} of it in use`;
  return `${kind} ${version}, revision ${revision}, ${size}`;
}

function membersCheck(store: StoreStatus | undefined): Check[] {
  if (store === undefined || store.members.length === 0) return [];
  const well = store.members.filter(({ problem }) => problem === "").map(({ endpoint }) => endpoint);
  const all = store.members.length;
  const named = well.length === 0 ? "" : `: ${well.join(" ")}`;
  return [{ id: "members", state: well.length === all ? "OK" : "WARN", text: `${well.length} of ${all}${named}` }];
}

function leaderCheck({ leaderId, serverId }: GetServerStatusResponse): Check {
  if (leaderId !== "") return { id: "leader", state: "OK", text: leaderId === serverId ? "this server" : leaderId };
  return {
    id: "leader",
    state: "WARN",
    text: "there is none: containers run on, nothing is changed until one is elected",
  };
}

function problemCheck(problem: string): Check {
  const [text = "", ...steps] = problem.split("\n");
  return { id: "problem", state: "FAIL", text, ...(steps.length === 0 ? {} : { fix: steps.join("\n") }) };
}
