// `theseus namespace get`: the same as `theseus get namespaces`.

import { type Context, optionalArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { withServer } from "../server.js";
import { getNamespaces } from "./get-others.js";

export function run(context: Context): Promise<ExitCode> {
  return withServer(context, (server) => getNamespaces(context, server, optionalArgument(context, 0)));
}
