// Whether a call to the engine was paid for: the intent of its container stood in the store, in the phase that such a call
// follows on. Pure.

import type { SeenCall } from "../../support/engine-proxy.js";
import type { LoggedWrite } from "../../support/store-log.js";

/** What is known of a container that was ever made, by its id. */
export type Made = { readonly name: string; readonly isTrial: boolean };

/** Calls by method and path, and the phase in which an intent pays for them; undefined: any phase does. */
const PHASES: readonly (readonly [call: RegExp, phase: string | undefined])[] = [
  [/^POST .*\/containers\/create\?/, "creating"],
  [/^POST .*\/containers\/[0-9a-f]{64}\/start(\?|$)/, "running"],
  [/^POST .*\/containers\/[0-9a-f]{64}\/update(\?|$)/, "running"],
  [/^POST .*\/containers\/[0-9a-f]{64}\/(kill|stop)(\?|$)/, "stopping"],
  // Waiting changes nothing; and what still runs is not removed without force.
  [/^POST .*\/containers\/[0-9a-f]{64}\/wait(\?|$)/, undefined],
  [/^DELETE .*\/containers\/[0-9a-f]{64}(\?(?!.*force=(true|1))|$)/, undefined],
];

/** Nothing, or what is wrong with the call. @param before a revision: what was written from it on pays for nothing. */
export function unpaid(
  { method, path }: Pick<SeenCall, "method" | "path">,
  {
    writes,
    before,
    madeOf,
  }: {
    readonly writes: readonly LoggedWrite[];
    readonly before: number;
    readonly madeOf: (id: string) => Made | undefined;
  },
): string[] {
  const call = `${method} ${path}`;
  // A trial has no name, and never runs.
  if (/^POST .*\/containers\/create$/.test(call)) return [];
  const made = madeOf(/[0-9a-f]{64}/.exec(path)?.[0] ?? "");
  if (made?.isTrial === true && method === "DELETE") return [];
  const name = /\/create\?.*name=([^&]+)/.exec(path)?.[1] ?? made?.name;
  if (name === undefined) return [`${call}, of which nobody knows whose it is`];
  const meant = PHASES.find(([like]) => like.test(call));
  if (meant === undefined) return [`${call} of ${name}, which nothing pays for`];
  const phase = phaseOf(writes, name, before);
  const isPaid = phase !== undefined && (meant[1] === undefined || meant[1] === phase);
  return isPaid ? [] : [`${call} of ${name}, whose intent was ${phase ?? "not there"}`];
}

/** As it was last written before that revision; of one that is gone, as it was before it went. */
function phaseOf(writes: readonly LoggedWrite[], name: string, before: number): string | undefined {
  const last = writes.findLast(
    ({ key, revision, value }) => revision < before && value !== undefined && key.endsWith(`/containers/${name}`),
  );
  return last?.value === undefined ? undefined : (JSON.parse(last.value) as { phase?: string }).phase;
}
