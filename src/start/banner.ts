// What a started server says on standard output: where it listens. Lines for people, one JSON line for programs.

import { homedir } from "node:os";
import { type Address, formatAddress } from "../config/address.js";
import type { StoreConfig } from "../config/store.js";
import type { Config } from "../config.js";
import { type Milliseconds, SECOND } from "../model/instant.js";

/** As "host:port", with the ports that were really bound. */
export type Listening = {
  readonly grpc: string;
  /** Undefined when it is off, or when there is no bridge yet. */
  readonly discovery: string | undefined;
  readonly http: string | undefined;
  /** Etcd's API of the embedded store. */
  readonly store: string | undefined;
};

/** What is told of a running server besides its settings. */
export type Started = {
  readonly serverId: string;
  readonly listening: Listening;
  /** Where its viewer is served; undefined: nowhere. */
  readonly viewer?: Address | undefined;
  /** One look at its engine, as the end of a line. */
  lookAtEngine(): Promise<string>;
};

/** Ends with a line feed. @param age of the process, asked when everything else is known. */
export async function greeting(config: Config, started: Started, age: () => Milliseconds): Promise<string> {
  if (config.output === "json") return line(config, started);
  if (!config.dev) return banner(config, started);
  const engine = await started.lookAtEngine();
  return devBanner(config, started, { engine, age: age() });
}

type Row = readonly [name: string, value: string, note: string];

function line({ version, store, docker: { url: docker } }: Config, { serverId, listening, viewer }: Started): string {
  const { grpc, discovery, http, store: storeListen } = listening;
  const kept = store.kind === "etcd" ? { etcd: store.etcd.endpoints } : { data: store.folder, storeListen };
  return `${JSON.stringify({ kind: "Server", version, serverId, grpc, discovery, http, viewer: urlOf(viewer), ...kept, docker })}\n`;
}

function banner({ version, store, docker }: Config, { serverId, listening, viewer }: Started): string {
  const row: Row =
    store.kind === "etcd" ? ["etcd", whereabouts(store), ""] : ["data", whereabouts(store), "embedded store"];
  const rows: Row[] = [...listeners(listening, viewer), row, ["docker", docker.url, ""]];
  return `theseus ${version} · server ${serverId}\n${table(rows)}ctrl-c stops; containers stay\n`;
}

/** For the person who has just started one for themselves. */
function devBanner(
  { version, store, docker, clean }: Config,
  { listening, viewer }: Started,
  { engine, age }: { readonly engine: string; readonly age: Milliseconds },
): string {
  const folder = store.kind === "embedded" ? " (--data DIR)" : "";
  const rows: Row[] = [...listeners(listening, viewer), ["docker", docker.url, engine], ["namespace", "default", ""]];
  const theseus = listening.grpc === USUAL ? "theseus" : `theseus --server ${listening.grpc}`;
  const end = clean ? "ctrl-c stops and removes all groups" : "ctrl-c stops (containers stay; --clean removes them)";
  return (
    `theseus ${version} dev · state in ${whereabouts(store)}${folder}\n${table(rows)}` +
    `try:  ${theseus} create hello/dev --image busybox --cmd 'httpd -f -p 8080' -p http=8080\n` +
    `      ${theseus} discover hello -o host:port\n` +
    `ready in ${(age / SECOND).toFixed(1)} s · ${end}\n`
  );
}

/** Where the command line looks unless it is told otherwise. */
const USUAL = "127.0.0.1:7700";

function urlOf(viewer: Address | undefined): string | undefined {
  return viewer === undefined ? undefined : `http://${formatAddress(viewer)}`;
}

function listeners({ grpc, discovery, http, store }: Listening, viewer: Address | undefined): Row[] {
  const rows: (readonly [string, string | undefined, string])[] = [
    ["gRPC", grpc, "discovery and changes"],
    ["discovery", discovery, "discovery alone, for containers"],
    ["viewer", urlOf(viewer), "for a browser"],
    ["HTTP", http, "/healthz /readyz /metrics"],
    ["store", store, "etcd's API, for etcdctl"],
  ];
  return rows.flatMap(([name, value, note]) => (value === undefined ? [] : [[name, value, note]]));
}

function table(rows: readonly Row[]): string {
  return rows.map(([name, value, note]) => `${`  ${name.padEnd(11)}${value.padEnd(22)} ${note}`.trimEnd()}\n`).join("");
}

/** The folder as a person would write it. */
function whereabouts(store: StoreConfig): string {
  if (store.kind === "etcd") return store.etcd.endpoints.join(",");
  const home = `${homedir()}/`;
  return store.folder.startsWith(home) ? `~/${store.folder.slice(home.length)}` : store.folder;
}
