// `discover --watch`: each new answer whole on stdout. A person who looks on holds nothing up: nothing is acknowledged.

import type { Follower } from "../../follower.js";
import type { ServiceState } from "../../watch-fold.js";
import type { Context } from "../context.js";
import { CLEAR } from "../output/screen.js";
import { type Question, readyOf, wanted } from "./answer.js";
import { nextChange } from "./changes.js";
import { type Form, isForPeople } from "./form.js";
import { missText } from "./miss.js";

/** @throws TheseusClientError: CANCELLED, or why no server will ever answer. */
export async function printChanges(
  context: Context,
  question: Question,
  { form, settle }: { readonly form: Form; readonly settle: number },
  follower: Follower,
): Promise<never> {
  const pace = { settle, signal: context.io.interrupted };
  const redraws = context.io.stdout.isTTY && isForPeople(context);
  let last: string | undefined;
  let state: ServiceState | undefined;
  for (;;) {
    state = await nextChange(follower, state, pace);
    const whole = wanted(state, question);
    const answer = { ...whole, endpoints: (await form.shown(whole.endpoints)).endpoints };
    const ready = readyOf(answer);
    if (ready < question.minimum) {
      context.io.stderr.write(`${ready} of at least ${question.minimum} are ready; revision ${answer.revision}\n`);
      continue;
    }
    const same = await form.text({ ...answer, revision: 0n, asOf: new Date(0) });
    if (same === last) continue;
    const isFirst = last === undefined;
    last = same;
    const between = isForPeople(context) && !isFirst ? "\n" : "";
    context.io.stdout.write((redraws ? CLEAR : between) + (await form.text(answer)));
    if (answer.endpoints.length === 0) context.io.stderr.write(`${missText(question, answer)}\n`);
  }
}
