import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, it } from "@jest/globals";
import { Readers } from "../../../clients/viewer/gateway/readers.js";

/** A connection whose other side reads when it is told to. */
class Connection extends EventEmitter {
  writableLength = 0;
  written = 0;
  destroyed = false;

  write(bytes: Buffer): boolean {
    this.writableLength += bytes.length;
    this.written += 1;
    return true;
  }

  read(): void {
    this.writableLength = 0;
  }

  end(): void {
    this.emit("close");
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }
}

const asResponse = (connection: Connection) => connection as unknown as ServerResponse;

describe("readers of the stream", () => {
  it("get every frame, and one that does not read is let go while the others go on", () => {
    const readers = new Readers(1_000);
    const [quick, slow] = [new Connection(), new Connection()];
    for (const one of [quick, slow]) readers.add(asResponse(one), [Buffer.alloc(5_000)]);
    quick.read();
    for (let i = 0; i < 100; i++) {
      readers.sendAll(Buffer.alloc(100));
      quick.read();
    }
    expect([quick.destroyed, quick.written]).toEqual([false, 101]);
    expect(slow.destroyed).toBe(true);
    expect(slow.writableLength).toBeLessThanOrEqual(5_000 + 1_000 + 200);
    expect([readers.count, readers.tally.dropped]).toEqual([1, 1]);
  });

  it("may take their time with a large beginning, and with nothing else", () => {
    const readers = new Readers(1_000);
    const reader = new Connection();
    readers.add(asResponse(reader), [Buffer.alloc(50_000)]);
    for (let i = 0; i < 5; i++) readers.sendAll(Buffer.alloc(100));
    expect(reader.destroyed).toBe(false);
    reader.read();
    for (let i = 0; i < 30; i++) readers.sendAll(Buffer.alloc(100));
    expect(reader.destroyed).toBe(true);
  });

  it("are let go in a quiet time too, where what waits for them does not get less", () => {
    let now = 0;
    const readers = new Readers(1_000_000, () => now);
    const [still, slow, quick] = [new Connection(), new Connection(), new Connection()];
    for (const one of [still, slow, quick]) readers.add(asResponse(one), [Buffer.alloc(50_000)]);
    for (let i = 0; i < 5; i++) {
      now += 20_000;
      slow.writableLength -= 100;
      quick.read();
      readers.sendAll(Buffer.alloc(50));
    }
    expect([still.destroyed, slow.destroyed, quick.destroyed]).toEqual([true, false, false]);
    // What is sent after a long pause was not there to be read before.
    now += 200_000;
    quick.read();
    readers.sendAll(Buffer.alloc(50));
    readers.sendAll(Buffer.alloc(50));
    expect([quick.destroyed, readers.tally.dropped]).toEqual([false, 2]);
  });

  it("have their place from when they enter, also while they wait for their beginning", () => {
    const readers = new Readers();
    const places = Array.from({ length: 200 }, () => readers.enter());
    expect([places.includes(undefined), readers.enter()]).toEqual([false, undefined]);
    places[0]?.();
    expect(readers.enter()).toBeDefined();
    expect(readers.enter()).toBeUndefined();
  });

  it("are forgotten when they go", () => {
    const readers = new Readers();
    const reader = new Connection();
    readers.add(asResponse(reader), []);
    reader.emit("close");
    readers.sendAll(Buffer.alloc(1));
    expect([readers.count, reader.written]).toEqual([0, 0]);
  });
});
