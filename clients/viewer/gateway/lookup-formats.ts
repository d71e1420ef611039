// An answer of discovery in each format of `theseus discover`, as that prints it into a file.

import type { Context } from "../../cli/context.js";
import { answerOf, type Question } from "../../cli/discover/answer.js";
import { formOf } from "../../cli/discover/form.js";
import { isAddressable } from "../../cli/discover/snippets.js";
import { FORMATS, type Format } from "../../cli/formats.js";
import { type Globals, resolveGlobals } from "../../cli/globals.js";
import type { LookupResponse } from "../../gen/theseus/v1/discovery_service.js";

const FOR_LOAD_BALANCERS: ReadonlySet<Format> = new Set(["env", "haproxy", "nginx"]);

/** A format that does not go with the question is left out. Never rejects. */
export async function formatsOf(question: Question, response: LookupResponse): Promise<Record<string, string>> {
  const texts = await Promise.all(FORMATS.map((format) => textOf(format, question, response)));
  return Object.fromEntries(FORMATS.flatMap((format, i) => (texts[i] === undefined ? [] : [[format, texts[i]]])));
}

async function textOf(format: Format, question: Question, response: LookupResponse): Promise<string | undefined> {
  const answer = answerOf(response);
  // Names are not resolved here: that is the machine's that uses the text.
  const endpoints = FOR_LOAD_BALANCERS.has(format) ? answer.endpoints.filter(isAddressable) : answer.endpoints;
  try {
    return await formOf(contextOf(format, question), question, true).text({ ...answer, endpoints });
  } catch {
    return undefined;
  }
}

const NO_TERMINAL = { write: () => undefined, isTTY: false };

function contextOf(format: Format, { target }: Question): Context {
  const usual = resolveGlobals({}, {});
  const namespace = target.kind === "selected" ? target.selector.namespace : target.ref.namespace;
  const globals: Globals = { ...usual, namespace, format, formatAsked: true };
  const io: Context["io"] = {
    ...{ stdout: NO_TERMINAL, stderr: NO_TERMINAL, env: {}, cwd: "/", stdinIsTTY: false },
    readStdin: async () => new Uint8Array(),
    readLine: async () => "",
    interrupted: new AbortController().signal,
  };
  return { io, globals, args: [], options: {}, argv: [] };
}
