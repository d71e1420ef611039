// Checks of single settings. Each gives the value, or notes a problem and gives undefined.

import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type LabelSet, labelSet } from "../model/labels.js";
import { isLabel, labelComplaint, MAX_LABELS } from "../model/names.js";
import { type Address, formatAddress, isLoopback, parseAddress } from "./address.js";
import type { Problem } from "./problem.js";

export type Note = (problem: Problem) => void;

/** http or https URLs of etcd's members, without a login in them. */
export function checkEndpoints(text: string | undefined, note: Note): readonly string[] {
  if (text === undefined) {
    note({
      what: "no store is named: neither --dev nor --etcd",
      why: "Theseus keeps everything in a store: one of its own on this machine, or an etcd (or set THESEUS_ETCD)",
      next: [
        "theseus server start --dev         nothing else is needed but Docker",
        "theseus server start --etcd http://127.0.0.1:2379",
      ],
    });
    return [];
  }
  const endpoints = text.split(",").map((part) => part.trim());
  for (const endpoint of endpoints) {
    const why = endpointComplaint(endpoint);
    if (why !== undefined)
      note({ what: `--etcd: "${withoutLogin(endpoint)}" is not the address of an etcd member`, why });
  }
  return endpoints.map((endpoint) => endpoint.replace(/\/$/, ""));
}

function endpointComplaint(endpoint: string): string | undefined {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    return "it is written http://HOST:PORT or https://HOST:PORT";
  if (url.username !== "" || url.password !== "") return "a login goes into --etcd-user and --etcd-password-file";
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return "nothing follows the port";
  return undefined;
}

function withoutLogin(endpoint: string): string {
  return endpoint.replace(/\/\/[^/@]*@/, "//…@");
}

/** The text of a file that a flag names. */
export function checkFile(flag: string, path: string | undefined, note: Note): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    note({ what: `--${flag}: ${path} cannot be read`, why: READ_FAILURES[code ?? ""] ?? String(code) });
    return undefined;
  }
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this user may not read it",
  EISDIR: "it is a folder",
};

export function checkChoice<T extends string>(
  flag: string,
  text: string | undefined,
  choices: readonly [T, ...T[]],
  note: Note,
): T {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined && text !== undefined)
    note({ what: `--${flag}: "${text}" is no choice`, why: `choices are ${choices.join(" ")}` });
  return choice ?? choices[0];
}

export function checkSeconds(flag: string, text: string | undefined, fallback: number, note: Note): number {
  if (text === undefined) return fallback;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 2 && seconds <= 300) return seconds;
  note({ what: `--${flag}: "${text}" is not a number of seconds`, why: "a whole number from 2 to 300" });
  return fallback;
}

export function checkHostLabels(text: string | undefined, note: Note): LabelSet {
  const labels = (text ?? "")
    .split(",")
    .map((label) => label.trim())
    .filter((label) => label !== "");
  for (const label of labels) {
    if (!isLabel(label)) note({ what: `--host-labels: "${label}" is not a valid label`, why: labelComplaint(label) });
  }
  if (labels.length > MAX_LABELS)
    note({ what: `--host-labels: ${labels.length} labels`, why: `at most ${MAX_LABELS}` });
  return labelSet(labels);
}

/** An address of this machine that containers and other hosts reach too. */
export function checkAdvertise(text: string | undefined, note: Note): string | undefined {
  if (text === undefined) return undefined;
  if (isIP(text) === 0) note({ what: `--advertise: "${text}" is not an IP address` });
  else if (isLoopback(text))
    note({ what: `--advertise: ${text} is a loopback address`, why: "containers and other hosts cannot reach it" });
  else if (text === "0.0.0.0" || text === "::") note({ what: `--advertise: ${text} is every address, not one` });
  else return text;
  return undefined;
}

export function checkListen(flag: string, text: string, note: Note): Address | undefined {
  const address = parseAddress(text);
  if (address === undefined)
    note({
      what: `--${flag}: "${text}" is not an address to listen on`,
      why: "it is written HOST:PORT, like 127.0.0.1:7700",
    });
  return address;
}

/** Without TLS only this machine, and for discovery its containers, may reach a listener. */
export function checkReach(
  flag: string,
  address: Address | undefined,
  allowed: { readonly insecurely: boolean; readonly bridge?: string | undefined },
  note: Note,
): void {
  if (address === undefined || allowed.insecurely || isLoopback(address.host) || address.host === allowed.bridge)
    return;
  note({
    what: `--${flag}: ${formatAddress(address)} can be reached by other machines, without TLS`,
    why: "whoever reaches it may do there whatever this server can do, or see what it sees",
    next: [
      `theseus server start --${flag} 127.0.0.1:${address.port} ...`,
      "or, where the network is yours alone, add --listen-insecurely",
    ],
  });
}
