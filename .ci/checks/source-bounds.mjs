// What imports cannot show: model/ and planner/ are pure and synchronous, and elsewhere in src/ time, chance and the
// environment come through the ports. Also the size of files. Reads the syntax tree, so comments and texts may say anything.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "@swc/core";

/** Lines; tests may tell longer stories. */
const LONGEST_FILE = 300;
const LONGEST_TEST = 400;

/** Free names whose use is time, chance or the outside world. `Date` is listed apart: dates may be formatted from numbers. */
const TIMERS = ["setTimeout", "setInterval", "setImmediate", "performance"];
const IMPURE = [...TIMERS, "Date", "process", "crypto", "fetch", "queueMicrotask", "console", "globalThis", "Atomics"];

const rules = [
  { under: ["src/model/", "src/planner/"], names: IMPURE, calls: ["Math.random", "AbortSignal.timeout"], async: true },
  {
    under: ["src/"],
    except: ["src/system.ts"],
    names: TIMERS,
    calls: ["Date.now", "Date()", "Math.random", "AbortSignal.timeout", "process.hrtime", "process.uptime"],
    imports: ["node:timers", "node:timers/promises", "node:perf_hooks", "randomUUID", "randomBytes", "randomInt"],
  },
  { under: ["src/"], except: ["src/config.ts"], calls: ["process.env"] },
];

/** Calls visit(node) for every node that exists at run time: types are skipped. */
function walk(node, visit) {
  if (Array.isArray(node)) for (const item of node) walk(item, visit);
  else if (typeof node === "object" && node !== null) {
    if (isTypeOnly(node)) return;
    visit(node);
    for (const [key, child] of Object.entries(node)) if (!isName(node, key)) walk(child, visit);
  }
}

const WRAPPERS = [
  "TsAsExpression",
  "TsSatisfiesExpression",
  "TsNonNullExpression",
  "TsTypeAssertion",
  "TsConstAssertion",
];
const isTypeOnly = (node) =>
  typeof node.type === "string" &&
  node.type.startsWith("Ts") &&
  !WRAPPERS.includes(node.type) &&
  !isRunTimeDeclaration(node);
const isRunTimeDeclaration = (node) => ["TsEnumDeclaration", "TsEnumMember", "TsParameterProperty"].includes(node.type);

/** A property's or key's own name says nothing about a free name. */
function isName(node, key) {
  if (node.type === "MemberExpression") return key === "property" && node.property.type === "Identifier";
  return key === "key" && node.key?.type === "Identifier";
}

const nameOf = (node) => (node?.type === "Identifier" ? node.value : undefined);

/** The things of `rule` that this node does. */
function offences(node, rule) {
  const found = [];
  const name = nameOf(node);
  if (rule.names?.includes(name)) found.push(name);
  if (node.type === "MemberExpression") found.push(`${nameOf(node.object)}.${nameOf(node.property)}`);
  if (node.type === "NewExpression" && nameOf(node.callee) === "Date" && !node.arguments?.length) found.push("Date()");
  if (node.type === "CallExpression" && nameOf(node.callee) === "Date") found.push("Date()");
  if (node.type === "ImportDeclaration") found.push(node.source.value, ...importedNames(node));
  if (rule.async && (node.async === true || node.isAsync === true || node.type === "AwaitExpression"))
    found.push("async");
  const forbidden = [...(rule.names ?? []), ...(rule.calls ?? []), ...(rule.imports ?? []), "async"];
  return found.filter((thing) => forbidden.includes(thing));
}

const importedNames = (node) => node.specifiers.map((s) => nameOf(s.imported) ?? nameOf(s.local));

function complaintsAbout(path) {
  const source = readFileSync(path, "utf8");
  const complaints = new Set();
  const lines = source.split("\n").length - 1;
  const longest = path.startsWith("test/") ? LONGEST_TEST : LONGEST_FILE;
  if (lines > longest) complaints.add(`${path}: ${lines} lines, at most ${longest}`);
  const applying = rules.filter((r) => r.under.some((u) => path.startsWith(u)) && !r.except?.includes(path));
  if (applying.length === 0) return [...complaints];
  const tree = parseSync(source, { syntax: "typescript", tsx: path.endsWith(".tsx"), target: "es2022" });
  walk(tree.body, (node) => {
    for (const rule of applying)
      for (const thing of offences(node, rule)) complaints.add(`${path}: ${thing} is not for here`);
  });
  return [...complaints];
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ["gen", "dist", "node_modules"].includes(entry.name) ? [] : sources(path);
    return /\.(tsx?|mjs)$/.test(entry.name) ? [path] : [];
  });
}

const complaints = ["src", "clients", "test", "examples", ".ci"].flatMap(sources).flatMap(complaintsAbout);
for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length === 0 ? 0 : 1);
