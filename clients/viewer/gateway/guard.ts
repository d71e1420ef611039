// Who may ask: requests that name this gateway as their host, and that no other site's page has caused. A name of
// somebody else that resolves to our address (DNS rebinding) is refused before anything else is looked at. Pure.

export interface Asked {
  /** As they came: name, value, name, value. */
  readonly rawHeaders: readonly string[];
  /** The address and port that the connection came to. */
  readonly localAddress: string;
  readonly localPort: number;
  /** True for the path of a page, which other sites may link to. */
  readonly isPage: boolean;
}

export interface Refused {
  readonly status: 400 | 403 | 421;
  readonly why: string;
}

const LOOPBACK: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/** @param allowed names that were given with --allow-host, with or without a port. */
export function refusalOf(asked: Asked, allowed: readonly string[]): Refused | undefined {
  const hosts = valuesOf(asked, "host");
  const [host = ""] = hosts;
  if (hosts.length !== 1 || !isOurs(host, asked, allowed))
    return { status: 421, why: "this address serves no host of that name; --allow-host NAME allows one" };
  const origins = valuesOf(asked, "origin");
  if (origins.length > 1) return { status: 400, why: "more than one Origin header" };
  const isNavigation = asked.isPage && isNavigating(asked);
  const [origin] = origins;
  if (origin !== undefined && !isSameOrigin(origin, host)) return foreign();
  const site = valuesOf(asked, "sec-fetch-site");
  const isOwn = site.every((value) => value === "same-origin" || value === "none");
  return isOwn || isNavigation ? undefined : foreign();
}

function foreign(): Refused {
  return { status: 403, why: "a page of another site asked for this; only pages of this viewer may" };
}

function valuesOf({ rawHeaders }: Asked, name: string): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}

/** A person follows a link, in a window of its own. */
function isNavigating(asked: Asked): boolean {
  const [mode] = valuesOf(asked, "sec-fetch-mode");
  const [target] = valuesOf(asked, "sec-fetch-dest");
  return mode === "navigate" && target === "document";
}

function isOurs(host: string, { localAddress, localPort }: Asked, allowed: readonly string[]): boolean {
  const asked = host.toLowerCase();
  // An address that the connection came to is no name that anybody could have led astray.
  const own = [...LOOPBACK, bracketed(plainAddress(localAddress))].map((name) => `${name}:${localPort}`);
  const bare = localPort === 80 ? [...LOOPBACK, bracketed(plainAddress(localAddress))] : [];
  const named = allowed.map((name) => name.toLowerCase());
  const withPort = named.filter((name) => !/:\d+$/.test(name)).map((name) => `${name}:${localPort}`);
  return [...own, ...bare, ...named, ...withPort].includes(asked);
}

/** IPv4 as it is written, also where it came over an IPv6 socket. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").toLowerCase();
}

function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

function isSameOrigin(origin: string, host: string): boolean {
  const own = host.toLowerCase();
  return origin.toLowerCase() === `http://${own}` || origin.toLowerCase() === `https://${own}`;
}
