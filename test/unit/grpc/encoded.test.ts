// Messages that go out as they are.

import { BaseServerInterceptingCall } from "@grpc/grpc-js/build/src/server-interceptors.js";
import { describe, expect, it } from "@jest/globals";
import { bytesOf, Encoded } from "../../../src/grpc/encoded.js";

const PARTS = [Buffer.from("one"), Buffer.alloc(0), Buffer.alloc(70_000, 7)];

/** What the library sends for a message of a method that is served as ours are. */
function sent(message: Buffer | Encoded): Buffer {
  const call = { handler: { serialize: bytesOf } };
  return Reflect.get(BaseServerInterceptingCall.prototype, "serializeMessage").call(call, message);
}

describe("an encoded message", () => {
  it("is its parts, one after the other", () => {
    expect(bytesOf(new Encoded(PARTS)).equals(Buffer.concat(PARTS))).toBe(true);
    expect(bytesOf(new Encoded([])).length).toBe(0);
  });

  it("goes out as the library would send its bytes, and is not copied", () => {
    const message = new Encoded(PARTS);
    const once = sent(message);
    expect(once.equals(sent(Buffer.concat(PARTS)))).toBe(true);
    expect(sent(message)).toBe(once);
  });
});
