// A lookup that waited for more than became ready: what there is, and why the rest is not.

import type { Answer, Question } from "../model/discovery.js";
import type { Milliseconds } from "../model/instant.js";
import { formatGroup } from "../model/reference.js";
import type { AskedLookup } from "./asked.js";
import { stateWord } from "./convert-words.js";
import type { DiscoveryDeps } from "./discovery-deps.js";
import { inNamespace } from "./error-texts.js";
import { missOf, waitingIn } from "./miss.js";
import { FailedCall } from "./status.js";

const MOST_REASONS = 8;

type Known = {
  readonly present: Answer;
  /** What else was waited for in vain; may be empty. */
  readonly waitedFor: string;
  /** How long the store may take to say more. */
  readonly within: Milliseconds;
};

/** Never fails itself: what the store does not tell in time is left out. */
export async function notEnough(
  deps: Pick<DiscoveryDeps, "catalog" | "groups" | "clock">,
  { question, minimum }: Pick<AskedLookup, "question" | "minimum">,
  { present: answer, waitedFor, within }: Known,
): Promise<FailedCall> {
  const asked = textOf(question);
  const waiting = waitingIn(answer.groups, question.port).map(({ name, state, why }) =>
    textOfWaiting(name, state, why),
  );
  const near = missOf(answer, question).nearMisses;
  const also = waitedFor === "" ? [] : [waitedFor];
  return new FailedCall("NOT_ENOUGH", {
    what: `${answer.ready} of at least ${minimum} are ready for ${asked}`.slice(0, 100),
    why: [
      counted(answer, near),
      ...also,
      ...waiting.slice(0, MOST_REASONS),
      ...(await attention(deps, answer, within)),
    ],
    now: "nothing was changed",
    next: [nextOf(question, near)],
    metadata: {
      minimum: String(minimum),
      ready: String(answer.ready),
      matching_groups: String(answer.groups.length),
      matching_containers: String(answer.containers),
      near_misses: near.join("\n"),
      not_ready: waiting.join("\n"),
    },
    retryable: true,
  });
}

function textOf({ target, port }: Question): string {
  const onPort = port === "" ? "" : `, port ${port}`;
  if (target.kind === "group") return formatGroup(target.ref) + onPort;
  const { service = "any service" } = target.query;
  return `${service}${target.text === "" ? "" : ` -l ${target.text}`}${onPort}`;
}

function counted({ groups, containers }: Answer, near: readonly string[]): string {
  if (groups.length === 0) return near.length === 0 ? "no group matches" : `no group matches; near: ${near.join("  ")}`;
  const groupsText = groups.length === 1 ? "1 group matches" : `${groups.length} groups match`;
  return `${groupsText}, with ${containers} ${containers === 1 ? "container" : "containers"}`;
}

function textOfWaiting(name: string, state: number, why: string): string {
  return `${name} is ${stateWord(state)}${why === "" ? "" : `: ${why}`}`;
}

/** What the groups themselves lack: no image, no host that fits. */
async function attention(
  { catalog, groups, clock }: Pick<DiscoveryDeps, "catalog" | "groups" | "clock">,
  answer: Answer,
  within: Milliseconds,
): Promise<string[]> {
  const { revision } = catalog.view();
  const told = answer.groups.slice(0, MOST_REASONS).map((group) => groups.describe(group, revision));
  const done = new AbortController();
  const late = clock.sleep(within, done.signal).then(
    () => [],
    () => [],
  );
  const described = await Promise.race([Promise.allSettled(told), late]);
  done.abort();
  return described.flatMap((one) =>
    one.status === "fulfilled" ? (one.value.status?.attention ?? []).map(({ text }) => text) : [],
  );
}

function nextOf({ target }: Question, [near]: readonly string[]): string {
  const { namespace } = target.kind === "group" ? target.ref : target.query;
  const flag = namespace === undefined ? " -A" : inNamespace(namespace);
  if (near !== undefined) return `theseus describe ${near}${flag}`;
  if (target.kind === "group") return `theseus describe ${formatGroup(target.ref)}${flag}`;
  const { service } = target.query;
  return `theseus get containers${service === undefined ? "" : ` ${service}`}${flag}`;
}
