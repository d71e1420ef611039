// Why an answer of Discovery has nothing ready: no such thing, nothing that matches, no such port, or nothing that is
// ready.

import { MissReason } from "../../gen/theseus/v1/discovery_service.js";
import type { Context } from "../context.js";
import { Failure, hasReason } from "../failure.js";
import { sameTarget } from "../globals.js";
import { containerStateWord } from "../output/words.js";
import { formatGroup } from "../references.js";
import type { Server } from "../server.js";
import type { Target } from "../target.js";
import { type Answer, askedText, type Question } from "./answer.js";

const MOST_NAMED = 5;

/** @returns what to fail with: exit 4. @throws the server's NO_SUCH_NAMESPACE. */
export async function missFailure(
  context: Context,
  { theseus, call }: Server,
  question: Question,
  answer: Answer,
): Promise<Failure> {
  const { target } = question;
  const flags = sameTarget(context.globals);
  if (answer.matchingGroups > 0) return nothingReady(question, answer, flags);
  // The discovery listener of containers knows no TheseusService; then only the namespace is left unchecked.
  if (!context.globals.allNamespaces && answer.nearMisses.length === 0)
    await theseus.getNamespace({ name: context.globals.namespace }, call).catch(unlessUnknownNamespace);
  const [near] = answer.nearMisses;
  return new Failure(target.kind === "selected" ? "NO_SUCH_SERVICE" : "NO_SUCH_GROUP", {
    what: missingText(target),
    why: [near === undefined ? "nothing is spelt nearly so" : `these are near: ${answer.nearMisses.join("  ")}`],
    now: `nothing was changed; this is as of revision ${answer.revision}`,
    next: [near === undefined ? `theseus get groups${flags}` : `theseus discover ${near}${flags}`],
  });
}

/** The same in one line, for a watch that goes on. */
export function missText(question: Question, answer: Answer): string {
  const { target } = question;
  if (answer.matchingGroups === 0) return missingText(target);
  return `nothing is ready for ${askedText(target)}: ${whyNotReady(question, answer)[0]}`;
}

function missingText(target: Target): string {
  const asked = askedText(target);
  if (target.kind !== "selected") return `there is no group ${asked}`;
  const { service, labels } = target.selector;
  return labels === "" && service !== "" ? `there is no service ${service}` : `no group matches ${asked}`;
}

function unlessUnknownNamespace(error: unknown): void {
  if (hasReason(error, "NO_SUCH_NAMESPACE")) throw error;
}

function nothingReady(question: Question, answer: Answer, flags: string): Failure {
  const asked = askedText(question.target);
  return new Failure("NOTHING_READY", {
    what: `nothing is ready for ${asked}`,
    why: whyNotReady(question, answer),
    now: `this is as of revision ${answer.revision}`,
    next: [`theseus get containers ${asked.startsWith("any service") ? "" : asked}${flags}`.trim()],
    retryable: true,
  });
}

function whyNotReady({ port }: Question, answer: Answer): string[] {
  const { matchingGroups: groups, matchingContainers: containers, miss, notReady } = answer;
  const counted = `${groups} ${groups === 1 ? "group matches" : "groups match"}, with ${containers} ${containers === 1 ? "container" : "containers"}`;
  if (containers === 0) return [counted];
  if (miss === MissReason.NO_SUCH_PORT) return [`${counted}; none of them has a port named ${port}`];
  const reason = port === undefined ? "none of them is ready" : `none of them is ready on a port named ${port}`;
  const each = notReady.slice(0, MOST_NAMED).map(({ group, name, state, why }) => {
    const of = group === undefined ? "" : `${formatGroup(group)} `;
    return `${of}${name} is ${containerStateWord(state)}${why === "" ? "" : `: ${why}`}`;
  });
  return [`${counted}; ${reason}`, ...each];
}
