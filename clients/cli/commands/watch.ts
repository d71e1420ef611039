// `theseus watch`: the containers of a namespace, a service or a group, and each change of them.

import { followContainers } from "../container-changes.js";
import { type Context, optionalArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { parseReference } from "../references.js";
import { targetOf } from "../target.js";

export function run(context: Context): Promise<ExitCode> {
  return watch(context, 0);
}

/** @param at which argument names what is watched. */
export async function watch(context: Context, at: number): Promise<ExitCode> {
  const name = optionalArgument(context, at);
  return followContainers(context, targetOf(context, name === undefined ? undefined : parseReference(name)));
}
