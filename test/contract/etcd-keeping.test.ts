// How real etcd is kept: what it tells of itself, a backup that etcdctl takes, and refusals that leave the connection.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getChannelzHandlers } from "@grpc/grpc-js/build/src/channelz.js";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createEtcdWire } from "../../src/etcd/wire.js";
import type { EtcdWire, WatchMessage } from "../../src/model/ports.js";
import { systemClock } from "../../src/system.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { startTcpProxy } from "../support/tcp-proxy.js";
import { until } from "../support/until.js";
import { failure, put } from "./fixture.js";

const NOBODY = "http://127.0.0.1:1";

describe("an etcd that is kept", () => {
  let etcd: TestEtcd;
  let wire: EtcdWire;

  beforeEach(async () => {
    etcd = await startEtcd();
    wire = await createEtcdWire({ endpoints: [etcd.endpoint], clock: systemClock });
  }, 30_000);
  afterEach(async () => {
    wire.close();
    await etcd.stop();
  }, 30_000);

  async function fill(megabytes: number): Promise<void> {
    for (let at = 0; at < megabytes; at++) await put(wire, `/theseus/test/${at}`, `${at}`.repeat(500_000));
  }

  /** With its quota so small that it is soon full. */
  async function fillUp(): Promise<void> {
    await etcd.restartWith("--quota-backend-bytes=2000000");
    await until("etcd to be full", () => fill(8).then(undefined, (error) => error?.reason === "STORE_FULL"));
  }

  async function wholeBackup(from: EtcdWire = wire): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of from.backup()) parts.push(part);
    return Buffer.concat(parts);
  }

  it("tells its size, revision and members, and of each that does not answer why", async () => {
    const revision = await put(wire, "/theseus/test", "1");
    expect(await wire.status()).toEqual({
      kind: "etcd",
      version: expect.stringMatching(/^3\./),
      revision,
      size: expect.any(Number),
      sizeInUse: expect.any(Number),
      alarms: [],
      members: [{ endpoint: etcd.endpoint }],
    });
    const both = await createEtcdWire({ endpoints: [NOBODY, etcd.endpoint], clock: systemClock });
    expect(await both.status()).toMatchObject({
      revision,
      members: [{ endpoint: NOBODY, problem: expect.stringMatching(/^connect ECONNREFUSED/) }, {}],
    });
    both.close();
    const none = await createEtcdWire({ endpoints: [NOBODY, "127.0.0.1:2"], clock: systemClock });
    expect(await failure(none.status())).toMatchObject({
      reason: "STORE_UNREACHABLE",
      facts: { why: [expect.stringContaining(NOBODY), expect.stringContaining("127.0.0.1:2")] },
    });
    none.close();
  });

  it("tells that it is full, until it is not", async () => {
    await fillUp();
    expect(await wire.status()).toMatchObject({ alarms: ["NOSPACE"] });
    const { revision } = await wire.status();
    await wire.compact(revision);
    await etcd.ctl("defrag");
    await etcd.ctl("alarm", "disarm");
    expect(await wire.status()).toMatchObject({ alarms: [] });
  }, 30_000);

  it("keeps its streams when it refuses a write", async () => {
    await fillUp();
    const watch = wire.watch({ key: "/theseus/test", end: "/theseus/tesu", startRevision: 1n });
    const messages = watch[Symbol.asyncIterator]();
    expect(await messages.next()).toMatchObject({ value: { created: true } });
    const { lease } = await wire.leaseGrant(10).catch(() => ({ lease: 0n }));
    expect(lease).toBe(0n);
    for (let i = 0; i < 5; i++)
      expect(await failure(put(wire, "/theseus/test", "2"))).toMatchObject({ reason: "STORE_FULL" });
    expect(await messages.next()).toMatchObject({ done: false });
    await wire.txn([], [{ op: "delete", key: "/theseus/test/0" }]);
    const deleted = async () => {
      const { value } = await messages.next();
      return (value as WatchMessage | undefined)?.events.some(({ type }) => type === "delete");
    };
    await until("the watch to tell of the deletion", deleted);
    watch.close();
  }, 30_000);

  it("gives a backup that etcdctl restores, with all that was answered before", async () => {
    await fill(4);
    const revision = await put(wire, "/theseus/test", "the last");
    const file = join(etcd.folder, "backup.db");
    await writeFile(file, await wholeBackup());
    expect(JSON.parse(await etcd.ctl("snapshot", "status", file, "-w", "json"))).toMatchObject({
      revision: Number(revision),
    });
    await put(wire, "/theseus/test", "after it");
    await etcd.restore(file);
    const back = async () => (await wire.range({ key: "/theseus/test" }).catch(() => undefined))?.kvs[0]?.value;
    expect(await until("etcd to answer", back)).toBe("the last");
  }, 30_000);

  it("never gives half a backup for a whole one", async () => {
    await fill(8);
    const proxy = await startTcpProxy(etcd.port);
    const cut = await createEtcdWire({ endpoints: [`127.0.0.1:${proxy.port}`], clock: systemClock });
    await cut.status();
    proxy.cutAfter(2_000_000);
    expect(await failure(wholeBackup(cut))).toMatchObject({
      reason: "STORE_UNREACHABLE",
      facts: { what: "the backup ended before it was whole" },
    });
    cut.close();
    await proxy.close();
  }, 30_000);

  it("is left in peace by a reader of a backup who goes", async () => {
    await fill(8);
    for await (const part of wire.backup()) {
      expect(part.length).toBeGreaterThan(0);
      break;
    }
    expect((await wire.status()).members).toEqual([{ endpoint: etcd.endpoint }]);
  }, 30_000);
});

