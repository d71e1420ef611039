// How much of the answers a channel by name lets an endpoint send before its program has read any of it.

import { once } from "node:events";
import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import type { ChannelOptions } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { registerTheseusResolver } from "../../clients/index.js";
import { ResolvedChannel } from "../support/resolved-channel.js";
import { endpointNamed, ScriptedDiscovery } from "../support/scripted-discovery.js";
import { until } from "../support/until.js";

const MEBIBYTE = 1024 * 1024;

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** What an endpoint is allowed by a channel made with these options: on each stream, and on all of them together. */
async function windows(options: ChannelOptions) {
  const sessions: ServerHttp2Session[] = [];
  const endpoint = createServer().on("session", (session) => sessions.push(session.on("error", () => undefined)));
  await once(endpoint.listen(0, "127.0.0.1"), "listening");
  ending.push(() => endpoint.close());
  ending.push(() => sessions.forEach((session) => void session.destroy()));
  const scripted = await ScriptedDiscovery.start();
  ending.push(() => scripted.close());
  registerTheseusResolver({ servers: scripted.address, watcherId: "backend" });
  const caller = new ResolvedChannel("theseus:///web", options);
  ending.push(() => caller.close());
  // Nobody answers it.
  void caller.ask().catch(() => undefined);
  const { port } = endpoint.address() as AddressInfo;
  (await scripted.watch(1)).snapshot(1, [endpointNamed("a1", { address: "127.0.0.1", port })]);
  const session = await until("the connection", () => sessions[0]);
  // Both are told before anything else.
  await until("the first call", () => session.state.lastProcStreamID === 1);
  return { each: session.remoteSettings.initialWindowSize, together: session.state.remoteWindowSize };
}

describe("a channel to a service by name", () => {
  it("lets an endpoint send on while its program is busy", async () => {
    expect(await windows({})).toEqual({ each: 4 * MEBIBYTE, together: 4 * MEBIBYTE });
  });

  it("keeps a window of its own", async () => {
    const own = await windows({ "grpc-node.flow_control_window": MEBIBYTE });
    expect(own).toEqual({ each: MEBIBYTE, together: MEBIBYTE });
  });
});
