// Whether a created container has the command it is to run. With an init as first process the engine cannot tell: the
// start succeeds, and the init ends with 127 a moment later.

import { posix } from "node:path";
import { type Milliseconds, SECOND } from "../model/instant.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import type { Inspection } from "./inspections.js";

const DEADLINE: Milliseconds = 5 * SECOND;
const USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Filled in by the kernel at start; an unstarted container has nothing there. */
const KERNEL = /^\/(proc|sys|dev)\//;

/**
 * False only when the engine has looked at every place and found nothing. @param unseen folders that will be there when
 * the container runs and are not in this one: what lies below them nobody can tell.
 */
export async function hasExecutable(
  engine: Engine,
  container: Inspection,
  unseen: readonly string[] = [],
): Promise<boolean> {
  const isBelow = (path: string): boolean => unseen.some((folder) => path.startsWith(posix.join("/", folder, "/")));
  for (const path of places(container)) {
    if (KERNEL.test(path) || isBelow(path) || (await isThere(engine, container.Id, path))) return true;
  }
  return false;
}

/** Where the first word of the command is looked for, in order. */
export function places(container: Pick<Inspection, "Path" | "Config">): readonly string[] {
  const { Path: command, Config } = container;
  if (command.includes("/")) return [posix.resolve("/", Config.WorkingDir || "/", command)];
  const path = (Config.Env ?? []).findLast((entry) => entry.startsWith("PATH="))?.slice("PATH=".length);
  return (path ?? USUAL_PATH).split(":").map((folder) => posix.resolve("/", folder, command));
}

async function isThere(engine: Engine, id: string, path: string): Promise<boolean> {
  try {
    await engine.call({ method: "HEAD", path: `/containers/${id}/archive`, query: { path }, deadline: DEADLINE });
    return true;
  } catch (error) {
    return !refusedWith(error, 404);
  }
}