/** Channels of gRPC that stand in its own list of them: none of ours does. */
function listedChannels(): Promise<number> {
  return new Promise((resolve, reject) => {
    const { GetTopChannels } = getChannelzHandlers() as unknown as { GetTopChannels: ListChannels };
    const request = { start_channel_id: "0", max_results: "0" };
    GetTopChannels({ request }, (error, answer) => (error ? reject(error) : resolve(answer?.channel.length ?? 0)));
  });
}
type ListChannels = (
  call: { readonly request: object },
  answered: (error: Error | null, answer?: { readonly channel: readonly unknown[] }) => void,
) => void;

describe("an etcd that wants to know who asks", () => {
  it("may refuse for days, and nothing piles up", async () => {
    const etcd = await startEtcd({ user: { name: "root", password: "s3cret" } });
    const wire = await createEtcdWire({
      endpoints: [etcd.endpoint],
      clock: systemClock,
      user: "theseus",
      password: "right",
    });
    try {
      const before = await listedChannels();
      for (let i = 0; i < 20; i++) await failure(wire.range({ key: "/" }));
      expect(await listedChannels()).toBe(before);
      await etcd.ctl("user", "add", "theseus:right");
      await etcd.ctl("user", "grant-role", "theseus", "root");
      await until("the user to be let in", () =>
        wire.range({ key: "/" }).then(
          () => true,
          () => false,
        ),
      );
      // etcd forgets who signed in.
      await etcd.restart();
      await until("it to sign in again", () =>
        put(wire, "/theseus/test", "").then(
          () => true,
          () => false,
        ),
      );
    } finally {
      wire.close();
      await etcd.stop();
    }
  }, 30_000);

  it("gives its backup to a user who may have it, and says to others what is missing", async () => {
    const etcd = await startEtcd({ tls: true, user: { name: "root", password: "s3cret" } });
    const { ca = "", cert = "", key = "" } = etcd.certificates ?? {};
    const secure = { endpoints: [etcd.endpoint], clock: systemClock, ca, cert, key };
    const open = async (more: object, ask: (wire: EtcdWire) => Promise<unknown>) => {
      const wire = await createEtcdWire({ ...secure, ...more });
      return ask(wire).finally(() => wire.close());
    };
    try {
      await etcd.ctl("user", "add", "small:pw");
      await etcd.ctl("role", "add", "some");
      await etcd.ctl("role", "grant-permission", "some", "--prefix=true", "readwrite", "/services/");
      await etcd.ctl("user", "grant-role", "small", "some");
      const first = (wire: EtcdWire) => wire.backup()[Symbol.asyncIterator]().next();
      expect(await open({ user: "root", password: "s3cret" }, first)).toMatchObject({ done: false });
      const read = (wire: EtcdWire) => failure(wire.range({ key: "/theseus/leader" }));
      const cases: readonly (readonly [object, RegExp])[] = [
        [{ user: "root", password: "guess" }, /it refuses the user or the password$/],
        [{ user: "nobody", password: "x" }, /it refuses the user or the password$/],
        // The certificate's name is a user then, and nobody gave that one a role.
        [{}, /the user may not do that: /],
        [{ user: "small", password: "pw" }, /the user may not do that: /],
        [{ ca: cert }, /its certificate is not of the authority that --etcd-ca names$/],
      ];
      for (const [more, why] of cases)
        expect(await open(more, read)).toMatchObject({
          reason: "STORE_UNREACHABLE",
          facts: { why: [expect.stringMatching(why)], next: ["theseus server status", expect.any(String)] },
        });
    } finally {
      await etcd.stop();
    }
  }, 60_000);
});
