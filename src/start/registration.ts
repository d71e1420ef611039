// How this server becomes known to the others, with the address where containers reach its discovery, which may be there
// only later: Docker makes its bridge when it starts.

import type { Address } from "../config/address.js";
import { SECOND } from "../model/instant.js";
import type { Clock, Logger } from "../model/ports.js";
import type { Membership } from "../model/store.js";
import { persist } from "./later.js";

type Asked = Address | { readonly bridge: true; readonly port: number } | undefined;

/** Where to listen for containers; undefined: nowhere, or the bridge is not there yet. */
export function discoveryAddress(asked: Asked, bridge: string | undefined): Address | undefined {
  if (asked === undefined || !("bridge" in asked)) return asked;
  return bridge === undefined ? undefined : { host: bridge, port: asked.port };
}

export type Registration = {
  readonly membership: Membership;
  readonly version: string;
  /** As "host:port"; undefined: not listening for containers now. */
  readonly discovery: string | undefined;
  /** Present when it is to listen as soon as it can. */
  readonly late:
    | { readonly find: () => Address | undefined; readonly open: (address: Address) => Promise<string> }
    | undefined;
  /** What this server has to complain of, in words. */
  readonly problems: Set<string>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

/** Keeps the server registered until the signal. Never rejects. */
export async function register({ membership, version, discovery, late, ...rest }: Registration): Promise<void> {
  const { signal } = rest;
  if (discovery !== undefined || late === undefined) {
    return membership.join({ discovery: discovery ?? "", version }, signal);
  }
  const opened = openLate(late, rest);
  const later = opened.then((found) => ({ discovery: found ?? "", version }));
  await Promise.all([opened, membership.join({ discovery: "", version }, signal, later)]);
}

type Around = Pick<Registration, "problems" | "clock" | "log" | "signal">;

/** The address once it is listened on; undefined when the server stops before. */
async function openLate(
  { find, open }: NonNullable<Registration["late"]>,
  { problems, clock, log, signal }: Around,
): Promise<string | undefined> {
  const missing = "containers cannot reach discovery yet: this machine has no Docker bridge (docker0)";
  problems.add(missing);
  log.warn({}, missing);
  try {
    let address = find();
    for (; address === undefined; address = find()) await clock.sleep(SECOND, signal);
    const there = address;
    const opened = await persist("listening for discovery", () => open(there), { clock, log, signal });
    problems.delete(missing);
    log.info({ discovery: opened }, "listening for discovery");
    return opened;
  } catch {
    // Nothing but the end of the server ends the waiting.
    return undefined;
  }
}
