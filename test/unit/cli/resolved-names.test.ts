import { describe, expect, it } from "@jest/globals";
import { unresolvedNames } from "../../../clients/cli/discover/resolved-names.js";

const at = (...addresses: readonly string[]) => addresses.map((address) => ({ address }));

describe("names of hosts", () => {
  it("are those that do not resolve, sorted; addresses are none", async () => {
    const ask = (name: string) => (name.startsWith("good") ? Promise.resolve() : Promise.reject(new Error("unknown")));
    const unknown = await unresolvedNames(at("z.bad", "good.host", "10.0.0.1", "a.bad"), ask);
    expect([...unknown]).toEqual(["a.bad", "z.bad"]);
  });

  it("are not asked for again while nothing answers, and are once something has", async () => {
    const asked: string[] = [];
    let answer: () => void = () => undefined;
    const ask = (name: string) => {
      asked.push(name);
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    };
    for (let i = 0; i < 3; i++) expect([...(await unresolvedNames(at("slow.host"), ask, 0))]).toEqual(["slow.host"]);
    expect(asked).toEqual(["slow.host"]);
    const last = unresolvedNames(at("slow.host"), ask);
    answer();
    expect([...(await last)]).toEqual([]);
    const again = unresolvedNames(at("slow.host"), ask);
    answer();
    expect([...(await again)]).toEqual([]);
    expect(asked).toEqual(["slow.host", "slow.host"]);
  });
});
