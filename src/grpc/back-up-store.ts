// TheseusService.BackUpStore: the whole store as one stream, at the pace of who reads it, with the proof of what was
// sent at its end.

import { createHash } from "node:crypto";
import type { BackUpStoreResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import type { TheseusDeps } from "./theseus-deps.js";

/** Well below what any client takes as one message. */
const LONGEST_CHUNK = 256 * 1024;

/** Holds one part at a time. Fails as the store does: STORE_UNREACHABLE, also midway; then there is no summary. */
export async function* backUpStore({ ports: { storage } }: TheseusDeps): AsyncGenerator<BackUpStoreResponse> {
  // Asked before, so that it is surely in the backup.
  const { kind, revision } = await storage.status();
  const hash = createHash("sha256");
  let size = 0;
  for await (const part of storage.backup()) {
    hash.update(part);
    size += part.length;
    for (let at = 0; at < part.length; at += LONGEST_CHUNK) {
      yield { chunk: Buffer.from(part.subarray(at, at + LONGEST_CHUNK)), summary: undefined };
    }
  }
  const summary = { kind, sizeBytes: BigInt(size), sha256: hash.digest("hex"), revision };
  yield { chunk: Buffer.alloc(0), summary };
}
