// Names of watches: nobody guesses one, and each tells which server it is of.

import type { Rng } from "../model/ports.js";
import type { Report } from "./violations.js";

const FORM = /^([\x21-\x2d\x2f-\x7e]{1,64})\.[0-9a-f]{32}$/;

export function newWatchId(serverId: string, rng: Pick<Rng, "hex">): string {
  return `${serverId}.${rng.hex(16)}`;
}

/** Empty for an empty text, and, reported, for one that is no watch id. */
export function readWatchId(text: string, report: Report): string {
  if (text === "" || FORM.test(text)) return text;
  report("", "it is none that a watch has given");
  return "";
}

/** The server that gave it; "" where it is empty. */
export function serverOf(watchId: string): string {
  return FORM.exec(watchId)?.[1] ?? "";
}
