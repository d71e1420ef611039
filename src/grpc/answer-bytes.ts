// Answers in the bytes of the wire. An endpoint is encoded once, and its bytes stand in every lookup, snapshot and delta
// that tells of it; the parts of an answer that change with every revision are put behind them.

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import {
  Endpoint,
  LookupResponse,
  WatchDelta,
  WatchResponse,
  WatchSnapshot,
} from "../../clients/gen/theseus/v1/discovery_service.js";
import type { ContainerEntry, GroupEntry } from "../model/catalog.js";
import type { Answer, AnswerChange, AnswerCodec, Piece, Question } from "../model/discovery.js";
import type { Cursor } from "../model/history.js";
import type { Instant } from "../model/instant.js";
import type { ContainerRef } from "../model/reference.js";
import { endpointOf, fromGroupRef } from "./convert-container.js";
import { writeCursor } from "./cursor.js";
import { Encoded } from "./encoded.js";
import { missOf } from "./miss.js";

/** Tags of WatchResponse's snapshot and delta: their field numbers, as bytes with a length. */
const SNAPSHOT = (3 << 3) | 2;
const DELTA = (4 << 3) | 2;
/** Field 1 of a message: that is where all three kinds of messages have their endpoints. */
const ENDPOINT = (1 << 3) | 2;

/** Of one answer, one for each asking host that it knows. */
const MOST_ORDERS = 8;
/** Clients take 4 MiB at once, unless they are told otherwise. */
const PART_BYTES = 1024 * 1024;

const NO_CONTENT = { cursor: "", content: undefined, watchId: "", more: false };

type At = { readonly cursor: Cursor; readonly asOf: Instant };
type LookupAt = { readonly revision: bigint; readonly asOf: Instant; readonly askingHost: string };

/** The pieces of a container, as long as it and its group's rules are the same. */
type Known = { readonly record: GroupEntry["record"]; readonly byPort: Map<string, Piece> };

/** A whole answer, which ends with what every revision changes. */
type Lookup = { readonly message: Encoded; readonly tail: Uint8Array };

export class AnswerBytes implements AnswerCodec {
  readonly #pieces = new WeakMap<ContainerEntry, Known>();
  /** Of the last lookup: the next one has mostly the same. */
  #tail: { readonly revision: bigint; readonly asOf: Instant; readonly bytes: Uint8Array } | undefined;
  readonly #lookups = new WeakMap<Answer, Map<string, Lookup>>();

  piece(container: ContainerEntry, group: GroupEntry, port: string): Piece | undefined {
    const found = this.#pieces.get(container);
    const known = found?.record === group.record && found !== undefined ? found : newlyKnown(group);
    if (known !== found) this.#pieces.set(container, known);
    const piece = known.byPort.get(port) ?? pieceOf(container, group, port);
    if (piece !== undefined) known.byPort.set(port, piece);
    return piece;
  }

  /** A snapshot, and where it is large, changes that complete it. */
  snapshot(answer: Answer, question: Question, { cursor, asOf }: At): readonly Buffer[] {
    const facts = factsOf(answer, question);
    const whole = WatchSnapshot.encode(WatchSnapshot.fromPartial({ ...facts, asOfTime: new Date(asOf) })).finish();
    const { matchingGroups, matchingContainers } = facts;
    const rest = WatchDelta.encode(WatchDelta.fromPartial({ matchingGroups, matchingContainers })).finish();
    const portions = portionsOf(answer.pieces);
    return portions.map((pieces, index) => {
      const first = index === 0;
      const start = index === portions.length - 1 ? head(cursor) : partHead(cursor);
      return Buffer.concat([start, ...within(first ? SNAPSHOT : DELTA, [...pieces, first ? whole : rest])]);
    });
  }

  change({ cursor, put, removed, groups, containers }: AnswerChange): Buffer {
    const rest = { removed: removed.map(fromContainerRef), matchingGroups: groups, matchingContainers: containers };
    const facts: WatchDelta = { put: [], ...rest };
    const inside = [...put.map(({ bytes }) => bytes), WatchDelta.encode(facts).finish()];
    return Buffer.concat([head(cursor), ...within(DELTA, inside)]);
  }

