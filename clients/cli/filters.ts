// `get --filter`: the filter language of the viewer over what the command line has listed.

import { lastRemoval } from "../filter/explain.js";
import { filterBy, type Subject } from "../filter/match.js";
import { parseFilter } from "../filter/parse.js";
import type { Field, Filter } from "../filter/term.js";
import type { Container } from "../gen/theseus/v1/container.js";
import { type Group, GroupState } from "../gen/theseus/v1/group.js";
import { type Rollout, RolloutState } from "../gen/theseus/v1/rollout.js";
import { type Context, note, optionalText } from "./context.js";
import { usage } from "./failure.js";
import { namespaceOf, refOf } from "./output/objects.js";
import { containerStateWord, groupStateWord, rolloutStateWord } from "./output/words.js";
import { formatGroup } from "./references.js";

/** The filter of the command line; undefined where none was given. @throws Failure USAGE that points at the place. */
export function filterOf(context: Context): Filter | undefined {
  const text = optionalText(context, "filter");
  if (text === undefined) return undefined;
  const parsed = parseFilter(text);
  if ("filter" in parsed) return parsed.filter;
  const { problem, at, length } = parsed;
  const marked = `${text.slice(0, at)}>>${text.slice(at, at + length)}<<${text.slice(at + length)}`;
  throw usage(`--filter: ${problem}`, [`at character ${at + 1}: ${shortened(marked, at)}`], ["theseus get --help"]);
}

const AROUND = 40;

/** The place with a little of what is around it. */
function shortened(text: string, at: number): string {
  const from = Math.max(0, at - AROUND);
  return `${from > 0 ? "..." : ""}${text.slice(from, at + 2 * AROUND)}${text.length > at + 2 * AROUND ? "..." : ""}`;
}

/** Whether a term looks at one of these fields, or at any text. */
export const looksAt = (filter: Filter, fields: readonly (Field | "text")[]): boolean =>
  filter.some(({ atoms }) =>
    atoms.some((atom) =>
      atom.kind === "field" ? fields.includes(atom.field) : atom.kind === "text" && fields.includes("text"),
    ),
  );

/** Whether a term may look at how a rollout stands: a whole word for the state of a group finds no rollout. */
export const looksAtRollouts = (filter: Filter): boolean =>
  filter.some(({ atoms }) =>
    atoms.some(
      (atom) =>
        atom.kind === "text" ||
        (atom.kind === "field" && atom.field === "state" && !GROUP_STATES.has(atom.value.toLowerCase())),
    ),
  );

const GROUP_STATES: ReadonlySet<string> = new Set(
  Object.values(GroupState).flatMap((state) => (typeof state === "number" ? groupStateWord(state) : [])),
);

/** Those that pass. Says on stderr which term took the last one away. */
export function passing<Item>(
  context: Context,
  filter: Filter,
  of: { readonly items: readonly Item[]; readonly subject: (item: Item) => Subject; readonly what: string },
): Item[] {
  const passes = filterBy(filter);
  const left = of.items.filter((item) => passes(of.subject(item)));
  if (left.length > 0 || of.items.length === 0) return left;
  const removal = lastRemoval(
    filter.filter(({ isOff }) => !isOff),
    of.items.map(of.subject),
  );
  const why = removal === undefined ? "" : `: ${removal.clause.text} removed the last ${removal.removed}`;
  note(context, `0 of ${of.items.length} ${of.what}${why}`);
  return left;
}

/** What belongs to a group, where a term looks at it. */
export interface Around {
  readonly containers?: readonly Container[];
  /** The newest that a person asked for. */
  readonly rollout?: Rollout | undefined;
}

export function groupSubject(group: Group, { containers = [], rollout }: Around): Subject {
  const ref = refOf(group);
  const image = group.config?.image ?? "";
  const told = group.status?.attention.map(({ text }) => text) ?? [];
  const state = groupStateWord(group.status?.state ?? 0);
  // One that ended as it should says nothing about the group any more.
  const said = rollout?.state === RolloutState.DONE ? undefined : rollout;
  const { message = "", actor = "" } = group.lastChange ?? {};
  return {
    ns: namespaceOf(ref),
    service: ref.service,
    labels: ref.labels,
    hosts: containers.map(({ host }) => host),
    states: said === undefined ? [state] : [state, rolloutStateWord(said.state).replaceAll(" ", "-")],
    revs: [Number(group.configRevision)],
    images: [image],
    ports: containers.flatMap(portsOf),
    texts: lower([formatGroup(ref), image, message, actor, said?.failure?.text ?? "", ...told]),
  };
}

/** @param group its group, where a term looks at the image. */
export function containerSubject(container: Container, group: Group | undefined): Subject {
  const ref = refOf({ ref: container.group });
  const isPresent = group !== undefined && container.configRevision === group.configRevision;
  const image = isPresent ? (group.config?.image ?? "") : "";
  const state = containerStateWord(container.state);
  const { name, host, address, phase, problem } = container;
  return {
    ns: namespaceOf(ref),
    service: ref.service,
    labels: ref.labels,
    hosts: [host],
    states: phase === "" ? [state] : [state, phase],
    revs: [Number(container.configRevision)],
    images: [image],
    ports: portsOf(container),
    texts: lower([`${formatGroup(ref)}:${container.slot}`, name, host, address, problem, image]),
  };
}

const portsOf = ({ port, ports }: Container): number[] => [port, ...ports.map(({ external }) => external)];
const lower = (texts: readonly string[]): string[] => texts.map((text) => text.toLowerCase());

/** "default web/prod": the same for a group and for its containers. */
export const groupKey = (ref: {
  readonly namespace: string;
  readonly service: string;
  readonly labels: readonly string[];
}) => `${namespaceOf(ref)} ${formatGroup(ref)}`;
