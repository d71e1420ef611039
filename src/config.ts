// Flags and environment made into the Config, checked once. The only reader of process.env.

import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Address, parseAddress } from "./config/address.js";
import * as check from "./config/checks.js";
import { type Env, type Flags, readFlags } from "./config/flags.js";
import type { Problem } from "./config/problem.js";
import { type StoreConfig, storeConfig } from "./config/store.js";
import { type ViewerConfig, viewerConfig } from "./config/viewer.js";
import type { LabelSet } from "./model/labels.js";

export type Config = {
  readonly version: string;
  /** All on this machine, for one person. */
  readonly dev: boolean;
  /** Remove every group and the store's folder before the server ends. */
  readonly clean: boolean;
  readonly store: StoreConfig;
  readonly docker: { readonly url: string; readonly configFile: string };
  readonly listen: Address;
  /** "bridge": that port on Docker's bridge as soon as it is there. */
  readonly listenDiscovery: Address | { readonly bridge: true; readonly port: number } | undefined;
  readonly listenHttp: Address | undefined;
  /** Undefined: this server has none. */
  readonly viewer: ViewerConfig | undefined;
  readonly advertise: string | undefined;
  readonly hostLabels: LabelSet;
  readonly allowHostAccess: boolean;
  readonly leaderTtlSeconds: number;
  readonly log: { readonly level: "debug" | "info" | "warn" | "error"; readonly form: "json" | "line" };
  readonly output: "text" | "json";
  /** For tests of crashes. */
  readonly crashPoint: CrashPoint | undefined;
};

/** Ends the process by SIGKILL at the so many-th transaction or changing Docker call. */
export type CrashPoint = { readonly count: number; readonly when: "before" | "after" };

/** What the checks have to know of the machine. */
export type Surroundings = {
  readonly env: Env;
  readonly stderrIsTTY: boolean;
  readonly isRoot: boolean;
  readonly bridgeAddress: () => string | undefined;
  /** Why the text is no address of an engine that can be used, or undefined. */
  readonly engineComplaint: (url: string) => string | undefined;
};

export type ReadConfig =
  | { readonly kind: "config"; readonly config: Config }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "problems"; readonly problems: readonly Problem[]; readonly form: "text" | "json" };

/** The environment of this process. */
export function processEnv(): Env {
  return process.env;
}

/** Finds every problem at once; starts and opens nothing. @param argv what follows `theseus server start`. */
export function readConfig(argv: readonly string[], around: Surroundings): ReadConfig {
  const flags = readFlags(argv, around.env);
  if ("help" in flags) return { kind: "help", text: flags.help };
  const problems: Problem[] = [];
  const config = assemble(flags, around, (problem) => problems.push(problem));
  const all = [...flags.problems, ...problems];
  if (all.length > 0 || config === undefined)
    return { kind: "problems", problems: all, form: config?.output ?? "text" };
  return { kind: "config", config };
}

function assemble(flags: Flags, around: Surroundings, note: check.Note): Config {
  const dev = flags.isOn("dev");
  const store = storeConfig(flags, { ...around, isDev: dev }, note);
  return {
    version: ownVersion(),
    dev,
    clean: clean(flags, dev && store.kind === "embedded", note),
    store,
    docker: dockerConfig(flags, around, note),
    ...listeners(flags, around, note),
    advertise: check.checkAdvertise(flags.text("advertise"), note),
    hostLabels: check.checkHostLabels(flags.text("host-labels"), note),
    allowHostAccess: flags.isOn("allow-host-access"),
    leaderTtlSeconds: check.checkSeconds("leader-ttl", flags.text("leader-ttl"), 5, note),
    log: {
      level: check.checkChoice("log-level", flags.text("log-level"), ["info", "debug", "warn", "error"], note),
      form: dev || around.stderrIsTTY ? "line" : "json",
    },
    output: check.checkChoice("output", flags.text("output"), ["text", "json"], note),
    crashPoint: crashPoint(around.env["THESEUS_CRASHPOINT"], note),
  };
}

