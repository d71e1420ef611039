// A port of a container as an address that a browser can open. Pure.

import type { ContainerDetail } from "../../wire.js";

type Port = ContainerDetail["ports"][number];

const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i;
const PLAIN_HOST = /^[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?$/i;

/** undefined: nothing that a browser could open, or no address that is safe in a link. */
export function portLink(address: string, { external, protocol, name, exposed }: Port): string | undefined {
  if (protocol !== "tcp" || external <= 0 || external > 65_535) return undefined;
  const host = IPV6.test(address) ? `[${address}]` : address;
  if (!IPV6.test(address) && !PLAIN_HOST.test(address)) return undefined;
  const scheme = name === "https" || exposed === 443 || exposed === 8443 ? "https" : "http";
  return `${scheme}://${host}:${external}`;
}
