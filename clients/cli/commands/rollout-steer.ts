// `theseus rollout pause`, `resume` and `promote`: said to the server, and told how far it is. Nothing is waited for.

import type { Rollout } from "../../gen/theseus/v1/rollout.js";
import { changeFields } from "../change.js";
import { expectedRevision, printRollout, refIn } from "../change-group.js";
import { type CommandModule, type Context, note, requiredArgument } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { sameTarget } from "../globals.js";
import { isObjectFormat } from "../output/listing.js";
import { newText, rolloutObject } from "../output/rollout.js";
import { formatGroup, parseGroup } from "../references.js";
import { withServer } from "../server.js";

interface Steering {
  readonly call: "pauseRollout" | "resumeRollout" | "promoteRollout";
  readonly text: (rollout: Rollout) => string;
}

export const pause = steering({ call: "pauseRollout", text: pausedText });
export const resume = steering({ call: "resumeRollout", text: (one) => `resumed ${one.id} at ${newText(one)}` });
export const promote = steering({ call: "promoteRollout", text: (one) => `promoted ${one.id} at ${newText(one)}` });

function steering(how: Steering): CommandModule {
  return {
    run: (context) => {
      const ref = refIn(context, parseGroup(requiredArgument(context, 0)));
      const request = { group: ref, expectedRevision: expectedRevision(context), ...changeFields(context) };
      return withServer(context, async (server) => {
        const { rollout } = await server.theseus[how.call](request, server.call);
        return report(context, how, formatGroup(ref), rollout);
      });
    },
  };
}

async function report(
  context: Context,
  { call, text }: Steering,
  name: string,
  rollout: Rollout | undefined,
): Promise<ExitCode> {
  if (isObjectFormat(context.globals.format))
    await printRollout(context, rollout === undefined ? {} : rolloutObject(rollout));
  else if (rollout !== undefined) context.io.stdout.write(`${text(rollout)}\n`);
  const verb = call === "pauseRollout" ? "resume" : "status";
  note(context, `next: theseus rollout ${verb} ${name}${sameTarget(context.globals)}`);
  return EXIT.ok;
}

function pausedText(rollout: Rollout): string {
  const { id, readyNew, readyOld } = rollout;
  const serving = `now serving: ${readyNew} new + ${readyOld} old`;
  return `paused ${id} at ${newText(rollout)}. ${serving}. old containers stay. resume | undo when ready.`;
}
