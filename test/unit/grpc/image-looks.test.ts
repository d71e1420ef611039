// What is said of an image that is looked up: once, in time, and never as a failure.

import { describe, expect, it } from "@jest/globals";
import { type FindImage, ImageLooks } from "../../../src/grpc/image-looks.js";
import { strangersOn } from "../../../src/grpc/strangers.js";
import { TheseusError } from "../../../src/model/errors.js";
import { SECOND } from "../../../src/model/instant.js";
import { ManualClock } from "../../support/manual-clock.js";

const never = new Promise<never>(() => undefined);
const web = { image: "web:1" };

function failing(error: Error): FindImage {
  return async () => {
    throw error;
  };
}

describe("looking an image up", () => {
  it("is done once for each image, policy and host", async () => {
    const asked: string[] = [];
    const find: FindImage = async (...all) => {
      asked.push(all.join(" "));
      return { pinned: "sha256:1" };
    };
    const looks = new ImageLooks(find, new ManualClock());
    await Promise.all([looks.look("a", web), looks.look("a", { ...web, pull: "missing" })]);
    await looks.look("a", { ...web, pull: "always" });
    expect(await looks.look("b", web)).toEqual({ pinned: "sha256:1" });
    expect(asked).toEqual(["a web:1 missing", "a web:1 always", "b web:1 missing"]);
  });

  it("is not waited for longer than three seconds", async () => {
    const clock = new ManualClock();
    const looked = new ImageLooks(() => never, clock).look("a", web);
    await clock.advance(3 * SECOND);
    expect(await looked).toEqual({ unknown: "a did not answer in 3 s" });
  });

  it("tells an image that does not exist from one that is not known", async () => {
    const facts = { what: "there is none", why: ["said the registry"] };
    const look = (error: Error) => new ImageLooks(failing(error), new ManualClock()).look("a", web);
    expect(await look(new TheseusError("IMAGE_NOT_FOUND", facts))).toEqual({
      missing: { host: "a", reason: "IMAGE_NOT_FOUND", text: "there is none: said the registry" },
    });
    expect(await look(new TheseusError("IMAGE_DENIED", facts))).toEqual({
      unknown: "there is none: said the registry",
    });
    expect(await look(new Error("odd"))).toEqual({ unknown: "odd" });
  });
});

describe("looking for strangers", () => {
  it("does without those of a host that fails or says nothing in time", async () => {
    const clock = new ManualClock();
    const one = { id: "1", name: "nginx", hostPorts: [80] };
    const find = (host: string) => {
      if (host === "silent") return never;
      return host === "away" ? Promise.reject(new Error("away")) : Promise.resolve([one]);
    };
    const found = strangersOn(["there", "away", "silent"], find, clock);
    await clock.advance(SECOND);
    expect([...(await found)]).toEqual([
      ["there", [one]],
      ["away", []],
      ["silent", []],
    ]);
  });
});
