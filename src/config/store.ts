// Where Theseus keeps everything: in etcd, or in a store of its own in a folder on this machine. Settings that belong to
// the other one are problems, never ignored.

import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { type Address, formatAddress, isLoopback } from "./address.js";
import * as check from "./checks.js";
import type { Env, Flag, Flags, Switch } from "./flags.js";

export type EtcdConfig = {
  readonly endpoints: readonly string[];
  /** PEM text. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly user?: string;
  readonly password?: string;
};

export type StoreConfig = {
  /** Whether the leader shortens the store's history. */
  readonly compact: boolean;
} & (
  | { readonly kind: "etcd"; readonly etcd: EtcdConfig }
  | {
      readonly kind: "embedded";
      /** Absolute. */
      readonly folder: string;
      /** Where etcd's API is served, on loopback; undefined: nowhere. */
      readonly listen: Address | undefined;
    }
);

type Named = Exclude<Flag, Switch>;

const OF_ETCD = [
  "etcd",
  "etcd-ca",
  "etcd-cert",
  "etcd-key",
  "etcd-user",
  "etcd-password-file",
  "etcd-compact",
] as const satisfies readonly Named[];
const OF_EMBEDDED = ["data", "store-listen"] as const satisfies readonly Named[];

/** @param around.isDev whether --dev was given: then the store is the embedded one unless --store says otherwise. */
export function storeConfig(
  flags: Flags,
  around: { readonly isDev: boolean; readonly env: Env; readonly isRoot: boolean },
  note: check.Note,
): StoreConfig {
  const [usual, other] = around.isDev ? (["embedded", "etcd"] as const) : (["etcd", "embedded"] as const);
  const kind = check.checkChoice("store", flags.text("store"), [usual, other], note);
  const cause = flags.text("store") === undefined ? flags.source("dev") : `${flags.source("store")} ${kind}`;
  if (kind === "embedded") return embedded(flags, { ...around, cause }, note);
  for (const flag of OF_EMBEDDED) {
    if (flags.text(flag) !== undefined)
      note({
        what: `${flags.source(flag)} belongs to the embedded store, and this server uses etcd`,
        why: "it goes with --dev, or with --store embedded",
        next: ["theseus server start --dev"],
      });
  }
  const compact = check.checkChoice("etcd-compact", flags.text("etcd-compact"), ["on", "off"], note) === "on";
  return { kind, etcd: etcdConfig(flags, note), compact };
}

function embedded(
  flags: Flags,
  { cause, env, isRoot }: { readonly cause: string; readonly env: Env; readonly isRoot: boolean },
  note: check.Note,
): StoreConfig {
  for (const flag of OF_ETCD) {
    if (flags.text(flag) !== undefined)
      note({
        what: `${flags.source(flag)} belongs to etcd, and ${cause} has a store of its own`,
        why: "a server has one store",
        next: [`leave one of ${flags.source(flag)} and ${cause} away`],
      });
  }
  const given = flags.text("data");
  if (given === "") note({ what: "--data names no folder" });
  const folder = given === undefined ? usualFolder(env, isRoot) : resolve(given);
  return { kind: "embedded", folder, listen: storeListen(flags.text("store-listen"), note), compact: true };
}

function usualFolder(env: Env, isRoot: boolean): string {
  const named = env["XDG_STATE_HOME"];
  // A relative one is to be ignored, says the specification of that variable.
  if (named !== undefined && isAbsolute(named)) return join(named, "theseus", "dev");
  return isRoot ? "/var/lib/theseus/dev" : join(homedir(), ".local", "state", "theseus", "dev");
}

function storeListen(text: string | undefined, note: check.Note): Address | undefined {
  if (text === undefined || text === "off") return undefined;
  const address = check.checkListen("store-listen", text, note);
  if (address === undefined || isLoopback(address.host)) return address;
  note({
    what: `--store-listen: ${formatAddress(address)} can be reached by other machines`,
    why: "the embedded store asks nobody who they are, so it listens on loopback alone",
    next: [`theseus server start --dev --store-listen 127.0.0.1:${address.port}`],
  });
  return undefined;
}

function etcdConfig(flags: Flags, note: check.Note): EtcdConfig {
  const endpoints = check.checkEndpoints(flags.text("etcd"), note);
  const user = flags.text("etcd-user");
  const files = {
    ca: check.checkFile("etcd-ca", flags.text("etcd-ca"), note),
    cert: check.checkFile("etcd-cert", flags.text("etcd-cert"), note),
    key: check.checkFile("etcd-key", flags.text("etcd-key"), note),
    password: check.checkFile("etcd-password-file", flags.text("etcd-password-file"), note)?.replace(/\r?\n$/, ""),
    user,
  };
  if ((flags.text("etcd-cert") === undefined) !== (flags.text("etcd-key") === undefined)) {
    note({ what: "--etcd-cert and --etcd-key go together", why: "one of them is missing" });
  }
  if ((user === undefined) !== (flags.text("etcd-password-file") === undefined)) {
    note({ what: "--etcd-user and --etcd-password-file go together", why: "one of them is missing" });
  }
  const tls = Object.entries(files).some(
    ([name, value]) => name !== "user" && name !== "password" && value !== undefined,
  );
  if (tls && endpoints.some((endpoint) => endpoint.startsWith("http://"))) {
    note({ what: "--etcd names a member by http:// while certificates are given", why: "with TLS it is https://" });
  }
  return { endpoints, ...present(files) };
}

function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