/** Another store than that of --dev may be somebody else's too. */
function clean(flags: Flags, isOwnStore: boolean, note: check.Note): boolean {
  const asked = flags.isOn("clean");
  if (!asked || isOwnStore) return asked;
  note({
    what: `${flags.source("clean")} removes every group that the store has`,
    why: "so it goes only with --dev and its own store",
    next: ["theseus server start --dev --clean"],
  });
  return false;
}

function dockerConfig(flags: Flags, around: Surroundings, note: check.Note): Config["docker"] {
  const url = flags.text("docker") ?? "unix:///var/run/docker.sock";
  const why = around.engineComplaint(url);
  if (why !== undefined) note({ what: `--docker: "${url}" is no usable address of a Docker Engine`, why });
  const folder = around.env["DOCKER_CONFIG"] || join(homedir(), ".docker");
  return { url, configFile: flags.text("docker-config") ?? join(folder, "config.json") };
}

const LOCAL = "127.0.0.1";

function listeners(
  flags: Flags,
  around: Surroundings,
  note: check.Note,
): Pick<Config, "listen" | "listenDiscovery" | "listenHttp" | "viewer"> {
  const insecurely = flags.isOn("listen-insecurely");
  const listen = check.checkListen("listen", flags.text("listen") ?? `${LOCAL}:7700`, note) ?? { host: LOCAL, port: 0 };
  check.checkReach("listen", listen, { insecurely }, note);
  const httpText = flags.text("listen-http") ?? `${LOCAL}:${httpPort(listen.port)}`;
  const listenHttp = httpText === "off" ? undefined : check.checkListen("listen-http", httpText, note);
  check.checkReach("listen-http", listenHttp, { insecurely }, note);
  const listenDiscovery = discovery(flags, listen, { around, insecurely, note });
  return { listen, listenHttp, listenDiscovery, viewer: viewerConfig(flags, listen, note) };
}

function discovery(
  flags: Flags,
  listen: Address,
  { around, insecurely, note }: { around: Surroundings; insecurely: boolean; note: check.Note },
): Config["listenDiscovery"] {
  const text = flags.text("listen-discovery");
  if (text === "off") return undefined;
  if (text === undefined) return { bridge: true, port: listen.port };
  const onBridge = text.startsWith("bridge:") ? parseAddress(text) : undefined;
  if (onBridge !== undefined) return { bridge: true, port: onBridge.port };
  const address = check.checkListen("listen-discovery", text, note);
  check.checkReach("listen-discovery", address, { insecurely, bridge: around.bridgeAddress() }, note);
  return address;
}

/** Two above that of --listen, where there is such a port; a free one stays a free one. */
function httpPort(port: number): number {
  return port === 0 || port > 65533 ? 0 : port + 2;
}

function crashPoint(text: string | undefined, note: check.Note): CrashPoint | undefined {
  if (text === undefined || text === "") return undefined;
  const [, count, when] = /^([1-9]\d{0,5})(:before|:after)?$/.exec(text) ?? [];
  if (count !== undefined) return { count: Number(count), when: when === ":before" ? "before" : "after" };
  const why = "it is a number of transactions and Docker calls, 1 or more, and may end with :before or :after";
  note({ what: `THESEUS_CRASHPOINT is "${text}"`, why });
  return undefined;
}

/** From the package.json above this file, wherever it was built to. */
function ownVersion(): string {
  for (const up of ["..", "../.."]) {
    try {
      const found = JSON.parse(readFileSync(new URL(`${up}/package.json`, import.meta.url), "utf8")) as {
        readonly name?: unknown;
        readonly version?: unknown;
      };
      if (found.name === "theseus" && typeof found.version === "string") return found.version;
    } catch {
      // Not there: one folder further up.
    }
  }
  return "0.0.0";
}
