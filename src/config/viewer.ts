// Where the server has its viewer served, by a process of its own.

import { type Address, formatAddress } from "./address.js";
import * as check from "./checks.js";
import type { Flags } from "./flags.js";

export type ViewerConfig = {
  readonly address: Address;
  /** A person named it: that it cannot be had is an error. */
  readonly isAsked: boolean;
  /** Other names that browsers reach it by. */
  readonly hosts: readonly string[];
};

const LOCAL = "127.0.0.1";
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)(:\d{1,5})?$/i;

/** Undefined: there is none. @param listen of gRPC: the viewer is one above it, where there is such a port. */
export function viewerConfig(flags: Flags, listen: Address, note: check.Note): ViewerConfig | undefined {
  const text = flags.text("listen-viewer");
  const hosts = hostsOf(flags.text("viewer-hosts"), note);
  if (text === "none" || text === "off") return undefined;
  const port = listen.port === 0 || listen.port > 65534 ? 0 : listen.port + 1;
  if (text === undefined) return { address: { host: LOCAL, port }, isAsked: false, hosts };
  const address = check.checkListen("listen-viewer", text, note);
  check.checkReach("listen-viewer", address, { insecurely: flags.isOn("listen-insecurely") }, note);
  return address === undefined ? undefined : { address, isAsked: true, hosts };
}

function hostsOf(text: string | undefined, note: check.Note): string[] {
  const hosts = (text ?? "")
    .split(",")
    .map((host) => host.trim())
    .filter((host) => host !== "");
  for (const host of hosts)
    if (!HOST.test(host))
      note({
        what: `--viewer-hosts: "${host}" is not the name of a host`,
        why: "it is written as a browser shows it: viewer.example",
      });
  return hosts;
}

/** What `theseus viewer` is started with. @param grpc where the server was really bound. */
export function viewerFlags({ address, hosts }: ViewerConfig, grpc: string): string[] {
  const server = grpc.replace(/^0\.0\.0\.0:/, `${LOCAL}:`).replace(/^\[::\]:/, "[::1]:");
  const names = hosts.flatMap((host) => ["--allow-host", host]);
  // Whoever started the server has said already that other machines may reach it.
  return ["viewer", "--server", server, "--listen", formatAddress(address), "--listen-insecurely", ...names];
}
