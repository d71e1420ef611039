// Server reflection, v1 and v1alpha (the same bytes), over the descriptor set made with the generated code.

import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { status as Code, type ServerDuplexStream, type ServiceDefinition } from "@grpc/grpc-js";
import { FILE_DESCRIPTOR_SET } from "../../clients/gen/descriptor.js";
import type { BoundService } from "./adapter.js";
import { Call, type CallDeps, calledMethod } from "./call.js";
import { DescriptorIndex } from "./descriptor-index.js";

const VERSIONS = ["grpc.reflection.v1", "grpc.reflection.v1alpha"] as const;

/** Read once, when somebody first asks. */
let index: DescriptorIndex | undefined;

function descriptors(): DescriptorIndex {
  index ??= new DescriptorIndex(Buffer.from(FILE_DESCRIPTOR_SET, "base64"));
  return index;
}

/** @param services full names of what this listener serves; nothing else is listed or described. */
export function reflectionServices(services: readonly string[], deps: CallDeps): BoundService[] {
  return VERSIONS.map((version) => {
    const path = `/${version}.ServerReflection/ServerReflectionInfo`;
    const method = {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    const definition: ServiceDefinition = { serverReflectionInfo: method };
    return {
      definition,
      handlers: { serverReflectionInfo: (stream: Stream) => reflect(stream, path, services, deps) },
    };
  });
}

const same = (bytes: Buffer): Buffer => bytes;
type Stream = ServerDuplexStream<Buffer, Buffer>;

/** Answers each question as it comes; reads on only when the last answer has left. */
function reflect(stream: Stream, path: string, services: readonly string[], deps: CallDeps): void {
  const call = new Call(stream, calledMethod(path), deps);
  call.endWithServer();
  let ended = false;
  const end = (finish: () => void): void => {
    if (ended) return;
    ended = true;
    finish();
  };
  const fail = (error: unknown): void => end(() => stream.emit("error", call.failed(error)));
  call.signal.addEventListener("abort", () => fail(call.signal.reason), { once: true });
  stream.on("data", (bytes: Buffer) => {
    if (ended) return;
    if (stream.write(answer(bytes, services))) return;
    stream.pause();
    stream.once("drain", () => stream.resume());
  });
  stream.on("end", () =>
    end(() => {
      call.succeeded();
      stream.end();
    }),
  );
}

/** Field numbers of grpc.reflection.v1.ServerReflectionRequest. */
const BY_FILE = 3;
const BY_SYMBOL = 4;
const EXTENSION = 5;
const LIST = 7;

type Question = { field: number; text: string };

function answer(request: Buffer, services: readonly string[]): Buffer {
  const writer = new BinaryWriter();
  writer.uint32(tag(2)).bytes(request);
  try {
    writeAnswer(writer, readQuestion(request), services);
  } catch {
    writeError(writer, Code.INVALID_ARGUMENT, "the request cannot be read");
  }
  return Buffer.from(writer.finish());
}

function readQuestion(request: Buffer): Question {
  const reader = new BinaryReader(request);
  const question: Question = { field: 0, text: "" };
  while (reader.pos < reader.len) {
    const head = reader.uint32();
    const field = head >>> 3;
    if (field < BY_FILE || field > LIST) {
      reader.skip(head & 7);
      continue;
    }
    question.field = field;
    question.text = field === EXTENSION ? "" : reader.string();
    if (field === EXTENSION) reader.skip(head & 7);
  }
  return question;
}

function writeAnswer(writer: BinaryWriter, { field, text }: Question, services: readonly string[]): void {
  if (field === BY_FILE) writeFiles(writer, text, descriptors().filesOfName(text));
  else if (field === BY_SYMBOL) writeFiles(writer, text, filesOfSymbol(text, services));
  else if (field === LIST) writeServices(writer, services);
  else if (field === 0) writeError(writer, Code.UNIMPLEMENTED, "this question is not known");
  else writeError(writer, Code.NOT_FOUND, "there are no extensions");
}

function filesOfSymbol(symbol: string, services: readonly string[]): readonly Uint8Array[] | undefined {
  return isHidden(symbol, services) ? undefined : descriptors().filesOfSymbol(symbol);
}

/** A service of ours that this listener does not serve. */
function isHidden(symbol: string, services: readonly string[]): boolean {
  const service = /^\.?(theseus\.v1\.\w+Service)(\.|$)/.exec(symbol)?.[1];
  return service !== undefined && !services.includes(service);
}

function writeFiles(writer: BinaryWriter, asked: string, files: readonly Uint8Array[] | undefined): void {
  if (files === undefined) {
    writeError(writer, Code.NOT_FOUND, `nothing here is called ${asked.slice(0, 256)}`);
    return;
  }
  writer.uint32(tag(4)).fork();
  for (const file of files) writer.uint32(tag(1)).bytes(file);
  writer.join();
}

function writeServices(writer: BinaryWriter, services: readonly string[]): void {
  writer.uint32(tag(6)).fork();
  for (const service of services) writer.uint32(tag(1)).fork().uint32(tag(1)).string(service).join();
  writer.join();
}

function writeError(writer: BinaryWriter, code: Code, text: string): void {
  writer.uint32(tag(7)).fork().uint32(8).int32(code).uint32(tag(2)).string(text).join();
}

/** The head of a length-delimited field. */
function tag(field: number): number {
  return (field << 3) | 2;
}
