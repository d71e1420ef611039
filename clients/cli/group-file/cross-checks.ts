// What a schema cannot say: keys that depend on each other, names that other tools reserve, and keys that are known
// but do nothing yet. Works on whatever was written, so that it finds its problems beside those of the schema.

import { Failure } from "../failure.js";
import { LABEL_RULE, labelProblem, selectorProblem } from "../names.js";
import { formatGroup, type GroupReference, parseGroup } from "../references.js";
import { notYetEffective } from "./not-yet-effective.js";
import { type Complain, type Path, type Problem, pathText } from "./problems.js";
import type { Tree } from "./tree.js";

type Values = Readonly<Record<string, unknown>>;

/** Set in every container by Theseus. */
const INJECTED = new Set([
  "SERVICE_NAME",
  "GROUP_LABELS",
  "CONTAINER_NAME",
  "NAMESPACE",
  "CONTAINER_HOST_ADDRESS",
  "THESEUS_SERVER",
]);

export function crossChecks(tree: Tree): Problem[] {
  const problems: Problem[] = [];
  const complain =
    (onKey: boolean): Complain =>
    (path, what, expected) => {
      const place = onKey ? tree.keyPlace(path) : tree.place(path);
      problems.push({ ...place, path: pathText(path), what, ...(expected === undefined ? {} : { expected }) });
    };
  const groups = mapOf(mapOf(tree.value)?.["groups"]);
  if (groups === undefined) return problems;
  checkReferences(groups, complain(true));
  for (const [key, group] of Object.entries(groups)) {
    const values = mapOf(group);
    if (values !== undefined) checkGroup(values, ["groups", key], complain(false), complain(true));
  }
  return problems;
}

function checkGroup(group: Values, path: Path, complain: Complain, complainKey: Complain): void {
  checkEnv(group, path, complainKey);
  checkHealth(group, path, complain);
  checkVolumes(group, path, complain);
  checkTargets(group, path, complain);
  checkConstraints(group, path, complain);
  checkNetworks(group, path, complain);
  checkHostPorts(group, path, complain);
  notYetEffective(group, path, complain);
}

/** Two keys may be written differently and name the same group. */
function checkReferences(groups: Values, complain: Complain): void {
  const seen = new Map<string, string>();
  for (const key of Object.keys(groups)) {
    const reference = readReference(key);
    if (typeof reference === "string") {
      complain(["groups", key], "is not a group", reference);
      continue;
    }
    const canonical = formatGroup(reference);
    const before = seen.get(canonical);
    if (before === undefined) seen.set(canonical, key);
    else complain(["groups", key], `is the same group as ${before}`, "each group once");
  }
}

function readReference(key: string): GroupReference | string {
  try {
    return parseGroup(key);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `SERVICE/LABELS, like web/dev,frontend. ${(error.parts.why ?? []).join("; ")}`;
  }
}

function checkEnv(group: Values, path: Path, complain: Complain): void {
  const ports = Object.keys(mapOf(group["ports"]) ?? {}).map((name) => name.toUpperCase().replaceAll("-", "_"));
  const injected = new Set([...INJECTED, ...ports.flatMap((name) => [`PORT_${name}`, `EXPOSED_PORT_${name}`])]);
  for (const name of Object.keys(mapOf(group["env"]) ?? {}))
    if (injected.has(name) || name === "__proto__")
      complain([...path, "env", name], "is set by Theseus in every container", "another name");
}

const CHECKS = ["http", "tcp", "grpc", "exec"];

function checkHealth(group: Values, path: Path, complain: Complain): void {
  const health = mapOf(group["health"]);
  if (health === undefined) return;
  const at = [...path, "health"];
  const chosen = CHECKS.filter((check) => Object.hasOwn(health, check));
  if (chosen.length !== 1) {
    const what = chosen.length === 0 ? "says no check" : `says ${chosen.join(" and ")}`;
    complain(at, what, "one of http, tcp, grpc, exec, or health: none");
  }
  const ports = mapOf(group["ports"]) ?? {};
  for (const check of chosen.filter((name) => name !== "exec"))
    checkHealthPort({ ports, check }, health[check], [...at, check], complain);
}

function checkHealthPort(
  { ports, check }: { readonly ports: Values; readonly check: string },
  value: unknown,
  path: Path,
  complain: Complain,
): void {
  const long = mapOf(value);
  const short = check !== "http" && typeof value === "string" ? value : undefined;
  const name = long === undefined ? short : long["port"];
  const at = long === undefined || long["port"] === undefined ? path : [...path, "port"];
  const names = Object.keys(ports);
  if (typeof name === "string" && !names.includes(name))
    complain(at, `there is no port ${name}`, names.length === 0 ? "a port in ports" : names.join(", "));
  if (name === undefined && check === "http" && firstTcpPort(ports) === undefined)
    complain(at, "there is no tcp port to ask", "a port in ports");
}

/** The name of the first port that is not udp. */
export function firstTcpPort(ports: Values): string | undefined {
  return Object.keys(ports).find((name) => mapOf(ports[name])?.["protocol"] !== "udp");
}

function checkVolumes(group: Values, path: Path, complain: Complain): void {
  for (const [i, item] of listOf(group["volumes"]).entries()) {
    const volume = mapOf(item);
    if (volume === undefined) continue;
    const at = [...path, "volumes", i];
    const sources = ["name", "bind"].filter((key) => Object.hasOwn(volume, key));
    if (sources.length !== 1)
      complain(at, sources.length === 0 ? "says no source" : "says both name and bind", "name or bind");
    if (volume["bind"] !== undefined && volume["per"] !== undefined)
      complain([...at, "per"], "a bind mount is of the host", "per only with name");
  }
}

/** No two things at one place in the container. */
function checkTargets(group: Values, path: Path, complain: Complain): void {
  const seen = new Set<string>();
  for (const key of ["volumes", "files"])
    for (const [i, item] of listOf(group[key]).entries()) {
      const target = mapOf(item)?.["at"];
      if (typeof target !== "string") continue;
      if (seen.has(target))
        complain([...path, key, i, "at"], `${target} is taken by another volume or file`, "another path");
      seen.add(target);
    }
}

function checkConstraints(group: Values, path: Path, complain: Complain): void {
  const selector = group["constraints"];
  const problem = typeof selector === "string" ? selectorProblem(selector) : undefined;
  if (problem !== undefined)
    complain([...path, "constraints"], problem, `a,b all of; !x not; a|b either. ${LABEL_RULE}`);
  const spread = group["spread"];
  const wrong = typeof spread === "string" ? labelProblem(spread) : undefined;
  if (wrong !== undefined) complain([...path, "spread"], wrong, 'host, none, or the part of a host label before "="');
}

function checkNetworks(group: Values, path: Path, complain: Complain): void {
  const networks = listOf(group["networks"]);
  if (networks.includes("host") && networks.length > 1)
    complain([...path, "networks"], "host cannot be combined with other networks", "[host] alone");
}

function checkHostPorts(group: Values, path: Path, complain: Complain): void {
  const seen = new Map<string, string>();
  for (const [name, value] of Object.entries(mapOf(group["ports"]) ?? {})) {
    const { host, protocol = "tcp" } = mapOf(value) ?? {};
    if (typeof host !== "number" || typeof protocol !== "string") continue;
    const key = `${host}/${protocol}`;
    const before = seen.get(key);
    if (before !== undefined)
      complain([...path, "ports", name, "host"], `port ${key} is taken by ${before}`, "another port");
    seen.set(key, name);
  }
}

export function mapOf(value: unknown): Values | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
