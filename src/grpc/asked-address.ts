// The address that a program wants to be found at, checked and brought into one form.

import { BlockList, isIPv4, isIPv6, SocketAddress } from "node:net";
import type { Report } from "./violations.js";

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const LOCAL_NAME = /^(.+\.)?localhost\.?$/i;
/** Resolvers take a name with such an end for an IPv4 address, in whatever spelling: 127.1, 0x7f.1, 2130706433. */
const NUMERIC = /(^|\.)(\d+|0x[0-9a-f]*)\.?$/i;
const MAPPED = /^::ffff:(?=.*\.)/;

type Net = readonly [address: string, bits: number];

const HERE_NETS: readonly Net[] = [
  ["127.0.0.0", 8],
  ["0.0.0.0", 8],
  ["::1", 128],
  ["::", 96],
];
const MANY_NETS: readonly Net[] = [
  ["224.0.0.0", 4],
  ["255.255.255.255", 32],
  ["ff00::", 8],
];
const LINK_NETS: readonly Net[] = [["fe80::", 10]];
const HERE = listOf(HERE_NETS);
const MANY = listOf(MANY_NETS);
const ON_THE_LINK = listOf(LINK_NETS);
/** Looking into a list takes its time, and most addresses are in none. */
const ANY_OF_THEM = listOf([...HERE_NETS, ...MANY_NETS, ...LINK_NETS]);

/**
 * Told to containers and to other hosts, so each of them has to reach the same program there. IPv6 comes back without
 * brackets, as short as it goes and in small letters; an IPv4 address that is written as IPv6, as IPv4.
 */
export function readAddress(address: string, report: Report): string {
  const shown = `"${address.slice(0, 64)}"`;
  if (address === "") report("", "it is required");
  if (address === "" || isHostName(address)) return address;
  const ip = canonical(address);
  if (ip !== undefined && !ip.includes("%") && !isIn(ANY_OF_THEM, ip)) return ip;
  if (LOCAL_NAME.test(address) || isIn(HERE, ip)) {
    report("", `${shown} is loopback: containers and other hosts would reach themselves there`);
  } else if (isIn(MANY, ip)) report("", `${shown} is multicast or broadcast: no one program answers there`);
  else if (ip?.includes("%") || isIn(ON_THE_LINK, ip)) {
    report("", `${shown} is link-local: it means something else, or nothing, on each other host`);
  } else if (ip === undefined) {
    const hint = NUMERIC.test(address) ? "; an IPv4 address has four decimal numbers, without leading zeros" : "";
    report("", `${shown} is neither an IP address nor a host name${hint}`);
  }
  return ip ?? address;
}

function isHostName(address: string): boolean {
  return HOST_NAME.test(address) && !LOCAL_NAME.test(address) && !NUMERIC.test(address);
}

/** Undefined for what is no IP address. */
function canonical(text: string): string | undefined {
  if (isIPv4(text)) return text;
  const address = /^\[.*\]$/s.test(text) ? text.slice(1, -1) : text;
  if (!isIPv6(address)) return undefined;
  if (address.includes("%")) return address;
  return new SocketAddress({ address, family: "ipv6" }).address.replace(MAPPED, "");
}

function isIn(list: BlockList, ip: string | undefined): boolean {
  if (ip === undefined || ip.includes("%")) return false;
  return list.check(ip, isIPv4(ip) ? "ipv4" : "ipv6");
}

function listOf(nets: readonly Net[]): BlockList {
  const list = new BlockList();
  for (const [net, bits] of nets) list.addSubnet(net, bits, isIPv4(net) ? "ipv4" : "ipv6");
  return list;
}
