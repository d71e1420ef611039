// Where the viewer listens, as it is written on the command line: on this machine alone, unless a person says otherwise.

import { usage } from "../cli/failure.js";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const FORM = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** @throws Failure USAGE for what is no address, and for one that other machines reach unless `insecurely`. */
export function listenAddress(text: string, insecurely: boolean): ListenAddress {
  const parts = FORM.exec(text);
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  if (host === undefined || port > 65_535)
    throw usage(`--listen: "${text}" is not an address to listen on`, ["it is written HOST:PORT, like 127.0.0.1:7701"]);
  if (!insecurely && !isLoopback(host))
    throw usage(
      `--listen: ${text} can be reached by other machines, without TLS`,
      ["whoever reaches it sees whatever this viewer sees"],
      [`theseus viewer --listen 127.0.0.1:${port}`, "or, where the network is yours alone, add --listen-insecurely"],
    );
  return { host, port };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

const HOST_NAME = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?)(:\d{1,5})?$/i;

/** A name for --allow-host, with or without a port. @throws Failure USAGE. */
export function allowedHost(text: string): string {
  if (HOST_NAME.test(text)) return text;
  throw usage(`--allow-host: "${text}" is not the name of a host`, [
    "it is written as a browser shows it: viewer.example",
  ]);
}
