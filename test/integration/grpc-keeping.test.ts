// TheseusService over the wire: how the store is, and a copy of it, at the pace of who reads it.

import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { BackUpStoreResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { connect } from "../../clients/index.js";
import { TheseusError } from "../../src/model/errors.js";
import { until } from "../support/until.js";
import { FakeStorage } from "../unit/grpc/fake-storage.js";
import { failureOf, type Rig, startRig } from "../unit/grpc/rig.js";

const MIB = 1024 * 1024;

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
  await rig.settled();
});
afterEach(() => rig.close());

const away = () =>
  new TheseusError("STORE_UNREACHABLE", {
    what: "Theseus cannot read or write its store",
    why: ["etcd at a: gone", "etcd at b: gone"],
    next: ["theseus server status", "look at --etcd-ca"],
  });

describe("the status of a server", () => {
  it("has the store's own, and the epoch that cursors are valid in", async () => {
    const { store, epoch, problems } = await rig.theseus.getServerStatus({});
    expect(store).toEqual({
      kind: "etcd",
      version: "3.4.23",
      revision: 7n,
      sizeBytes: 4096n,
      sizeInUseBytes: 1024n,
      alarms: [],
      members: [{ endpoint: "http://127.0.0.1:2379", problem: "" }],
    });
    expect([epoch, problems]).toEqual(["e1", []]);
  });

  it("says what each alarm means, what to run, and which member is away", async () => {
    const [a, b] = ["http://a:2379", "http://b:2379"];
    const members = [{ endpoint: a, problem: "no answer in time" }, { endpoint: b }];
    rig.storage.answer = { ...rig.storage.answer, alarms: ["NOSPACE", "CORRUPT"], members };
    const { problems } = await rig.theseus.getServerStatus({});
    const [full = "", damaged = "", member] = problems;
    expect(full.split("\n")).toEqual([
      expect.stringMatching(/^the store is full \(alarm NOSPACE\)/),
      `etcdctl --endpoints=${b} compact 7`,
      expect.stringMatching(/ defrag --cluster /),
      `etcdctl --endpoints=${b} alarm disarm`,
      expect.stringMatching(/--quota-backend-bytes$/),
    ]);
    expect(damaged).toMatch(/^the store has found its data damaged \(alarm CORRUPT\).*\netcdctl .* hashkv /);
    expect(member).toBe(`etcd at ${a} cannot be used: no answer in time`);
  });

  it("is answered also when the store does not answer, with why and what to do", async () => {
    rig.storage.broken = away();
    await rig.close();
    rig = await startRig({
      storage: rig.storage,
      election: {
        leader: async () => {
          throw away();
        },
      },
    });
    const { storeReachable, store, problems } = await rig.theseus.getServerStatus({});
    expect([storeReachable, store]).toEqual([false, undefined]);
    expect(problems).toEqual(["the store does not answer: etcd at a: gone; etcd at b: gone\nlook at --etcd-ca"]);
  });

  it("does not wait for a store that says nothing", async () => {
    await rig.close();
    const never = () => new Promise<never>(() => undefined);
    rig = await startRig({ storage: Object.assign(new FakeStorage(), { status: never }), election: { leader: never } });
    const { problems } = await rig.theseus.getServerStatus({});
    expect(problems).toEqual(["the store does not answer: no answer within 2.5 s"]);
  });
});

describe("a backup", () => {
  it("comes in parts that any client takes, and its end proves that it is whole", async () => {
    const data = Buffer.alloc(3 * MIB, "x");
    rig.storage.parts = [data.subarray(0, 10), data.subarray(10)];
    const answers = await rig.theseus.backUpStore({});
    const last = answers.at(-1)?.summary;
    const bytes = Buffer.concat(answers.map(({ chunk }) => chunk));
    expect(bytes.equals(data)).toBe(true);
    expect(last).toEqual({
      kind: "etcd",
      sizeBytes: BigInt(data.length),
      sha256: createHash("sha256").update(data).digest("hex"),
      revision: 7n,
    });
    expect(Math.max(...answers.map(({ chunk }) => chunk.length))).toBeLessThanOrEqual(MIB);
    expect(answers.slice(0, -1).every(({ summary }) => summary === undefined)).toBe(true);
  });

  it("that breaks midway fails, and has no end", async () => {
    rig.storage.brokenAfter = away();
    expect(await failureOf(rig.theseus.backUpStore({}))).toMatchObject({ reason: "STORE_UNREACHABLE", code: 14 });
  });

  it("is not served to containers, and asking for it harms nobody", async () => {
    expect(await failureOf(rig.innerTheseus.backUpStore({}))).toMatchObject({ reason: "NO_SUCH_CALL" });
    expect(rig.storage.taken).toBe(0);
    expect((await rig.theseus.getServerStatus({})).version).toBe("0.1.0");
  });

  it("is read no faster than its reader takes it, and left when the reader leaves", async () => {
    const count = 400;
    rig.storage.parts = Array.from({ length: count }, () => Buffer.alloc(MIB / 4, "x"));
    const connection = connect(rig.address);
    const reading = connection.theseus.backUpStore({})[Symbol.asyncIterator]();
    const first: IteratorResult<BackUpStoreResponse> = await reading.next();
    expect(first.done).toBe(false);
    let before = -1;
    const stands = () => {
      const same = rig.storage.taken === before;
      before = rig.storage.taken;
      return same;
    };
    await until("the server to wait for its reader", stands, { everyMs: 300 });
    expect(rig.storage.taken).toBeLessThan(count / 4);
    await reading.return?.(undefined);
    await until("the server to let go", () => rig.storage.left);
    expect(rig.storage.taken).toBeLessThan(count / 2);
    connection.close();
  }, 30_000);

  it("ends with the server", async () => {
    rig.storage.parts = Array.from({ length: 400 }, () => Buffer.alloc(MIB / 4, "x"));
    const connection = connect(rig.address);
    const reading = connection.theseus.backUpStore({})[Symbol.asyncIterator]();
    await reading.next();
    const stopped = rig.server.stop(500);
    const rest = async () => {
      for (;;) if ((await reading.next()).done === true) return;
    };
    await expect(rest()).rejects.toMatchObject({ reason: "NOT_READY" });
    await stopped;
    expect(rig.storage.left).toBe(true);
    connection.close();
  }, 30_000);
});
