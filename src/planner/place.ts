// Which host takes a slot: filters first, each saying why not, then a score. Soft wishes only ever score.

import { DEFAULTS } from "../model/defaults.js";
import type { Reason } from "../model/errors.js";
import type { GroupConfig } from "../model/group.js";
import type { HostView } from "../model/host.js";
import type { HostRefusal } from "../model/plan.js";
import { compare } from "./compare.js";
import { unmetConstraints } from "./constraints.js";
import { choosePorts, type HostPorts } from "./ports.js";
import type { Room } from "./room.js";

export type Place = { readonly host: HostView; readonly hostPorts: HostPorts };

/** @param volumeHost where the slot's own volumes are, if there are any. */
export function place(
  config: GroupConfig,
  rooms: readonly Room[],
  volumeHost: string | undefined,
): Place | { readonly refusals: readonly HostRefusal[] } {
  const tried = rooms.map((room) => ({ room, ...tryHost(config, room, volumeHost) }));
  const [best] = tried
    .filter(({ refusals }) => refusals.length === 0)
    .sort((a, b) => byScore(score(config, rooms, a.room), score(config, rooms, b.room)));
  if (best === undefined)
    return { refusals: [...tried.flatMap(({ refusals }) => refusals), ...noSuchHost(rooms, volumeHost)] };
  return { host: best.room.host, hostPorts: best.hostPorts };
}

/** A named volume of the slot itself pins the slot to the host where it was made. */
export function hasSlotVolume(config: GroupConfig): boolean {
  return (config.volumes ?? []).some((volume) => "name" in volume && (volume.per ?? "slot") === "slot");
}

/** Host by host, in one line. */
export function refusalsText(hosts: readonly HostRefusal[]): string {
  const names = [...new Set(hosts.map(({ host }) => host))];
  const byHost = names.map((name) => {
    const texts = hosts.filter(({ host }) => host === name).map(({ text }) => text);
    return `${name}: ${texts.join(", ")}`;
  });
  return byHost.join("; ");
}

function tryHost(
  config: GroupConfig,
  room: Room,
  volumeHost: string | undefined,
): { readonly hostPorts: HostPorts; readonly refusals: readonly HostRefusal[] } {
  const { host } = room;
  const refuse =
    (reason: Reason) =>
    (text: string): HostRefusal => ({ host: host.name, reason, text });
  if (!host.reachable) {
    return { hostPorts: {}, refusals: [refuse("HOST_UNREACHABLE")(host.problem ?? "it does not answer")] };
  }
  const ports = choosePorts(config, room);
  const unfit = [
    ...unmetConstraints(config, host),
    ...unaddressed(config, host),
    ...tooMany(config, room),
    ...tooLittle(config, room),
    ...(volumeHost === undefined || volumeHost === host.name ? [] : [`the volume of this slot is on ${volumeHost}`]),
  ];
  return {
    hostPorts: "hostPorts" in ports ? ports.hostPorts : {},
    refusals: [
      ...unfit.map(refuse("NO_HOST_FITS")),
      ...("problems" in ports ? ports.problems.map(refuse("PORT_TAKEN")) : []),
    ],
  };
}

function unaddressed(config: GroupConfig, host: HostView): readonly string[] {
  if (host.address !== "" || (config.ports ?? []).length === 0) return [];
  return ["it has no address to publish ports on: its engine has no default bridge, and none is advertised"];
}

function tooMany(config: GroupConfig, room: Room): readonly string[] {
  const most = config.maxPerHost ?? 0;
  if (config.distinctHost && room.held > 0) return ["it has a container of this group, and distinct_host is set"];
  return most > 0 && room.held >= most
    ? [`it has ${room.held} containers of this group, and max_per_host is ${most}`]
    : [];
}

/** Nothing is reserved, and nothing refused, where nothing was asked for. */
function tooLittle(config: GroupConfig, room: Room): readonly string[] {
  const { host } = room;
  const out: string[] = [];
  if (config.cpu !== undefined && room.cpu + config.cpu > host.cpu + 1e-9) {
    out.push(`it has ${rounded(host.cpu - room.cpu)} of ${rounded(host.cpu)} cores free, and ${config.cpu} are needed`);
  }
  if (config.mem !== undefined && room.mem + config.mem > host.mem) {
    out.push(
      `it has ${mebibytes(host.mem - room.mem)} of ${mebibytes(host.mem)} free, and ${mebibytes(config.mem)} are needed`,
    );
  }
  return out;
}

function noSuchHost(rooms: readonly Room[], volumeHost: string | undefined): readonly HostRefusal[] {
  if (volumeHost === undefined || rooms.some((room) => room.host.name === volumeHost)) return [];
  return [
    { host: volumeHost, reason: "NO_HOST_FITS", text: "the volume of this slot is on it, and it is not known here" },
  ];
}

type Score = { readonly numbers: readonly number[]; readonly name: string };

/** Fewest of the group where it is spread over, then fewest on the host, then least reserved, then fewest ports taken. */
function score(config: GroupConfig, rooms: readonly Room[], room: Room): Score {
  const { host } = room;
  const load = Math.max(share(room.later.cpu, host.cpu), share(room.later.mem, host.mem));
  const spread = config.spread ?? DEFAULTS.spread;
  const apart = spread === "none" ? [] : [heldAround(spread, rooms, room), room.later.held];
  return { numbers: [...apart, load, host.takenPorts.size], name: host.name };
}

/** Of this group on all hosts that share the label part with this one; "host" is the host alone. */
function heldAround(spread: string, rooms: readonly Room[], room: Room): number {
  if (spread === "host") return room.later.held;
  const part = (host: HostView): string => host.labels.find((label) => label.startsWith(`${spread}=`)) ?? "";
  return rooms.filter(({ host }) => part(host) === part(room.host)).reduce((sum, { later }) => sum + later.held, 0);
}

function byScore(a: Score, b: Score): number {
  const difference = a.numbers.map((number, i) => number - (b.numbers[i] ?? 0)).find((number) => number !== 0);
  return difference ?? compare(a.name, b.name);
}

function share(used: number, all: number): number {
  return all > 0 ? used / all : 0;
}

function rounded(cores: number): string {
  return String(Math.round(Math.max(cores, 0) * 100) / 100);
}

function mebibytes(bytes: number): string {
  return `${Math.floor(Math.max(bytes, 0) / 2 ** 20)} MiB`;
}
