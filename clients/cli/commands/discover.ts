// `theseus discover`: the answer of Discovery as a client gets it, once or for as long as somebody wants it, in the forms
// that scripts and load balancers take.

import { randomInt } from "node:crypto";
import { hostname } from "node:os";
import type { Endpoint } from "../../gen/theseus/v1/discovery_service.js";
import { type Context, isSet, note } from "../context.js";
import { type Answer, answerOf, type Question, readyOf, requestTarget, wanted } from "../discover/answer.js";
import { FileKeeper } from "../discover/file-keeper.js";
import { type Following, followingOf, questionOf } from "../discover/flags.js";
import { type Form, formOf, isForPeople } from "../discover/form.js";
import { KeptFile } from "../discover/kept-file.js";
import { missFailure } from "../discover/miss.js";
import { printChanges } from "../discover/print-changes.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { following } from "../following.js";
import { withServer } from "../server.js";

/** For how long so many are waited for, unless --timeout says so. */
const PATIENCE = 10_000;

export function run(context: Context): Promise<ExitCode> {
  const question = questionOf(context);
  const flags = followingOf(context);
  const form = formOf(context, question, flags?.out !== undefined);
  return flags === undefined ? once(context, question, form) : followed(context, question, form, flags);
}

function once(context: Context, question: Question, form: Form): Promise<ExitCode> {
  const { target, port = "", includeNotReady, minimum, host: askingHost = "" } = question;
  return withServer(context, async (server) => {
    const request = { target: requestTarget(target), port, includeNotReady, minimum, askingHost };
    const patience = minimum > 0 ? { deadline: context.globals.timeout ?? PATIENCE } : {};
    const answer = answerOf(await server.discovery.lookup(request, { ...server.call, ...patience }));
    const named = wanted(answer, question);
    const { endpoints: shown } = await form.shown(named.endpoints);
    if (shown.length === 0) throw await missFailure(context, server, question, answer);
    await print(context, form, { ...answer, endpoints: isSet(context, "one") ? oneOf(shown) : shown }, readyOf(answer));
    return EXIT.ok;
  });
}

function oneOf(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const pool = ready.length > 0 ? ready : endpoints;
  const chosen = pool[randomInt(pool.length)];
  return chosen === undefined ? [] : [chosen];
}

async function print(context: Context, form: Form, answer: Answer, ready: number): Promise<void> {
  context.io.stdout.write(await form.text(answer));
  if (isForPeople(context))
    note(context, `${ready} ready of ${answer.matchingContainers} · revision ${answer.revision}`);
}

async function followed(context: Context, question: Question, form: Form, flags: Following): Promise<ExitCode> {
  const { out, check, then, settle } = flags;
  const { target, port, includeNotReady } = question;
  const asked = { includeNotReady, ...(port === undefined ? {} : { port }) };
  if (out === undefined)
    return following(context, requestTarget(target), asked, (follower) =>
      printChanges(context, question, { form, settle }, follower),
    );
  const file = await KeptFile.at(context.io.cwd, out);
  const keeper = new FileKeeper({ context, question, form, file, check, then, settle });
  // The same after every restart, and another one for each file of this machine.
  const watcherId = `${hostname()}:${file.path}`.slice(-256);
  return following(context, requestTarget(target), { ...asked, acknowledge: true, watcherId }, (follower) =>
    keeper.follow(follower),
  );
}
