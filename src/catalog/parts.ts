// What one group contributes to an answer, and what has changed between two states of it. Pure.

import type { ContainerEntry, GroupEntry } from "../model/catalog.js";
import type { AnswerCodec, Piece, Question } from "../model/discovery.js";
import type { ContainerRef } from "../model/reference.js";

type Member = {
  readonly container: ContainerEntry;
  readonly piece: Piece;
  /** The revision that brought it into the answer. */
  readonly entered: bigint;
  /** The revision that last changed the piece. */
  readonly changed: bigint;
};

export type Part = {
  readonly group: GroupEntry;
  /** By container name, in the order of the group. */
  readonly members: ReadonlyMap<string, Member>;
};

export type Difference = { readonly put: readonly Piece[]; readonly removed: readonly ContainerRef[] };

type Asking = { readonly question: Question; readonly codec: AnswerCodec };

/** The part of a group as it is now; shares with the one before everything that is sent as it was. */
export function partOf(group: GroupEntry, before: Part | undefined, asking: Asking, revision: bigint): Part {
  const members = new Map<string, Member>();
  const sameRules = before !== undefined && before.group.record === group.record;
  for (const container of hasPort(group, asking.question.port) ? group.containers : []) {
    const known = before?.members.get(container.ref.name);
    const member =
      sameRules && known?.container === container ? known : memberOf({ container, group }, known, asking, revision);
    if (member !== undefined) members.set(container.ref.name, member);
  }
  return { group, members };
}

function memberOf(
  { container, group }: { readonly container: ContainerEntry; readonly group: GroupEntry },
  known: Member | undefined,
  { question, codec }: Asking,
  revision: bigint,
): Member | undefined {
  const piece = codec.piece(container, group, question.port);
  if (piece === undefined || !(piece.ready || question.includeNotReady)) return undefined;
  if (known === undefined) return { container, piece, entered: revision, changed: revision };
  if (sameBytes(known.piece, piece)) return { ...known, container };
  return { container, piece, entered: known.entered, changed: revision };
}

/** What a reader of the one has to be told to have the other. */
export function differenceOf(before: Part | undefined, after: Part | undefined): Difference {
  const put: Piece[] = [];
  const removed: ContainerRef[] = [];
  for (const [name, { piece }] of after?.members ?? []) if (before?.members.get(name)?.piece !== piece) put.push(piece);
  for (const [name, { piece }] of before?.members ?? []) if (!after?.members.has(name)) removed.push(piece.ref);
  return { put, removed };
}

const sameBytes = (a: Piece, b: Piece): boolean => Buffer.compare(a.bytes, b.bytes) === 0;

const portsOf = new WeakMap<GroupEntry, ReadonlySet<string>>();

/** Any container of the group; an unnamed port is everybody's. */
function hasPort(group: GroupEntry, port: string): boolean {
  if (port === "") return true;
  const known = portsOf.get(group) ?? namesOf(group);
  portsOf.set(group, known);
  return known.has(port);
}

function namesOf({ containers }: GroupEntry): ReadonlySet<string> {
  return new Set(containers.flatMap(({ info }) => Object.keys(info?.portMappings ?? {})));
}
