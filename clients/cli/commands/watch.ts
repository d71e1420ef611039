// `theseus watch`: the containers of a namespace, a service or a group, and each change of them. Where nobody looks at a
// terminal, and no program asks for objects: the timeline.

import { followContainers } from "../container-changes.js";
import { type Context, optionalArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { parseReference } from "../references.js";
import { targetOf } from "../target.js";

export async function run(context: Context): Promise<ExitCode> {
  const { globals, io } = context;
  const isForPeople = globals.format === "table" || globals.format === "wide";
  if (io.stdout.isTTY || !isForPeople) return watch(context, 0);
  return (await import("./get-events.js")).followEvents(context, optionalArgument(context, 0));
}

/** @param at which argument names what is watched. */
export async function watch(context: Context, at: number): Promise<ExitCode> {
  const name = optionalArgument(context, at);
  return followContainers(context, targetOf(context, name === undefined ? undefined : parseReference(name)));
}
