// The engine itself: who it is, how much it has, and the address of its default bridge on this machine.

import { createSocket } from "node:dgram";
import { BlockList, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import { SECOND } from "../model/instant.js";
import type { EngineInfo } from "../model/ports.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";

type SystemInfo = { ID: string; ServerVersion: string; NCPU: number; MemTotal: number };
type Bridge = {
  Options?: Record<string, string> | null;
  IPAM?: { Config?: { Subnet?: string }[] | null };
};

export async function engineInfo(engine: Engine): Promise<EngineInfo> {
  const info = await engine.call<SystemInfo>({ method: "GET", path: "/info", deadline: 5 * SECOND });
  return {
    engineId: info.ID,
    version: info.ServerVersion,
    cpu: info.NCPU,
    mem: info.MemTotal,
    bridgeAddress: await bridgeAddress(engine),
  };
}

async function bridgeAddress(engine: Engine): Promise<string | undefined> {
  try {
    const bridge = await engine.call<Bridge>({ method: "GET", path: "/networks/bridge", deadline: 5 * SECOND });
    const name = bridge.Options?.["com.docker.network.bridge.name"] ?? "docker0";
    const listed = networkInterfaces()[name]?.find((address) => address.family === "IPv4")?.address;
    return listed ?? (await addressInside(bridge.IPAM?.Config?.[0]?.Subnet));
  } catch (error) {
    // An engine run without a default bridge.
    if (refusedWith(error, 404)) return undefined;
    throw error;
  }
}

/**
 * This machine's own address in that subnet. A bridge without containers has no carrier, and node lists no such
 * interface; the kernel knows all the same from where it would send. Nothing is sent.
 */
export async function addressInside(subnet: string | undefined): Promise<string | undefined> {
  const [network = "", length = ""] = subnet?.split("/") ?? [];
  if (!isIPv4(network) || !/^\d+$/.test(length)) return undefined;
  const source = await sourceTowards(neighbour(network));
  const inside = new BlockList();
  inside.addSubnet(network, Number(length));
  return source !== undefined && inside.check(source) ? source : undefined;
}

/** Any address in the subnet but the bridge's own, which is usually the first. */
function neighbour(network: string): string {
  return network.replace(/\d+$/, (last) => String(Number(last) + 2));
}

function sourceTowards(target: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const end = (address: string | undefined) => {
      socket.close();
      resolve(address);
    };
    socket.once("error", () => end(undefined));
    socket.connect(9, target, () => end(socket.address().address));
  });
}
