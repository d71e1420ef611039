import { createHash } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { type RawStatus, storeStatus } from "../../../src/etcd/member-status.js";
import { WholeBackup } from "../../../src/etcd/whole-backup.js";
import { TheseusError } from "../../../src/model/errors.js";

function raw(more: Partial<RawStatus> & { readonly revision?: string } = {}): RawStatus {
  const { revision = "7", ...others } = more;
  return {
    header: { revision },
    version: "3.4.23",
    dbSize: "4096",
    dbSizeInUse: "1024",
    leader: "1",
    errors: [],
    ...others,
  };
}
const away = (why: string) => new TheseusError("STORE_UNREACHABLE", { what: "away", why: [`etcd at x: ${why}`] });

describe("the status of several members", () => {
  it("has the largest of what they say, and each alarm once", () => {
    const full = raw({ revision: "9", errors: ["memberID:1 alarm:NOSPACE ", "memberID:2 alarm:NOSPACE "] });
    const answers = [
      { endpoint: "a", status: raw({ dbSize: "8192" }) },
      { endpoint: "b", status: full },
      { endpoint: "c", failure: away("no answer in time") },
    ];
    expect(storeStatus(answers, ["CORRUPT"])).toEqual({
      kind: "etcd",
      version: "3.4.23",
      revision: 9n,
      size: 8192,
      sizeInUse: 1024,
      alarms: ["NOSPACE", "CORRUPT"],
      members: [{ endpoint: "a" }, { endpoint: "b" }, { endpoint: "c", problem: "no answer in time" }],
    });
  });

  it("names a member that has lost the others", () => {
    const { members } = storeStatus([{ endpoint: "a", status: raw({ leader: "0" }) }], []);
    expect(members).toEqual([{ endpoint: "a", problem: expect.stringMatching(/^it has no leader/) }]);
  });

  it("fails only when none answers, and then names all", () => {
    const none = () =>
      storeStatus(
        [1, 2].map((n) => ({ endpoint: "x", failure: away(`${n}`) })),
        [],
      );
    expect(none).toThrow(expect.objectContaining({ facts: { what: "away", why: ["etcd at x: 1", "etcd at x: 2"] } }));
  });
});

describe("a backup", () => {
  const data = Buffer.from("a".repeat(1000));
  const whole = Buffer.concat([data, createHash("sha256").update(data).digest()]);
  const seen = (bytes: Buffer, step: number) => {
    const backup = new WholeBackup();
    for (let at = 0; at < bytes.length; at += step) backup.see(bytes.subarray(at, at + step));
    return backup.isWhole();
  };

  it.each([1, 7, 31, 32, 33, 999, 2000])("is whole in parts of %i bytes", (step) => {
    expect(seen(whole, step)).toBe(true);
  });

  it.each([0, 20, 32, 500, 1000, 1031])("is not, cut after %i bytes", (length) => {
    expect(seen(whole.subarray(0, length), 64)).toBe(false);
  });
});