  bookmark({ cursor, asOf }: At): Buffer {
    const bookmark = { asOfTime: new Date(asOf) };
    return Buffer.concat([head(cursor, { $case: "bookmark", value: bookmark })]);
  }

  /** A whole LookupResponse; the endpoints on that host come first. Not to be changed: the next one may be the same. */
  lookup(answer: Answer, question: Question, at: LookupAt): Encoded {
    const { askingHost: host } = at;
    const known = this.#lookups.get(answer) ?? new Map<string, Lookup>();
    if (known.size === 0) this.#lookups.set(answer, known);
    const key = host !== "" && answer.pieces.some((piece) => piece.host === host) ? host : "";
    const kept = known.get(key);
    const tail = this.#lookupTail(at);
    if (kept?.tail === tail) return kept.message;
    const body = kept === undefined ? lookupBody(answer, question, key) : [bodyOf(kept)];
    const message = new Encoded([...body, tail]);
    if (kept === undefined && known.size >= MOST_ORDERS) known.clear();
    known.set(key, { message, tail });
    return message;
  }

  #lookupTail({ revision, asOf }: LookupAt): Uint8Array {
    if (this.#tail?.revision !== revision || this.#tail.asOf !== asOf) {
      const tail = LookupResponse.fromPartial({ revision, asOfTime: new Date(asOf) });
      this.#tail = { revision, asOf, bytes: LookupResponse.encode(tail).finish() };
    }
    return this.#tail.bytes;
  }
}

const bodyOf = ({ message, tail }: Lookup): Uint8Array => message.bytes.subarray(0, -tail.length);

function lookupBody(answer: Answer, question: Question, host: string): readonly Uint8Array[] {
  const facts = LookupResponse.fromPartial(factsOf(answer, question));
  const inOrder = host === "" ? answer.pieces : ownFirst(answer.pieces, host);
  return [...inOrder.map(({ bytes }) => bytes), LookupResponse.encode(facts).finish()];
}

function newlyKnown({ record }: GroupEntry): Known {
  return { record, byPort: new Map() };
}

/** As a field of the message that it becomes a part of. */
function pieceOf(container: ContainerEntry, group: GroupEntry, port: string): Piece | undefined {
  const endpoint = endpointOf(container, group, port);
  if (endpoint === undefined) return undefined;
  const bytes = Buffer.concat(within(ENDPOINT, [Endpoint.encode(endpoint).finish()]));
  return { ref: container.ref, ready: endpoint.ready, host: endpoint.container?.host ?? "", bytes };
}

function factsOf(answer: Answer, question: Question) {
  return { matchingGroups: answer.groups.length, matchingContainers: answer.containers, ...missOf(answer, question) };
}

function ownFirst(pieces: readonly Piece[], host: string): readonly Piece[] {
  return [...pieces.filter((piece) => piece.host === host), ...pieces.filter((piece) => piece.host !== host)];
}

function head(cursor: Cursor, content?: WatchResponse["content"]): Uint8Array {
  const { revision } = cursor;
  return WatchResponse.encode({ ...NO_CONTENT, cursor: writeCursor(cursor), revision, content }).finish();
}

/** Of a part that is not the last: nobody can go on from here. */
function partHead({ revision }: Cursor): Uint8Array {
  return WatchResponse.encode({ ...NO_CONTENT, revision, more: true }).finish();
}

/** At least one, each about as large as a message may be; a single endpoint is never divided. */
function portionsOf(pieces: readonly Piece[]): readonly (readonly Uint8Array[])[] {
  let portion: Uint8Array[] = [];
  const portions = [portion];
  let size = 0;
  for (const { bytes } of pieces) {
    if (size > 0 && size + bytes.length > PART_BYTES) {
      portion = [];
      portions.push(portion);
      size = 0;
    }
    portion.push(bytes);
    size += bytes.length;
  }
  return portions;
}

/** The parts as one field with a length. */
function within(tag: number, parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [new BinaryWriter().uint32(tag).uint32(length).finish(), ...parts];
}

function fromContainerRef({ name, ...group }: ContainerRef) {
  return { group: fromGroupRef(group), which: { $case: "name" as const, value: name } };
}
