// What of ours is open on this machine's addresses that others reach: asked of the kernel, of Docker, and by connecting.

import { execFile } from "node:child_process";
import { connect } from "node:net";
import { promisify } from "node:util";
import type { ObservedEngine } from "../support/observed-engine.js";

const run = promisify(execFile);
const ANSWERS_WITHIN_MS = 3000;
/** Containers are behind these: nobody else is. */
const DOCKERS_OWN = /^(docker0|br-[0-9a-f]{12}|veth[0-9a-f]+)$/;

export type OpenPort = {
  readonly what: string;
  readonly protocol: "tcp" | "udp";
  readonly address: string;
  readonly port: number;
};

type Interface = {
  readonly ifname: string;
  readonly addr_info: readonly { readonly local?: string; readonly scope?: string }[];
};

/** Everything but loopback and Docker's bridges, as something to connect to. */
export async function outwardAddresses(): Promise<string[]> {
  const { stdout } = await run("ip", ["-json", "address"]);
  const outward = (JSON.parse(stdout) as Interface[]).filter(({ ifname }) => !DOCKERS_OWN.test(ifname));
  return outward.flatMap(({ ifname, addr_info }) =>
    addr_info.flatMap(({ local, scope }) => {
      if (local === undefined || scope === "host") return [];
      return scope === "link" && local.includes(":") ? [`${local}%${ifname}`] : [local];
    }),
  );
}

/** What this process listens on, as the kernel has it. */
export async function portsOfProcess(pid: number, what: string): Promise<OpenPort[]> {
  return (await listeners()).filter(({ pids }) => pids.includes(pid)).map((listener) => ({ ...listener, what }));
}

type RawPort = { IP?: string; PublicPort?: number; Type: "tcp" | "udp" };

/** What is published for the containers with this label, by Docker's word and by the kernel's. */
export async function publishedPorts(engine: ObservedEngine, label: string): Promise<OpenPort[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  type Raw = { Names: string[]; Ports: RawPort[] };
  const containers = await engine.json<Raw[]>("GET", `/containers/json?filters=${filters}`);
  const told = containers.flatMap(({ Names: [name = ""], Ports }) =>
    Ports.flatMap(({ IP: address, PublicPort: port, Type: protocol }) =>
      address === undefined || port === undefined ? [] : [{ what: name, protocol, address, port }],
    ),
  );
  const kernel = await listeners();
  const also = told.flatMap(({ what, protocol, port }) =>
    kernel
      .filter((listener) => listener.protocol === protocol && listener.port === port)
      .map(({ address }) => ({ what: `${what}, in the kernel`, protocol, address, port })),
  );
  return [...told, ...also];
}

/** Ports that stand open somewhere else than on loopback or the bridge. */
export function astray(ports: readonly OpenPort[], bridge: string): string[] {
  const homes = ["127.0.0.1", "::1", bridge];
  return ports
    .filter(({ address }) => !homes.includes(address))
    .map(({ what, protocol, address, port }) => `${what} is open on ${address} ${protocol} ${port}`);
}

/** Tries each tcp port on each address; anything but a refusal. */
export async function answering(addresses: readonly string[], ports: readonly OpenPort[]): Promise<string[]> {
  const numbers = [...new Set(ports.filter(({ protocol }) => protocol === "tcp").map(({ port }) => port))];
  const tried = addresses.flatMap((address) => numbers.map((port) => attempt(address, port)));
  return (await Promise.all(tried)).flat();
}

function attempt(host: string, port: number): Promise<string[]> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ANSWERS_WITHIN_MS });
    const end = (outcome: string) => {
      socket.destroy();
      resolve(outcome === "ECONNREFUSED" ? [] : [`${host} port ${port}: ${outcome}`]);
    };
    socket.on("connect", () => end("connected"));
    socket.on("timeout", () => end("no answer"));
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

type Listener = Omit<OpenPort, "what"> & { readonly pids: readonly number[] };

/** Lines like `tcp LISTEN 0 511 127.0.0.1:7700 0.0.0.0:* users:(("node",pid=12,fd=21))`. */
async function listeners(): Promise<Listener[]> {
  const { stdout } = await run("ss", ["-H", "-lntup"], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.split("\n").flatMap((line) => {
    const [protocol, , , , local = "", , users = ""] = line.split(/\s+/);
    const [, address = "", port] = /^(.*):(\d+)$/.exec(local) ?? [];
    if (protocol !== "tcp" && protocol !== "udp") return [];
    const pids = [...users.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));
    // A socket of an interface is shown as 127.0.0.1%lo, one of IPv6 in brackets, and "*" is both families' wildcard.
    return [{ protocol, address: address.replace(/%.*$/, "").replace(/^\[|\]$/g, ""), port: Number(port), pids }];
  });
}
