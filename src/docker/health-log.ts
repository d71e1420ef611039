// What Docker's own health check of a container has answered.

import type { Engine } from "./engine.js";
import { refusedWith } from "./failure.js";
import { inspect } from "./inspections.js";

type Answered = { readonly Start: string; readonly End: string; readonly ExitCode: number; readonly Output: string };

/** The last answers that the engine has kept, the newest last; none of a container without a check, or that is gone. */
export async function healthAnswers(engine: Engine, id: string): Promise<readonly string[]> {
  try {
    const { State } = await inspect(engine, id);
    return ((State.Health?.Log ?? []) as readonly Answered[]).map(answerText);
  } catch (error) {
    if (refusedWith(error, 404)) return [];
    throw error;
  }
}

/** -1 is Docker's word for a check that did not end in time; its output says so. */
export function answerText({ Start, End, ExitCode, Output }: Answered): string {
  const took = Date.parse(End) - Date.parse(Start);
  const output = Output.trim();
  const how = ExitCode === -1 ? "no answer" : `exit ${ExitCode}`;
  return `${how}${Number.isFinite(took) && took >= 0 ? ` in ${took} ms` : ""}${output === "" ? "" : `: ${output}`}`;
}
