// `theseus create`: a new group from flags.

import { changeFields } from "../change.js";
import { finish, isDryRun, refIn } from "../change-group.js";
import { readConfigFlags } from "../config-flags.js";
import { type Context, requiredArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { usage } from "../failure.js";
import { parseGroup } from "../references.js";
import { withServer } from "../server.js";

export async function run(context: Context): Promise<ExitCode> {
  const ref = refIn(context, parseGroup(requiredArgument(context, 0)));
  const { config, firstPortMissing } = await readConfigFlags(context);
  if (config.image === undefined) throw usage("a group needs an image", ["--image is missing"]);
  if (firstPortMissing) throw usage("--health http:/path needs a port to ask", ["there is no --port with tcp"]);
  return withServer(context, async (server) => {
    const request = { group: ref, config, validateOnly: isDryRun(context), ...changeFields(context) };
    return finish(context, server, ref, await server.theseus.createGroup(request, server.call));
  });
}
