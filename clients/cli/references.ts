// References on the command line: SERVICE, SERVICE/LABELS, ...:SLOT, ...@REV, and their one printed form.

import { Failure } from "./failure.js";
import { LABEL_RULE, labelProblem, MAX_LABELS, SERVICE_RULE, serviceProblem } from "./names.js";

export interface Reference {
  readonly service: string;
  /** Sorted and unique; undefined when only a service was named. */
  readonly labels?: readonly string[];
  readonly slot?: number;
  readonly revision?: bigint;
}

export interface GroupReference extends Reference {
  readonly labels: readonly string[];
}

export interface GroupName {
  readonly service: string;
  readonly labels: readonly string[];
}

/** "web/dev,frontend", "web/-": sorted, so that it can be pasted and compared. */
export function formatGroup({ service, labels }: GroupName): string {
  return `${service}/${labels.length === 0 ? "-" : [...new Set(labels)].sort().join(",")}`;
}

/** @throws Failure BAD_NAME or BAD_LABEL, exit 2. */
export function parseReference(text: string): Reference {
  const match = /^([^/:@]*)(?:\/([^:@]*))?(?::([^@]*))?(?:@(.*))?$/s.exec(text);
  if (match === null) throw badName(text, "a reference is SERVICE/LABELS, then :SLOT or @REV");
  const [, service = "", labels, slot, revision] = match;
  const problem = serviceProblem(service);
  if (problem !== undefined) throw badName(text, `"${service}" is not a service: ${problem}. ${SERVICE_RULE}`);
  if (labels === undefined && (slot !== undefined || revision !== undefined))
    throw badName(text, "a slot or a revision belongs to a group: SERVICE/LABELS:SLOT, SERVICE/-:SLOT");
  return {
    service,
    ...(labels === undefined ? {} : { labels: parseLabels(text, service, labels) }),
    ...(slot === undefined ? {} : { slot: parseCount(text, slot, "slot") }),
    ...(revision === undefined ? {} : { revision: BigInt(parseCount(text, revision, "revision")) }),
  };
}

/** A reference that names exactly one group, without slot and revision. */
export function parseGroup(text: string): GroupReference {
  const reference = parseGroupRevision(text);
  if (reference.revision !== undefined) throw badName(text, "this names a revision; here the present group is meant");
  return reference;
}

/** A reference that names exactly one group, or one revision of it. */
export function parseGroupRevision(text: string): GroupReference {
  const reference = parseReference(text);
  const { labels } = reference;
  if (labels === undefined) {
    const next = [`theseus get groups ${text}`];
    throw badName(text, `${text} is a service; a group is SERVICE/LABELS, and ${text}/- the one without labels`, next);
  }
  if (reference.slot !== undefined) throw badName(text, "this names a container; here a whole group is meant");
  return { ...reference, labels };
}

function parseLabels(text: string, service: string, labels: string): string[] {
  if (labels === "-") return [];
  const all = labels.split(",");
  for (const label of all) {
    const problem = labelProblem(label);
    if (problem !== undefined) throw badLabel(label, problem, suggestion(service, all));
  }
  const unique = [...new Set(all)].sort();
  if (unique.length > MAX_LABELS) throw badName(text, `it has ${unique.length} labels, and ${MAX_LABELS} is the most`);
  return unique;
}

function parseCount(text: string, digits: string, what: string): number {
  if (!/^[1-9]\d{0,8}$/.test(digits)) throw badName(text, `"${digits}" is not a ${what}: a whole number from 1`);
  return Number(digits);
}

/** The nearest labels that would be good. */
function suggestion(service: string, labels: readonly string[]): string | undefined {
  const good = labels.map((label) =>
    label
      .toLowerCase()
      .replaceAll(/[^a-z0-9._=-]+/g, "-")
      .replaceAll(/^[._=-]+|[._=-]+$/g, "")
      .slice(0, 63),
  );
  return good.some((label) => labelProblem(label) !== undefined) ? undefined : `${service}/${good.join(",")}`;
}

function badLabel(label: string, problem: string, better: string | undefined): Failure {
  return new Failure("BAD_LABEL", {
    what: `"${label}" is not a valid label`,
    why: [`${LABEL_RULE}; ${problem}`],
    now: "nothing was sent or changed",
    next: better === undefined ? [] : [`write it as ${better}`],
  });
}

function badName(text: string, why: string, next: readonly string[] = []): Failure {
  return new Failure("BAD_NAME", {
    what: `"${text}" is not a reference that fits here`,
    why: [why],
    now: "nothing was sent or changed",
    next,
  });
}
