// The folder bounds where dependency-cruiser cannot look: its parser reads no JSX, so it leaves .tsx files out. Its own
// rules, over every import of every file beside them, and circles that lead through one.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseSync } from "@swc/core";
import cruiser from "../../.dependency-cruiser.js";

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ["gen", "dist", "node_modules"].includes(entry.name) ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** As a path of the checkout, or where a package would be. */
function resolved(from, name) {
  if (!name.startsWith(".")) return `node_modules/${name}/`;
  const path = join(dirname(from), name);
  return [path.replace(/\.js$/, ".ts"), path.replace(/\.js$/, ".tsx"), path].find((one) => existsSync(one)) ?? path;
}

function importsOf(path) {
  const { body } = parseSync(readFileSync(path, "utf8"), { syntax: "typescript", tsx: path.endsWith(".tsx") });
  return body.flatMap(({ source }) => (source ? [resolved(path, source.value)] : []));
}

const graph = new Map(["src", "clients", "test", "examples"].flatMap(sources).map((path) => [path, importsOf(path)]));

const matches = ({ path, pathNot }, file) =>
  (path === undefined || new RegExp(path).test(file)) && (pathNot === undefined || !new RegExp(pathNot).test(file));

function* forbidden(from, to) {
  for (const rule of cruiser.forbidden)
    if ((rule.to.path ?? rule.to.pathNot) && matches(rule.from, from) && matches(rule.to, to))
      yield `${rule.name}: ${from} → ${to}`;
}

/** The way from a file back to it. */
function circle(start) {
  const ways = [[start]];
  const seen = new Set();
  for (const way of ways)
    for (const next of graph.get(way.at(-1)) ?? []) {
      if (next === start) return `no-circle: ${[...way, start].join(" → ")}`;
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  return undefined;
}

const isJsx = (path) => path.endsWith(".tsx");
const edges = [...graph].flatMap(([from, all]) => all.map((to) => [from, to]));
const odd = edges.filter((edge) => edge.some(isJsx)).flatMap(([from, to]) => [...forbidden(from, to)]);
const circles = [...graph.keys()].filter(isJsx).flatMap((path) => circle(path) ?? []);
for (const complaint of [...odd, ...circles]) console.error(complaint);
process.exit(odd.length + circles.length === 0 ? 0 : 1);
