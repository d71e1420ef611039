import { describe, expect, it } from "@jest/globals";
import { Outage } from "../../../clients/cli/outage.js";

const SECOND = 1000;

function told(): { readonly said: string[]; readonly outage: Outage } {
  const said: string[] = [];
  const stderr = { write: (text: string) => void said.push(text), isTTY: false };
  const outages = { lost: () => void said.push("lost"), back: () => void said.push("back") };
  return { said, outage: new Outage(stderr, outages) };
}

describe("an outage of the servers", () => {
  it("is said once, however often they are tried, and once more when it is over", () => {
    const { said, outage } = told();
    outage.heard(0);
    outage.broke("no connection");
    outage.broke("no connection");
    outage.heard(0);
    outage.heard(0);
    expect(said).toEqual(["connection lost, trying again: no connection\n", "lost", "connected again\n", "back"]);
  });

  it("is said anew when they go away again", () => {
    const { said, outage } = told();
    for (let i = 0; i < 2; i += 1) {
      outage.broke("no connection");
      outage.heard(0);
    }
    expect(said.filter((line) => line === "lost")).toHaveLength(2);
  });
});

describe("an outage of the store", () => {
  it("is said once what is known is older than two bookmarks, and once more when it is over", () => {
    const { said, outage } = told();
    for (const seconds of [0, 15, 31, 46, 61, 0, 0]) outage.heard(seconds * SECOND);
    expect(said).toEqual(["the store is away: what is known is 46 s old\n", "the store is back\n"]);
  });
});
