import { describe, expect, it } from "@jest/globals";
import { GetServerStatusResponse } from "../../../clients/gen/theseus/v1/theseus_service.js";
import { TruthKeeper } from "../../../clients/viewer/gateway/truth-keeper.js";

function keeper() {
  let now = 1_000_000;
  const truth = new TruthKeeper(() => now);
  const wait = (milliseconds: number) => {
    now += milliseconds;
  };
  return { truth, wait };
}

const status = (more: Partial<GetServerStatusResponse> = {}) =>
  GetServerStatusResponse.fromPartial({ storeReachable: true, serverId: "ab", leaderId: "ab", revision: 7n, ...more });
const age = (seconds: number) => ({ storeAge: { seconds: BigInt(seconds), nanos: 0 } });

describe("how things stand", () => {
  it("is that there is no server, until one has answered", () => {
    const { truth, wait } = keeper();
    expect(truth.truth).toMatchObject({ state: "server-away", since: 1_000_000, asOf: 0 });
    wait(500);
    expect(truth.told(status(age(2)), true)).toBe(true);
    expect(truth.truth).toMatchObject({ state: "ok", since: 1_000_500, asOf: 998_500, revision: "7", leader: "ab" });
  });

  it("is news only when something but the times has changed", () => {
    const { truth, wait } = keeper();
    truth.told(status(age(0)), true);
    wait(1_000);
    expect(truth.told(status(age(0)), true)).toBe(false);
    expect(truth.told(status({ ...age(0), leaderId: "" }), true)).toBe(true);
    expect(truth.told(status({ ...age(0), leaderId: "", problems: ["no leader\ntheseus server status"] }), true)).toBe(
      true,
    );
    expect(truth.truth.problems).toEqual(["no leader"]);
  });

  it("keeps since when, and when it was last known to be true, while a server or its store is away", () => {
    const { truth, wait } = keeper();
    truth.told(status(age(0)), true);
    wait(5_000);
    truth.told(status({ ...age(4), storeReachable: false }), true);
    expect(truth.truth).toMatchObject({ state: "store-away", since: 1_005_000, asOf: 1_001_000 });
    wait(5_000);
    truth.told(status({ ...age(9), storeReachable: false }), true);
    expect(truth.truth).toMatchObject({ state: "store-away", since: 1_005_000, asOf: 1_001_000 });
    wait(5_000);
    expect([truth.away(), truth.away()]).toEqual([true, false]);
    expect(truth.truth).toMatchObject({
      state: "server-away",
      since: 1_015_000,
      asOf: 1_001_000,
      revision: "7",
      leader: "",
    });
    expect(truth.truth.now).toBe(1_015_000);
  });

  it("is that it is being read until all was read once, and never again after that", () => {
    const { truth, wait } = keeper();
    truth.told(status(age(0)), false);
    expect(truth.truth).toMatchObject({ state: "reading", asOf: 0 });
    truth.told(status({ ...age(0), storeReachable: false }), true);
    expect(truth.truth).toMatchObject({ state: "store-away", asOf: 0 });
    truth.told(status(age(0)), false);
    expect([truth.truth.state, truth.wasRead]).toEqual(["reading", false]);
    wait(9_000);
    truth.told(status(age(0)), true);
    expect(truth.truth).toMatchObject({ state: "ok", since: 1_009_000, asOf: 1_009_000 });
    truth.told(status(age(0)), false);
    expect([truth.truth.state, truth.wasRead]).toEqual(["behind", true]);
  });

  it("is of no later time than the rows are, where a server answers and does not tell what changes", () => {
    const { truth, wait } = keeper();
    truth.told(status(age(0)), true);
    wait(5_000);
    const said = { upTo: 1_001_000, problems: ["cannot follow"] };
    expect(truth.told(status({ ...age(0), revision: 9n }), false, said)).toBe(true);
    const behind = { state: "behind", since: 1_005_000, asOf: 1_001_000, revision: "7", problems: ["cannot follow"] };
    expect(truth.truth).toMatchObject(behind);
    truth.told(status({ ...age(0), revision: 9n }), true);
    expect(truth.truth).toMatchObject({ state: "ok", asOf: 1_005_000, revision: "9", problems: [] });
  });
});
