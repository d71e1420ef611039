// `theseus set image`: the same as `theseus update --image`.

import { expectedRevision, finish, refIn, sendUpdate } from "../change-group.js";
import { type Context, requiredArgument } from "../context.js";
import type { ExitCode } from "../exit-codes.js";
import { parseGroup } from "../references.js";
import { withServer } from "../server.js";

export function run(context: Context): Promise<ExitCode> {
  const ref = refIn(context, parseGroup(requiredArgument(context, 0)));
  const config = { image: requiredArgument(context, 1) };
  const expected = expectedRevision(context);
  return withServer(context, async (server) =>
    finish(context, server, ref, await sendUpdate(context, server, { ref, config, mask: ["image"], expected })),
  );
}
