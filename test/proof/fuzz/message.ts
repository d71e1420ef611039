// A message of a type that only the descriptors tell of, in bytes: from what callers send to what nobody should.

import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Random } from "./random.js";
import { bytesFor, hostileNumber, hostileText, numberFor, type Tokens, textFor } from "./values.js";

/** How a message is made. */
export type Mood = {
  readonly random: Random;
  readonly tokens: Tokens;
  /** The share of values that are hostile. */
  readonly hostile: number;
  /** The share of fields that are there. */
  readonly filled: number;
};

const UNKNOWN_NUMBERS = [9, 99, -1, 2 ** 31 - 1, -(2 ** 31)];
const DEEPEST = 12;

export function encodeMessage(message: DescMessage, mood: Mood, depth = 0): Uint8Array {
  const writer = new BinaryWriter();
  for (const field of chosen(message, mood)) {
    for (let left = times(field, mood); left > 0; left--) writeOne(writer, field, { mood, depth });
  }
  return writer.finish();
}

/** Of a oneof a single member, as a rule. */
function chosen(message: DescMessage, { random, filled, hostile }: Mood): DescField[] {
  const fields = message.fields.filter((field) => field.oneof === undefined && random.chance(present(field, filled)));
  for (const { fields: members } of message.oneofs) {
    const member = random.chance(0.5) ? members[0] : random.pick(members);
    if (random.chance(hostile / 2)) fields.push(...members);
    else if (member !== undefined && !random.chance(hostile / 4)) fields.push(member);
  }
  return fields;
}

/** Without these nothing else is looked at. */
const MOSTLY_THERE = new Set(
  "group service image config groups container registration_id name address action seconds external".split(" "),
);

/** A config with all that there is makes little sense; one with a little of it is accepted now and then. */
function present({ name, message, parent }: DescField, filled: number): number {
  if (MOSTLY_THERE.has(name) || message?.name === "GroupRef" || parent.name === "AcknowledgeRequest") return 0.95;
  return parent.name === "GroupConfig" ? filled * 0.15 : filled;
}

function times({ fieldKind }: DescField, { random, hostile }: Mood): number {
  if (fieldKind !== "list" && fieldKind !== "map") return random.chance(hostile / 10) ? 2 : 1;
  return random.chance(hostile / 20) ? random.pick([20, 33, 300]) : random.pick([0, 1, 1, 2]);
}

type Within = { readonly mood: Mood; readonly depth: number };

function writeOne(writer: BinaryWriter, field: DescField, within: Within): void {
  const { mood } = within;
  if (mood.random.chance(mood.hostile / 25)) writeWrongType(writer, field, mood);
  else if (field.fieldKind === "map") writeEntry(writer, field, within);
  else if (field.message !== undefined) {
    const inner = within.depth < DEEPEST ? encodeMessage(field.message, mood, within.depth + 1) : new Uint8Array();
    writer.tag(field.number, WireType.LengthDelimited).bytes(inner);
  } else if (field.enum !== undefined) writer.tag(field.number, WireType.Varint).int32(enumValue(field.enum, mood));
  else writeScalar(writer, field, mood);
}

function enumValue({ values }: DescEnum, { random, hostile }: Mood): number {
  if (random.chance(hostile)) return random.pick(UNKNOWN_NUMBERS) ?? 0;
  return random.pick(values)?.number ?? 0;
}

function writeEntry(writer: BinaryWriter, field: DescField, { mood }: Within): void {
  const entry = new BinaryWriter();
  if (!mood.random.chance(mood.hostile / 10)) entry.tag(1, WireType.LengthDelimited).bytes(text(field, mood));
  if (!mood.random.chance(mood.hostile / 10)) entry.tag(2, WireType.LengthDelimited).bytes(text(field, mood));
  writer.tag(field.number, WireType.LengthDelimited).bytes(entry.finish());
}

function text(field: DescField, { random, hostile, tokens }: Mood): Uint8Array {
  return random.chance(hostile) ? hostileText(random) : Buffer.from(textFor(field, random, tokens));
}

function writeScalar(writer: BinaryWriter, field: DescField, mood: Mood): void {
  const { random, hostile } = mood;
  switch (field.scalar) {
    case ScalarType.STRING:
      writer.tag(field.number, WireType.LengthDelimited).bytes(text(field, mood));
      break;
    case ScalarType.BYTES:
      writer
        .tag(field.number, WireType.LengthDelimited)
        .bytes(random.chance(hostile) ? Buffer.alloc(random.pick([1, 65_536, 65_537])) : bytesFor(field, random));
      break;
    case ScalarType.BOOL:
      writer.tag(field.number, WireType.Varint).bool(random.chance(0.3));
      break;
    case ScalarType.DOUBLE:
      writer.tag(field.number, WireType.Bit64).double(Number(aNumber(field, mood)));
      break;
    case ScalarType.INT32:
    case ScalarType.INT64:
      // Numbers too large for an int32 are sent too: a varint is a varint.
      writer.tag(field.number, WireType.Varint).int64(BigInt(aNumber(field, mood)));
      break;
    default:
      throw new Error(`${field.toString()} is of a type that is not known here`);
  }
}

function aNumber(field: DescField, { random, hostile }: Mood): number | bigint {
  return random.chance(hostile) ? hostileNumber(field, random) : numberFor(field, random);
}

/** The right number, with something else behind it. */
function writeWrongType(writer: BinaryWriter, { number }: DescField, { random }: Mood): void {
  switch (random.below(4)) {
    case 0:
      writer.tag(number, WireType.Varint).int64(-1n);
      break;
    case 1:
      writer.tag(number, WireType.Bit64).double(1);
      break;
    case 2:
      writer.tag(number, WireType.Bit32).float(1);
      break;
    default:
      writer.tag(number, WireType.LengthDelimited).bytes(hostileText(random));
  }
}
