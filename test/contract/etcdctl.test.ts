import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { CODE } from "../../src/embedded/api.js";
import { DeleteRangeRequest, PutRequest, RangeRequest, TxnRequest } from "../../src/embedded/gen/etcd.js";
import { EtcdApiClient } from "../support/etcd-api.js";
import { etcdctl, RunningCtl } from "../support/etcdctl.js";
import { ServedStore } from "../support/served-store.js";
import { startEtcd, type TestEtcd } from "../support/start-etcd.js";
import { until } from "../support/until.js";

let etcd: TestEtcd;
let served: ServedStore;

beforeAll(async () => {
  [etcd, served] = await Promise.all([startEtcd(), ServedStore.start()]);
});

afterAll(async () => {
  await Promise.all([etcd?.stop(), served?.stop()]);
});

/** What a person does: a line of etcdctl, and what is typed into it. {lease} is the id of the last lease granted. */
type Line = { readonly args: string; readonly input?: string };

/** Everything both print, with codes; ids are each store's own, so they are counted instead. */
async function typed(endpoint: string, lines: readonly Line[]): Promise<string[]> {
  const printed: string[] = [];
  let lease = "";
  for (const { args, input } of lines) {
    const words = args.split(" ").map((word) => (word === "{lease}" ? lease : word));
    const { code, stdout, stderr } = await etcdctl(endpoint, words, input);
    lease = /^lease ([0-9a-f]{16}) granted/.exec(stdout)?.[1] ?? lease;
    printed.push(`${args}: ${code}\n${stdout}${stderr}`);
  }
  return printed.map((text) => withoutOwn(text, lease));
}

function withoutOwn(text: string, lease: string): string {
  return text
    .replaceAll(lease === "" ? "no lease" : lease, "LEASE")
    .replaceAll(/"(cluster_id|member_id|raft_term)":\d+/g, '"$1":OWN')
    .replaceAll(/"(ClusterID|MemberID|RaftTerm)" : \d+/g, '"$1" : OWN')
    .replaceAll(/"lease":\d{5,}/g, '"lease":OWN')
    .replaceAll(/remaining\(\d+s\)/g, "remaining(SOON)")
    .replaceAll(/attached keys\(\[(.*)\]\)/g, (_, keys: string) => keys.split(" ").sort().join(" "))
    .replaceAll(/"(ts|target)":"[^"]*"/g, "");
}

/** Both begin where the other does, since what a test writes it leaves. */
async function bothPrintTheSame(...lines: readonly (string | Line)[]): Promise<string> {
  const all = lines.map((line) => (typeof line === "string" ? { args: line } : line));
  const [real, embedded] = await Promise.all([typed(etcd.endpoint, all), typed(served.address, all)]);
  expect(embedded).toEqual(real);
  return embedded.join("\n");
}

describe("etcdctl prints the same on the embedded store as on etcd", () => {
  it("for put and get, alone, by prefix, by range, sorted, counted, and in every form of output", async () => {
    const printed = await bothPrintTheSame(
      "put a/1 one",
      "put a/2 two",
      "put a/1 uno --prev-kv",
      "put b three",
      "put a/1 --ignore-lease none",
      { args: "put a/3", input: "typed\nin two lines" },
      "get a/1",
      "get a/ --prefix",
      "get a/ --prefix --keys-only",
      "get a/ --prefix --print-value-only",
      "get a/ --prefix --order DESCEND --sort-by MODIFY --limit 2",
      "get a b",
      "get a --from-key -w json",
      "get a/ --prefix -w simple --hex",
      "get a/1 -w fields",
      "get nothing",
      "get --prefix",
    );
    expect(printed).toContain("typed\nin two lines");
  });

  it("for a range at an old revision, and for one that is compacted or still to come", async () => {
    await bothPrintTheSame(
      "put old first",
      "put old second",
      "get old --rev 2",
      "get a/ --prefix --rev 3",
      "get a/ --prefix --rev 5 -w json",
      "compaction 5",
      "compaction 5",
      "compaction 500000",
      "get old --rev 4",
      "get a/ --prefix --rev 5",
      "get old --rev 500000",
    );
  });

  it("for delete, of a key, of a range, of nothing", async () => {
    await bothPrintTheSame(
      "put d/1 1",
      "put d/2 2",
      "put d/3 3",
      "del d/1 --prev-kv",
      "del d/ --prefix --prev-kv",
      "del d/ --prefix",
      "get d/ --prefix",
    );
  });

  it("for transactions as they are typed in", async () => {
    const input = [
      'value("t/1") = "one"\ncreate("t/none") = "0"\nmod("t/1") > "1"\nversion("t/1") < "9"\n',
      "put t/1 changed\nget t/ --prefix\ndel t/2\n",
      "put t/never there\n",
      "",
    ].join("\n");
    const printed = await bothPrintTheSame(
      "put t/1 one",
      "put t/2 two",
      { args: "txn", input },
      { args: "txn -i", input },
      { args: "txn", input: "\nput t/1 once\nput t/1 twice\n\n\n" },
      "get t/ --prefix -w json",
    );
    expect(printed).toContain("SUCCESS");
    expect(printed).toContain("FAILURE");
    expect(printed).toContain("duplicate key given in txn request");
  });

  it("for leases from grant to revoke", async () => {
    const printed = await bothPrintTheSame(
      "lease grant 600",
      "put leased/1 1 --lease {lease}",
      "put leased/2 2 --lease {lease}",
      "lease keep-alive --once {lease}",
      "lease timetolive {lease} --keys",
      "lease list",
      "put leased/1 kept --ignore-lease",
      "get leased/ --prefix -w json",
      "lease revoke {lease}",
      "lease revoke {lease}",
      "lease timetolive {lease}",
      "lease keep-alive --once {lease}",
      "lease list",
      "get leased/ --prefix",
      "put leased/3 3 --lease 123abc",
    );
    expect(printed).toContain("requested lease not found");
  });

  it("for its health, members, and what it may not be asked", async () => {
    await bothPrintTheSame("lease list -w json");
    const health = await etcdctl(served.address, ["endpoint", "health"]);
    expect(health.stderr + health.stdout).toContain("is healthy");
    const status = await etcdctl(served.address, ["endpoint", "status", "-w", "json"]);
    const [{ Status }] = JSON.parse(status.stdout) as [{ Status: { leader: number; header: { member_id: number } } }];
    expect(Status.leader).toBe(Status.header.member_id);
    const members = await etcdctl(served.address, ["member", "list"]);
    expect(members).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]+, started, [^\n]*false\n$/) });
  });
});

