// `profile: restricted`: a container that can do nothing but compute, talk and write to /tmp. Pure.

import { posix } from "node:path";
import type Docker from "dockerode";
import { TheseusError } from "../model/errors.js";
import type { GroupConfig } from "../model/group.js";

const NOBODY = "65532:65532";
const MEM = 256 * 1024 * 1024;
const CPU = 0.5;
const PIDS = 256;

/** The same body under the restricted profile; limits that the config sets itself stay. */
export function restrict(
  body: Docker.ContainerCreateOptions,
  config: GroupConfig,
  imageUser: string,
): Docker.ContainerCreateOptions {
  const mem = config.mem ?? MEM;
  return {
    ...body,
    User: unprivileged(config.user ?? imageUser),
    Volumes: writableFolders(config),
    HostConfig: {
      ...body.HostConfig,
      CapDrop: ["ALL"],
      ReadonlyRootfs: true,
      Tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=64m" },
      PidsLimit: PIDS,
      Memory: mem,
      MemorySwap: mem,
      MemoryReservation: mem,
      NanoCpus: Math.round((config.cpu ?? CPU) * 1e9),
      Ulimits: [{ Name: "nofile", Soft: 1024, Hard: 4096 }],
      Init: true,
    },
  };
}

function unprivileged(user: string): string {
  return /^(|root|0+)(:.*)?$/.test(user) ? NOBODY : user;
}

/**
 * The engine copies no file into a read-only root: each folder that takes files is an anonymous volume, which starts as a
 * copy of the image's folder and goes with the container.
 */
function writableFolders(config: GroupConfig): Record<string, object> {
  const mounted = (config.volumes ?? []).map((volume) => posix.normalize(`${volume.at}/`));
  const folders = new Set((config.files ?? []).map((file) => posix.dirname(posix.normalize(file.at))));
  if (folders.has("/")) {
    throw new TheseusError("CONTAINER_REFUSED", {
      what: "a file right under / cannot be put into a container of the restricted profile",
      why: ["its root is read-only; files are possible in any folder below it"],
      now: "no container was created",
    });
  }
  const own = [...folders].filter((folder) => !mounted.some((at) => `${folder}/`.startsWith(at)));
  return Object.fromEntries(own.map((folder) => [folder, {}]));
}

/** Whether the image has to be looked at before a container of this config is created. */
export function needsImageUser(config: GroupConfig): boolean {
  return config.profile === "restricted" && config.user === undefined;
}
