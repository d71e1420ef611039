// A Runtime on a real engine with a cluster id of its own, and specs of small containers for it.

import { randomBytes } from "node:crypto";
import { createRuntime } from "../../src/docker/runtime.js";
import type { GroupConfig } from "../../src/model/group.js";
import type { ContainerSpec, Logger, Runtime } from "../../src/model/ports.js";
import { systemClock, systemRng } from "../../src/system.js";
import { removeContainers } from "./engine-api.js";
import { importBusyboxImage, removeImage } from "./images.js";

export const silentLog: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

export type TestRuntime = {
  readonly runtime: Runtime;
  readonly socket: string;
  readonly clusterId: string;
  /** Id of a busybox web server's image. */
  readonly image: string;
  readonly tag: string;
  /** A container of slot 1; each call is another generation, so another name. */
  spec(config?: Partial<GroupConfig>, changes?: Partial<ContainerSpec>): ContainerSpec;
  /** Removes containers and images. */
  cleanUp(): Promise<void>;
};

/** Every line of it so far. */
export async function outputOf(runtime: Runtime, id: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const all = runtime.logLines(id, { follow: false }, new AbortController().signal);
  for await (const some of all) lines.push(...some.map(({ text }) => text));
  return lines;
}

export async function testRuntime(socket: string, address: string): Promise<TestRuntime> {
  const clusterId = randomBytes(8).toString("hex");
  const tag = `theseus-test-${clusterId}:1`;
  const image = await importBusyboxImage(socket, tag, { version: "1" });
  const options = { host: "local", url: `unix://${socket}`, clusterId: () => clusterId };
  const runtime = createRuntime({ ...options, clock: systemClock, rng: systemRng, log: silentLog });
  let generation = 0;
  return {
    runtime,
    socket,
    clusterId,
    image,
    tag,
    spec: (config = {}, changes = {}) => {
      generation++;
      const name = `web.test.1.${generation}-${clusterId.slice(0, 6)}`;
      const group = { namespace: "default", service: "web", labels: ["test"] };
      const numbers = { slot: 1, generation, configRevision: 1, fingerprint: `1-${generation}` };
      return {
        name,
        hostname: name,
        image,
        owner: { cluster: clusterId, group, groupUid: `u${clusterId}`, ...numbers },
        config: { image: tag, ...config },
        address,
        hostPorts: {},
        env: { CONTAINER_NAME: name },
        ...changes,
      };
    },
    cleanUp: async () => {
      await removeContainers(socket, `theseus.cluster=${clusterId}`);
      await runtime.removeVolumes(`u${clusterId}`);
      await removeImage(socket, tag);
    },
  };
}
