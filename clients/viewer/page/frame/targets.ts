// What the palette finds: screens, services, groups, containers, hosts, and commands that can be copied.

import { fleet } from "../live/fleet.js";
import { containerCommand, groupCommands } from "../parts/commands.js";
import { containerHref, groupHref, href } from "../view-url.js";
import { SCREEN_TITLES, SCREENS } from "./navigation.js";

export interface Target {
  readonly kind: "go" | "copy";
  /** "group", "host", "copy". */
  readonly what: string;
  readonly title: string;
  /** An address, or what is copied. */
  readonly value: string;
}

const MOST = 50;
/** So many of a kind, so that containers do not hide the rest. */
const MOST_OF_A_KIND = 20;

/** The best few for these words: each has to be in the name. */
export function targets(text: string): Target[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const hit = (name: string): boolean => words.every((word) => name.includes(word));
  const found = [screens, services, groups, hosts, containers].flatMap((list) => firstOf(list(hit)));
  const commands = words.length === 0 ? [] : firstOf(copies(hit));
  return [...found, ...commands].slice(0, MOST);
}

type Hit = (name: string) => boolean;

function firstOf(found: Iterable<Target>): Target[] {
  const list: Target[] = [];
  for (const one of found) {
    list.push(one);
    if (list.length === MOST_OF_A_KIND) break;
  }
  return list;
}

function* screens(hit: Hit): Iterable<Target> {
  for (const [route] of SCREENS)
    if (hit(SCREEN_TITLES[route].toLowerCase()))
      yield { kind: "go", what: "screen", title: SCREEN_TITLES[route], value: href(route) };
}

function* services(hit: Hit): Iterable<Target> {
  const seen = new Set<string>();
  for (const { ns, service } of fleet.groups.all()) {
    const name = `${ns} ${service}`;
    if (seen.has(name) || !hit(service)) continue;
    seen.add(name);
    yield {
      kind: "go",
      what: `service in ${ns}`,
      title: service,
      value: href("groups", { ns, filter: `svc:${service}` }),
    };
  }
}

function* groups(hit: Hit): Iterable<Target> {
  for (const row of fleet.groups.all())
    if (hit(row.ref)) yield { kind: "go", what: `group in ${row.ns}`, title: row.ref, value: groupHref(row) };
}

function* hosts(hit: Hit): Iterable<Target> {
  for (const { name } of fleet.hosts.all())
    if (hit(name.toLowerCase()))
      yield { kind: "go", what: "host", title: name, value: href("containers", { filter: `host:${name}` }) };
}

function* containers(hit: Hit): Iterable<Target> {
  for (const row of fleet.containers.all()) {
    const title = row.slot > 0 ? `${row.ref}:${row.slot}` : `${row.ref} ${row.name}`;
    if (hit(title) || hit(row.name))
      yield { kind: "go", what: `container in ${row.ns}`, title: `${title} · ${row.name}`, value: containerHref(row) };
  }
}

function* copies(hit: Hit): Iterable<Target> {
  for (const row of fleet.groups.all())
    for (const line of groupCommands(row))
      if (hit(line)) yield { kind: "copy", what: "copy", title: line, value: line };
  for (const row of fleet.containers.all()) {
    const line = containerCommand(row);
    if (hit(line)) yield { kind: "copy", what: "copy", title: line, value: line };
  }
}
