// A stream of bytes as JSON objects, one a line. Chunks may split lines and characters anywhere.

import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** No engine sends longer lines; more is a broken answer and must not fill the memory. */
const LONGEST_LINE = 4 * 1024 * 1024;

/** Every object of the stream, in order. Throws on text that is not JSON and when the stream breaks. */
export async function* ndjson(stream: Readable): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.write(chunk as Buffer)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) throw new Error(`a line of more than ${LONGEST_LINE} characters`);
    for (const line of lines) yield* parsed(line);
  }
  yield* parsed(rest + decoder.end());
}

function* parsed(line: string): Generator<Readonly<Record<string, unknown>>> {
  if (line.trim() === "") return;
  const value: unknown = JSON.parse(line);
  if (typeof value === "object" && value !== null) yield value as Record<string, unknown>;
}
