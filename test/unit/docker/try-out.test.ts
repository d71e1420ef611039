import { describe, expect, it } from "@jest/globals";
import type { Engine } from "../../../src/docker/engine.js";
import { tryOut } from "../../../src/docker/try-out.js";
import { MINUTE, SECOND } from "../../../src/model/instant.js";
import type { Clock, ContainerSpec } from "../../../src/model/ports.js";
import { NOW } from "../../support/builders.js";

const listed = (Id: string, trial: string, age: number) => ({
  ...{ Id, Created: (NOW - age) / SECOND, Labels: { "theseus.trial": trial } },
});

describe("a trial", () => {
  it("removes what earlier ones have left: of its group at once, of others when it is old, of other clusters never", async () => {
    const left = [
      listed("own", "c1/u1", SECOND),
      listed("running", "c1/u2", MINUTE),
      listed("old", "c1/u3", 60 * MINUTE),
      listed("foreign", "c12/u1", 60 * MINUTE),
    ];
    const removed: string[] = [];
    const call = ({ method, path }: { method: string; path: string }): Promise<unknown> => {
      if (method === "GET" && path === "/containers/json") return Promise.resolve(left);
      if (method !== "DELETE") return Promise.reject(new Error("enough"));
      removed.push(path);
      return Promise.resolve();
    };
    const spec = { owner: { groupUid: "u1" }, config: { networks: ["none-such"] } } as unknown as ContainerSpec;
    const clock = { now: () => NOW } as unknown as Clock;
    await expect(tryOut({ host: "local", call } as unknown as Engine, clock, spec, "c1")).rejects.toThrow("enough");
    expect(removed).toEqual(["/containers/own", "/containers/old"]);
  });
});