describe("etcdctl watch", () => {
  it("tells the past with what was there before, and then the present, as on etcd", async () => {
    const said = await Promise.all(
      [etcd.endpoint, served.address].map(async (endpoint) => {
        await etcdctl(endpoint, ["put", "w/1", "one"]);
        const { header } = JSON.parse((await etcdctl(endpoint, ["get", "w/1", "-w", "json"])).stdout);
        await etcdctl(endpoint, ["put", "w/1", "uno"]);
        await etcdctl(endpoint, ["del", "w/1"]);
        const from = String(header.revision);
        const watching = new RunningCtl(endpoint, ["watch", "w/", "--prefix", "--prev-kv", "--rev", from]);
        try {
          await watching.lines(13);
          await etcdctl(endpoint, ["put", "w/2", "two"]);
          await watching.lines(16);
          return watching.stdout;
        } finally {
          await watching.stop();
        }
      }),
    );
    expect(said[1]).toBe(said[0]);
    expect(said[1]).toBe("PUT\nw/1\none\nPUT\nw/1\none\nw/1\nuno\nDELETE\nw/1\nuno\nw/1\n\nPUT\nw/2\ntwo\n");
  });

  it("ends with etcd's words when its revision is compacted", async () => {
    await bothPrintTheSame("watch a/1 --rev 2");
  });
});

describe("programs that are made of etcd's own client library", () => {
  it("copies everything into an etcd with make-mirror, and goes on copying", async () => {
    const target = await startEtcd();
    const copying = new RunningCtl(served.address, ["make-mirror", `127.0.0.1:${target.port}`]);
    try {
      const keys = async (endpoint: string) => (await etcdctl(endpoint, ["get", "--prefix", ""])).stdout;
      await until("the first copy", async () => (await keys(target.endpoint)) === (await keys(served.address)));
      await etcdctl(served.address, ["put", "later", "on"]);
      await etcdctl(served.address, ["del", "b"]);
      const isCopied = async () => (await keys(target.endpoint)).includes("later\non");
      await until("what is written later", isCopied);
      await until("the delete", async () => (await keys(target.endpoint)) === (await keys(served.address)));
    } finally {
      await copying.stop();
      await target.stop();
    }
  });

  it("takes and gives back a lock", async () => {
    const { stdout, code } = await etcdctl(served.address, ["lock", "the-lock", "echo", "held"]);
    expect({ stdout, code }).toEqual({ stdout: "held\n", code: 0 });
    expect((await etcdctl(served.address, ["get", "--prefix", "the-lock"])).stdout).toBe("");
  });

  it("is refused by the name of the method for what the store does not have", async () => {
    const refused = await etcdctl(served.address, ["user", "list"]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("/etcdserverpb.Auth/UserList");
    expect((await etcdctl(served.address, ["defrag"])).stderr).toContain("/etcdserverpb.Maintenance/Defragment");
  });
});

describe("a transaction that etcd 3.4 does not survive", () => {
  it("is refused whole: it keeps the value of a key that it deletes itself", async () => {
    const client = new EtcdApiClient(served.address);
    const key = Buffer.from("kept");
    const range = RangeRequest.create({ key });
    await client.must("put", PutRequest.create({ key, value: Buffer.from("1") }));
    const before = await client.must("range", range);
    const fromKey = DeleteRangeRequest.create({ key, rangeEnd: Buffer.from([0]) });
    const remove = { $case: "requestDeleteRange" as const, value: fromKey };
    const keep = { $case: "requestPut" as const, value: PutRequest.create({ key, ignoreValue: true }) };
    const request = TxnRequest.create({ success: [{ request: remove }, { request: keep }] });
    expect(await client.call("txn", request)).toEqual({
      code: CODE.invalidArgument,
      text: "etcdserver: key not found",
    });
    expect(await client.must("range", range)).toEqual(before);

    // Nothing of it comes with the next write either.
    const all = RangeRequest.create({ key: Buffer.from([0]), rangeEnd: Buffer.from([0]) });
    const { kvs } = await client.must("range", all);
    await client.must("put", PutRequest.create({ key: Buffer.from("kept-next"), value: Buffer.from("2") }));
    const after = await client.must("range", all);
    expect(after.kvs.filter((kv) => kv.key.toString() !== "kept-next")).toEqual(kvs);
    client.close();
  });
});
