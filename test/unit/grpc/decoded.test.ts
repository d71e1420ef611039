import { describe, expect, it } from "@jest/globals";
import { decode, remembering, requestOf } from "../../../src/grpc/decoded.js";

const method = {
  path: "/theseus.v1.DiscoveryService/Lookup",
  requestDeserialize: (bytes: Buffer) => {
    if (bytes.length === 0) throw new Error("nothing there");
    return { text: bytes.toString() };
  },
};

describe("requests from their bytes", () => {
  it("say which method cannot read them", () => {
    const broken = decode(method, Buffer.alloc(0));
    expect(() => requestOf(broken, method)).toThrow("the request is no message of theseus.v1.DiscoveryService/Lookup");
  });

  it("are the same object where the bytes are the same", () => {
    const read = remembering(method);
    const first = requestOf(read(Buffer.from("web")), method);
    expect(requestOf(read(Buffer.from("web")), method)).toBe(first);
    expect(requestOf(read(Buffer.from("api")), method)).toEqual({ text: "api" });
    expect(() => requestOf(read(Buffer.alloc(0)), method)).toThrow();
  });

  it("are not remembered where they are long, nor without end", () => {
    const read = remembering(method);
    const long = Buffer.alloc(513, "a");
    expect(read(long)).not.toBe(read(long));
    const first = read(Buffer.from("first"));
    for (let i = 0; i < 1024; i++) read(Buffer.from(`other ${i}`));
    expect(read(Buffer.from("first"))).not.toBe(first);
  });
});
