import { describe, expect, it } from "@jest/globals";
import { TheseusError } from "../../../src/model/errors.js";
import type { Runtime } from "../../../src/model/ports.js";
import { lookAt } from "../../../src/start/engine.js";
import { FakeRuntime } from "../../support/fake-runtime.js";
import { ManualClock } from "../../support/manual-clock.js";

describe("one look at the engine", () => {
  it("tells its version and how many containers are ours", async () => {
    const clock = new ManualClock();
    const engine = new FakeRuntime(clock, "local");
    expect(await lookAt(Promise.resolve(engine), clock)).toMatch(/^\S+, 0 containers of ours$/);
  });

  it("says why it cannot be asked", async () => {
    const why = ["connect ENOENT /var/run/docker.sock"];
    const info = () => Promise.reject(new TheseusError("HOST_UNREACHABLE", { what: "no answer", why }));
    const engine = Object.assign(new FakeRuntime(new ManualClock(), "local"), { info });
    expect(await lookAt(Promise.resolve(engine), new ManualClock())).toBe("connect ENOENT /var/run/docker.sock");
  });

  it("does not wait longer than a second, even for the store that has to name the cluster first", async () => {
    const clock = new ManualClock();
    const look = lookAt(new Promise<Runtime>(() => undefined), clock);
    await clock.advance(1000);
    expect(await look).toBe("has not answered yet");
  });
});
