// Creating a container whole: volumes before, files and further networks after, or nothing of it.

import { posix } from "node:path";
import { DEFAULTS } from "../model/defaults.js";
import { TheseusError } from "../model/errors.js";
import type { ConfigFile } from "../model/group.js";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Clock, ContainerSpec, Mandate } from "../model/ports.js";
import { type CreateOptions, createOptions } from "./create-options.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { inspect } from "./inspections.js";
import { readOwnership, sameOwner } from "./ownership.js";
import { removeContainer } from "./remove.js";
import { needsImageUser } from "./restricted-profile.js";
import { tar } from "./tar.js";
import { ensureVolume } from "./volumes.js";

const DEADLINE: Milliseconds = 10 * SECOND;
const OTHER: Milliseconds = 5 * SECOND;

/**
 * The id of the created, unstarted container; one left by an earlier try of the same is finished and taken. Nothing is made
 * after the mandate; what was made may still be finished, as whoever leads then finishes it too.
 */
export async function createContainer(
  engine: Engine,
  clock: Clock,
  spec: ContainerSpec,
  mandate?: Mandate,
): Promise<string> {
  const options = createOptions(spec, await imageUser(engine, spec));
  for (const volume of options.volumes) {
    mandate?.assertMayAct();
    await ensureVolume(engine, volume);
  }
  mandate?.assertMayAct();
  const id = await createOrAdopt(engine, spec, options);
  try {
    return await finished(engine, clock, options, id);
  } catch (error) {
    await takeBack(engine, id, mandate);
    throw error;
  }
}

/**
 * The failure of the finishing is the one to tell; what cannot be removed now is a stray of ours. After the mandate another
 * may have found it by its name and build on it.
 */
async function takeBack(engine: Engine, id: string, mandate?: Mandate): Promise<void> {
  try {
    mandate?.assertMayAct();
    await removeContainer(engine, id);
  } catch {
    // Left as it is.
  }
}

/** As createContainer, under other labels alone, by which it belongs to no group, and without a name. */
export async function createTrial(
  engine: Engine,
  clock: Clock,
  spec: ContainerSpec,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const options = createOptions(spec, await imageUser(engine, spec));
  const body = { ...options.body, Labels: { ...labels } };
  const path = "/containers/create";
  const { Id } = await engine.call<{ Id: string }>({ method: "POST", path, body, deadline: DEADLINE });
  try {
    return await finished(engine, clock, options, Id);
  } catch (error) {
    await takeBack(engine, Id);
    throw error;
  }
}

async function finished(engine: Engine, clock: Clock, options: CreateOptions, id: string): Promise<string> {
  await putFiles(engine, id, options, new Date(clock.now()));
  for (const network of options.moreNetworks) await join(engine, id, network);
  return id;
}

async function imageUser(engine: Engine, spec: ContainerSpec): Promise<string> {
  if (!needsImageUser(spec.config)) return "";
  type Image = { Config?: { User?: string } };
  const path = `/images/${spec.image}/json`;
  const image = await engine.call<Image>({ method: "GET", path, deadline: OTHER });
  return image.Config?.User ?? "";
}

async function createOrAdopt(engine: Engine, spec: ContainerSpec, options: CreateOptions): Promise<string> {
  try {
    const created = await engine.call<{ Id: string }>({
      method: "POST",
      path: "/containers/create",
      query: { name: options.name },
      body: options.body,
      deadline: DEADLINE,
    });
    return created.Id;
  } catch (error) {
    if (!refusedWith(error, 409)) throw error;
    return await adopt(engine, spec, error);
  }
}

/** The name is a compare-and-set: whoever holds it is either our own earlier try, or a stranger. */
async function adopt(engine: Engine, spec: ContainerSpec, conflict: unknown): Promise<string> {
  const holder = await inspect(engine, spec.name);
  const owner = readOwnership(holder.Config.Labels ?? {});
  const untouched = holder.State.Status === "created";
  const isOwn = owner !== undefined && sameOwner(owner, spec.owner);
  if (isOwn && untouched) return holder.Id;
  // Its start was asked for already, and the answer was lost: the name is nobody else's, who asks has to look again.
  if (isOwn) throw new TheseusError("CONFLICT", { what: `${spec.name} was started already`, cause: conflict });
  throw new TheseusError("CONTAINER_EXISTS", {
    what: `the name ${spec.name} is held on ${engine.host}`,
    why: [`by container ${holder.Id.slice(0, 12)}, ${holder.State.Status}, of image ${holder.Config.Image}`],
    now: "that container was not touched",
    next: [`docker inspect ${spec.name}`],
    metadata: { container: spec.name, host: engine.host, holder: holder.Id },
    cause: conflict,
  });
}

async function putFiles(engine: Engine, id: string, options: CreateOptions, modified: Date): Promise<void> {
  // A read-only root takes files only where a volume is mounted, so each folder is written by itself there.
  const byFolder = options.body.HostConfig?.ReadonlyRootfs === true;
  const folders = new Set(options.files.map((file) => (byFolder ? posix.dirname(file.at) : "/")));
  for (const folder of folders) {
    const files = options.files.filter((file) => !byFolder || posix.dirname(file.at) === folder);
    const entries = files.map((file) => entry(file, folder));
    const archive = tar(entries, modified);
    const path = `/containers/${id}/archive`;
    await engine.call({ method: "PUT", path, query: { path: folder }, file: archive, deadline: DEADLINE });
  }
}

function entry(file: ConfigFile, folder: string): { path: string; content: Buffer; mode: number } {
  const mode = Number.parseInt(file.mode ?? DEFAULTS.fileMode, 8);
  return { path: posix.relative(folder, file.at), content: Buffer.from(file.content, "base64"), mode };
}

/** The engine takes one network at creation. One joined already, by an earlier try, is fine. */
async function join(engine: Engine, id: string, network: string): Promise<void> {
  const path = `/networks/${encodeURIComponent(network)}/connect`;
  try {
    await engine.call({ method: "POST", path, body: { Container: id }, deadline: OTHER });
  } catch (error) {
    if (!refusedWith(error, 403, 409) || !error.text.includes("already exists in network")) throw error;
  }
}
