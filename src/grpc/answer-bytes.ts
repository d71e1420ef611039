// Answers in the bytes of the wire. An endpoint is encoded once, and its bytes stand in every lookup, snapshot and delta
// that tells of it; the parts of an answer that change with every revision are put behind them.

import { BinaryWriter } from "@bufbuild/protobuf/wire";
import {
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
import { missOf } from "./miss.js";

/** Tags of WatchResponse's snapshot and delta: their field numbers, as bytes with a length. */
const SNAPSHOT = (3 << 3) | 2;
const DELTA = (4 << 3) | 2;

type At = { readonly cursor: Cursor; readonly asOf: Instant };
type LookupAt = { readonly revision: bigint; readonly asOf: Instant; readonly askingHost: string };

/** The pieces of a container, as long as it and its group's rules are the same. */
type Known = { readonly record: GroupEntry["record"]; readonly byPort: Map<string, Piece> };

export class AnswerBytes implements AnswerCodec {
  readonly #pieces = new WeakMap<ContainerEntry, Known>();
  /** Of the last lookup: the next one has mostly the same. */
  #tail: { readonly revision: bigint; readonly asOf: Instant; readonly bytes: Uint8Array } | undefined;
  readonly #lookups = new WeakMap<Answer, Map<string, Buffer>>();

  piece(container: ContainerEntry, group: GroupEntry, port: string): Piece | undefined {
    const found = this.#pieces.get(container);
    const known = found?.record === group.record && found !== undefined ? found : newlyKnown(group);
    if (known !== found) this.#pieces.set(container, known);
    const piece = known.byPort.get(port) ?? pieceOf(container, group, port);
    if (piece !== undefined) known.byPort.set(port, piece);
    return piece;
  }

  snapshot(answer: Answer, question: Question, { cursor, asOf }: At): Buffer {
    const facts = WatchSnapshot.fromPartial({ ...factsOf(answer, question), asOfTime: new Date(asOf) });
    const inside = [...answer.pieces.map(({ bytes }) => bytes), WatchSnapshot.encode(facts).finish()];
    return Buffer.concat([head(cursor), ...within(SNAPSHOT, inside)]);
  }

  change({ cursor, put, removed, groups, containers }: AnswerChange): Buffer {
    const facts = WatchDelta.fromPartial({
      removed: removed.map(fromContainerRef),
      matchingGroups: groups,
      matchingContainers: containers,
    });
    const inside = [...put.map(({ bytes }) => bytes), WatchDelta.encode(facts).finish()];
    return Buffer.concat([head(cursor), ...within(DELTA, inside)]);
  }

  bookmark({ cursor, asOf }: At): Buffer {
    const bookmark = { asOfTime: new Date(asOf) };
    return Buffer.concat([head(cursor, { $case: "bookmark", value: bookmark })]);
  }

  /** A whole LookupResponse; the endpoints on that host come first. */
  lookup(answer: Answer, question: Question, at: LookupAt): Buffer {
    return Buffer.concat([this.#lookupBody(answer, question, at.askingHost), this.#lookupTail(at)]);
  }

  #lookupTail({ revision, asOf }: LookupAt): Uint8Array {
    if (this.#tail?.revision !== revision || this.#tail.asOf !== asOf) {
      const tail = LookupResponse.fromPartial({ revision, asOfTime: new Date(asOf) });
      this.#tail = { revision, asOf, bytes: LookupResponse.encode(tail).finish() };
    }
    return this.#tail.bytes;
  }

  #lookupBody(answer: Answer, question: Question, host: string): Buffer {
    const bodies = this.#lookups.get(answer) ?? new Map<string, Buffer>();
    this.#lookups.set(answer, bodies);
    const key = host !== "" && answer.pieces.some((piece) => piece.host === host) ? host : "";
    const kept = bodies.get(key);
    if (kept !== undefined) return kept;
    const facts = LookupResponse.fromPartial(factsOf(answer, question));
    const inOrder = key === "" ? answer.pieces : ownFirst(answer.pieces, key);
    const body = Buffer.concat([...inOrder.map(({ bytes }) => bytes), LookupResponse.encode(facts).finish()]);
    bodies.set(key, body);
    return body;
  }
}

function newlyKnown({ record }: GroupEntry): Known {
  return { record, byPort: new Map() };
}

/** As field 1 of a message: that is where all three kinds of messages have their endpoints. */
function pieceOf(container: ContainerEntry, group: GroupEntry, port: string): Piece | undefined {
  const endpoint = endpointOf(container, group, port);
  if (endpoint === undefined) return undefined;
  const bytes = LookupResponse.encode(LookupResponse.fromPartial({ endpoints: [endpoint] })).finish();
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
  return WatchResponse.encode({ cursor: writeCursor(cursor), revision, content, watchId: "" }).finish();
}

/** The parts as one field with a length. */
function within(tag: number, parts: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [new BinaryWriter().uint32(tag).uint32(length).finish(), ...parts];
}

function fromContainerRef({ name, ...group }: ContainerRef) {
  return { group: fromGroupRef(group), which: { $case: "name" as const, value: name } };
}
