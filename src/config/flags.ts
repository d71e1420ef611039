// The flags of `theseus server start` as text, from the command line and else the environment. Values are checked in
// config.ts.

import { Command, CommanderError, Option } from "commander";
import type { Problem } from "./problem.js";

/** Every flag: its name, what its value is called ("" for a switch), and its line of help. */
const FLAGS = [
  ["dev", "", "all on this machine, with nothing but Docker: a store of its own, a log for people"],
  ["clean", "", "with --dev: when it is stopped, remove every group, its containers and the store; volumes stay"],
  ["store", "etcd|embedded", "where everything is kept (default: etcd; embedded with --dev)"],
  ["data", "DIR", "folder of the embedded store (default: ~/.local/state/theseus/dev, root: /var/lib/theseus/dev)"],
  ["store-listen", "HOST:PORT|off", "etcd's API of the embedded store, on loopback, for etcdctl (default: off)"],
  ["etcd", "URL[,URL]", "etcd's members, like http://127.0.0.1:2379"],
  ["etcd-ca", "FILE", "certificate authority of etcd, PEM"],
  ["etcd-cert", "FILE", "client certificate for etcd, PEM"],
  ["etcd-key", "FILE", "key of the client certificate, PEM"],
  ["etcd-user", "NAME", "user of etcd"],
  ["etcd-password-file", "FILE", "file with the password of that user"],
  ["etcd-compact", "off|on", "compact etcd's history every 5 minutes; off for a shared etcd (default: on)"],
  ["docker", "URL", "Docker Engine (default: unix:///var/run/docker.sock)"],
  ["docker-config", "FILE", "Docker's config.json with registry logins (default: ~/.docker/config.json)"],
  ["listen", "HOST:PORT", "gRPC, discovery and changes (default: 127.0.0.1:7700)"],
  [
    "listen-discovery",
    "HOST:PORT|off",
    "gRPC, discovery alone, for containers (default: Docker's bridge, port of --listen)",
  ],
  ["listen-http", "HOST:PORT|off", "/healthz /readyz /metrics (default: 127.0.0.1, port of --listen + 2)"],
  ["listen-viewer", "HOST:PORT|none", "the viewer, for browsers (default: 127.0.0.1, port of --listen + 1)"],
  ["viewer-hosts", "NAME[,NAME]", "other names that browsers may reach the viewer by"],
  ["listen-insecurely", "", "allow to listen without TLS where other machines can reach it"],
  ["advertise", "ADDRESS", "address of this machine that containers are reached at (default: Docker's bridge)"],
  ["host-labels", "LABEL[,LABEL]", "labels of the engine's host, for constraints"],
  ["allow-host-access", "", "accept groups with bind mounts, host network and the like"],
  ["leader-ttl", "SECONDS", "how long a silent leader stays in office (default: 5)"],
  ["log-level", "LEVEL", "debug, info, warn or error (default: info)"],
  ["output", "text|json", "form of the addresses and of errors on start (default: text)"],
] as const;

type Row = (typeof FLAGS)[number];
export type Flag = Row[0];
export type Switch = Extract<Row, readonly [string, "", string]>[0];
export type Env = Readonly<Record<string, string | undefined>>;

export type Flags = {
  /** Undefined when it was given nowhere; "" in the environment is not given. */
  readonly text: (flag: Exclude<Flag, Switch>) => string | undefined;
  readonly isOn: (flag: Switch) => boolean;
  /** Where its value comes from, as a person wrote it: "--etcd" or "THESEUS_ETCD". */
  readonly source: (flag: Flag) => string;
  /** Grows while values are read. */
  readonly problems: readonly Problem[];
};

const ON: ReadonlySet<string> = new Set(["1", "true", "yes", "on"]);
const OFF: ReadonlySet<string> = new Set(["0", "false", "no", "off"]);

/** THESEUS_ETCD_CA for etcd-ca. */
export function variableOf(flag: Flag): string {
  return `THESEUS_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/** Everything that is wrong with the command line is a problem, not only the first; help is asked for by "-h". */
export function readFlags(argv: readonly string[], env: Env): Flags | { readonly help: string } {
  const command = describe();
  const problems: Problem[] = [];
  let left = [...argv];
  for (;;) {
    const fault = parseOnce(command, left);
    if (fault === undefined) break;
    if (fault.code === "commander.helpDisplayed") return { help: command.helpInformation() };
    problems.push(problemOf(fault));
    const rest = withoutFault(left, fault);
    if (rest.length === left.length) break;
    left = rest;
  }
  const given = command.opts<Record<string, string | true | undefined>>();
  const find = (flag: Flag): string | true | undefined => given[camel(flag)] ?? (env[variableOf(flag)] || undefined);
  return {
    text: (flag) => {
      const value = find(flag);
      return typeof value === "string" ? value : undefined;
    },
    isOn: (flag) => {
      const value = find(flag);
      if (value === true || ON.has(value ?? "")) return true;
      if (value !== undefined && !OFF.has(value)) problems.push(badSwitch(flag, value));
      return false;
    },
    source: (flag) => (given[camel(flag)] === undefined && env[variableOf(flag)] ? variableOf(flag) : `--${flag}`),
    problems,
  };
}

function badSwitch(flag: Flag, value: string): Problem {
  return { what: `${variableOf(flag)} is "${value}"`, why: "it is 1 or 0" };
}

function describe(): Command {
  const command = new Command("theseus server start")
    .usage("--dev | --etcd URL [options]")
    .description(
      "Runs a server: discovery and group operations over gRPC, and, in one of all servers, the scheduler.\n\n" +
        "Examples:\n  $ theseus server start --dev\n  $ theseus server start --etcd http://127.0.0.1:2379\n\n" +
        "Each flag can also be set in the environment: THESEUS_ETCD_CA for --etcd-ca.",
    )
    .helpOption("-h, --help", "this page")
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const [name, value, text] of FLAGS) {
    const short = name === "output" ? "-o, " : "";
    command.addOption(new Option(`${short}--${name}${value === "" ? "" : ` <${value}>`}`, text));
  }
  return command;
}

function parseOnce(command: Command, argv: readonly string[]): CommanderError | undefined {
  try {
    command.parse([...argv], { from: "user" });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error;
    throw error;
  }
}

function problemOf(fault: CommanderError): Problem {
  const [what = "", ...hints] = fault.message.replace(/^error: /, "").split("\n");
  const hint = hints
    .join(" ")
    .replace(/^\((.*)\)$/, "$1")
    .replace(/^Did you mean/, "did you mean");
  return hint === "" ? { what } : { what, why: hint };
}

/** The line without the flag that commander complained of and its value, so that the rest can be looked at too. */
function withoutFault(argv: readonly string[], fault: CommanderError): string[] {
  const flag = /option '([^' ]+)/.exec(fault.message)?.[1];
  const at = argv.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  if (flag === undefined || at < 0) return [...argv];
  const following = argv[at + 1];
  const takesNext = !argv[at]?.includes("=") && following !== undefined && !following.startsWith("-");
  return argv.toSpliced(at, takesNext ? 2 : 1);
}

function camel(flag: Flag): string {
  return flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
