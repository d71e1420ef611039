import { describe, expect, it } from "@jest/globals";
import type { Runtime } from "../../../src/model/ports.js";
import { withCrashPoint } from "../../../src/start/crash-point.js";

const refused = new Error("refused");
const runtime = {
  host: "local",
  list: async () => ({ engineId: "e", ours: [], strangers: [] }),
  create: async () => ({ id: "c" }),
  start: () => Promise.reject(refused),
  stop: async () => undefined,
  remove: async () => undefined,
  setRestartPolicy: async () => undefined,
} as unknown as Runtime;

describe("the crash point", () => {
  it("comes right after the n-th changing call, refused ones included, and reads do not count", async () => {
    let crashes = 0;
    const fragile = withCrashPoint(runtime, 3, () => crashes++);
    await fragile.list();
    await fragile.remove("c");
    await expect(fragile.start("c")).rejects.toBe(refused);
    expect(crashes).toBe(0);
    await fragile.setRestartPolicy("c", "no");
    expect(crashes).toBe(1);
  });

  it("is not there unless it is asked for", () => {
    expect(withCrashPoint(runtime, undefined)).toBe(runtime);
  });
});
