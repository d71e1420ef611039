import { describe, expect, it } from "@jest/globals";
import { aftermathOf } from "../../../src/docker/aftermath.js";

type State = Parameters<typeof aftermathOf>[0]["State"];

const stateOf = (more: object): { State: State } => ({
  State: { Status: "exited", ExitCode: 137, OOMKilled: true, ...more } as State,
});

describe("how a container stands when it is given up", () => {
  it("has the exit code of one that has ended, and of no other", () => {
    expect(aftermathOf(stateOf({}))).toEqual({ exitCode: 137, outOfMemory: true, answers: [] });
    const alive = { ExitCode: 0, OOMKilled: false };
    for (const Status of ["running", "restarting", "created"]) {
      expect(aftermathOf(stateOf({ ...alive, Status }))).toEqual({ outOfMemory: false, answers: [] });
    }
  });

  it("has what Docker's own check has answered, and how long that took", () => {
    const at = (seconds: string): string => `2026-11-22T14:00:${seconds}+01:00`;
    const Log = [
      { Start: at("01.100000001"), End: at("01.350000001"), ExitCode: 1, Output: "connection refused\n" },
      { Start: at("02"), End: at("04"), ExitCode: -1, Output: "Health check exceeded timeout (2s)" },
      { Start: "", End: "", ExitCode: 0, Output: "" },
    ];
    expect(aftermathOf(stateOf({ Health: { Status: "unhealthy", Log } })).answers).toEqual([
      "exit 1 in 250 ms: connection refused",
      "no answer in 2000 ms: Health check exceeded timeout (2s)",
      "exit 0",
    ]);
  });
});
