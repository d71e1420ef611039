// A lookup as it stands in the address, and the same on the command line. Pure.

import { commandLine } from "../detail/command.js";
import { address, type Query } from "../view-url.js";

export interface LookupQuestion {
  readonly ns: string;
  readonly service: string;
  /** The selector grammar: "prod,!canary". */
  readonly labels: string;
  readonly port: string;
  /** Exactly this group, and no other that has its labels too; "" for whatever the labels select. */
  readonly ref: string;
}

export function lookupQuestion({ ns = "", service = "", labels = "", port = "" }: Query): LookupQuestion {
  return { ns: ns === "" ? "default" : ns, service, labels, port, ref: "" };
}

export function lookupPath({ ns, service, labels, port, ref }: LookupQuestion): string {
  return address("/api/lookup", ref === "" ? { ns, service, labels, port } : { ns, ref, port });
}

/** @param format of `-o`; "" is the table */
export function discoverLine({ ns, service, labels, port, ref }: LookupQuestion, format = ""): string {
  const words = ["discover"];
  if (ref !== "") words.push(ref);
  else if (service !== "") words.push(service);
  if (ref === "" && labels !== "") words.push("-l", labels);
  if (port !== "") words.push("--port", port);
  if (format !== "" && format !== "table") words.push("-o", format);
  return commandLine(ns, ...words);
}

const MISSES: Readonly<Record<string, string>> = {
  "none-exist": "there is no such service here",
  "none-match": "groups of this service exist, none of them has these labels",
  "no-such-port": "no container that is meant has a port of that name",
  "none-ready": "containers are there, none of them is ready",
};

export function missText(miss: string): string {
  return MISSES[miss] ?? miss.replaceAll("-", " ");
}
