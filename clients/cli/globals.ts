// The flags that every command takes, before or after its name, and where their values come from:
// flag, then environment, then default. Loads nothing.

import { usage } from "./failure.js";
import { FORMATS, type Format } from "./formats.js";
import { checkedNamespace, checkedSelector, DEFAULT_NAMESPACE } from "./names.js";
import { parseDuration } from "./quantities.js";

export interface Globals {
  readonly namespace: string;
  /** The namespace as given with -n; undefined when it comes from elsewhere. */
  readonly namespaceFlag: string | undefined;
  readonly allNamespaces: boolean;
  readonly selector: string;
  readonly format: Format;
  /** False when -o was not given anywhere. */
  readonly formatAsked: boolean;
  readonly columns: readonly string[];
  readonly sort: string | undefined;
  readonly server: string;
  /** The server as given with --server. */
  readonly serverFlag: string | undefined;
  /** Milliseconds; how long to wait. */
  readonly timeout: number | undefined;
  readonly yes: boolean;
  readonly input: boolean;
  readonly quiet: boolean;
  readonly verbose: number;
  readonly color: "auto" | "always" | "never";
  readonly progress: "auto" | "tty" | "plain" | "json";
  readonly failEmpty: boolean;
  readonly detailedExitcode: boolean;
}

export type RawOptions = Readonly<Record<string, unknown>>;
type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT_SERVER = "127.0.0.1:7700";

/** @throws Failure USAGE or BAD_NAME for a value that cannot be. */
export function resolveGlobals(raw: RawOptions, env: Env): Globals {
  const namespaceFlag = text(raw["namespace"]);
  const serverFlag = text(raw["server"]);
  const format = text(raw["output"]) ?? nonEmpty(env["THESEUS_OUTPUT"]);
  return {
    namespace: checkedNamespace(namespaceFlag ?? nonEmpty(env["THESEUS_NAMESPACE"]) ?? DEFAULT_NAMESPACE),
    namespaceFlag,
    allNamespaces: raw["allNamespaces"] === true,
    selector: checkedSelector(text(raw["selector"])),
    format: checkedFormat(format ?? "table"),
    formatAsked: format !== undefined,
    columns: (text(raw["columns"]) ?? "").split(",").filter((column) => column !== ""),
    sort: text(raw["sort"]),
    server: serverFlag ?? nonEmpty(env["THESEUS_SERVER"]) ?? DEFAULT_SERVER,
    serverFlag,
    timeout: checkedTimeout(text(raw["timeout"]) ?? nonEmpty(env["THESEUS_TIMEOUT"])),
    yes: raw["yes"] === true,
    input: raw["input"] !== false,
    quiet: raw["quiet"] === true,
    verbose: typeof raw["verbose"] === "number" ? raw["verbose"] : 0,
    color: checkedColor(raw["color"], env),
    progress: checkedProgress(text(raw["progress"]) ?? "auto"),
    failEmpty: raw["failEmpty"] === true,
    detailedExitcode: raw["detailedExitcode"] === true,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

function checkedFormat(format: string): Format {
  const known = FORMATS.find((candidate) => candidate === format);
  if (known !== undefined) return known;
  throw usage(`"${format}" is not an output format`, [`formats are ${FORMATS.join(" ")}`]);
}

function checkedTimeout(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  throw usage(`"${value}" is not a time to wait`, ["a whole number with a unit: 500ms 30s 5m 1h"]);
}

function checkedColor(value: unknown, env: Env): Globals["color"] {
  if (value === false) return "never";
  const color = text(value);
  if (color !== undefined && color !== "auto" && color !== "always" && color !== "never")
    throw usage(`"${color}" is not a choice of --color`, ["choices are auto always never"]);
  if (color === "always" || color === "never") return color;
  if (nonEmpty(env["NO_COLOR"]) !== undefined || env["TERM"] === "dumb") return "never";
  const forced = nonEmpty(env["FORCE_COLOR"]);
  return forced !== undefined && forced !== "0" ? "always" : "auto";
}

function checkedProgress(value: string): Globals["progress"] {
  if (value === "auto" || value === "tty" || value === "plain" || value === "json") return value;
  throw usage(`"${value}" is not a choice of --progress`, ["choices are auto tty plain json"]);
}

/** The flags to repeat in a suggested command so that it reaches the same place. */
export function sameTarget(globals: Globals): string {
  const namespace = globals.namespace === DEFAULT_NAMESPACE ? "" : ` -n ${globals.namespace}`;
  return globals.serverFlag === undefined ? namespace : `${namespace} --server ${globals.serverFlag}`;
}

/** True when the error has to be JSON, also when the command line itself is what is wrong. */
export function wantsJsonErrors(argv: readonly string[], env: Env): boolean {
  const at = argv.findLastIndex((word) => /^(-o|--output)(=|$)/.test(word) || /^-o[a-z]/.test(word));
  const word = argv[at];
  const value = word === undefined ? env["THESEUS_OUTPUT"] : formatFrom(word, argv[at + 1]);
  return value === "json" || value === "jsonl";
}

function formatFrom(word: string, following: string | undefined): string | undefined {
  if (word === "-o" || word === "--output") return following;
  return word.startsWith("--output=") ? word.slice("--output=".length) : word.replace(/^-o=?/, "");
}
