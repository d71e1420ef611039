// How a container stands when it is given up: how it ended, and what Docker's own health check has answered.

import type { Aftermath } from "../model/evidence.js";
import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { type Inspection, inspect } from "./inspections.js";

type Answered = { readonly Start: string; readonly End: string; readonly ExitCode: number; readonly Output: string };

/** As the engine has it now: that it was out of memory is known later than its end. Undefined of one that is gone. */
export async function readAftermath(engine: Engine, id: string): Promise<Aftermath | undefined> {
  try {
    return aftermathOf(await inspect(engine, id));
  } catch (error) {
    if (refusedWith(error, 404)) return undefined;
    throw error;
  }
}

export function aftermathOf({ State }: Pick<Inspection, "State">): Aftermath {
  const hasEnded = State.Status === "exited" || State.Status === "dead";
  return {
    ...(hasEnded ? { exitCode: State.ExitCode } : {}),
    outOfMemory: State.OOMKilled,
    answers: (State.Health?.Log ?? []).map(answerText),
  };
}

/** -1 is Docker's word for a check that did not end in time; its output says so. */
function answerText({ Start, End, ExitCode, Output }: Answered): string {
  const took = Date.parse(End) - Date.parse(Start);
  const output = Output.trim();
  const how = ExitCode === -1 ? "no answer" : `exit ${ExitCode}`;
  return `${how}${Number.isFinite(took) && took >= 0 ? ` in ${took} ms` : ""}${output === "" ? "" : `: ${output}`}`;
}
