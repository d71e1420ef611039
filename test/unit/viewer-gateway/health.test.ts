import { describe, expect, it } from "@jest/globals";
import { GetServerStatusResponse } from "../../../clients/gen/theseus/v1/theseus_service.js";
import { healthHandlers } from "../../../clients/viewer/gateway/health-api.js";
import { createMemory } from "../../../clients/viewer/gateway/memory.js";
import { Readers } from "../../../clients/viewer/gateway/readers.js";
import { TruthKeeper } from "../../../clients/viewer/gateway/truth-keeper.js";

describe("the metrics of the viewer", () => {
  it("tell no age of rows before there are any, and then how old they are", async () => {
    let now = 1_000_000;
    const truth = new TruthKeeper(() => now);
    const { fleet } = createMemory();
    const parts = { fleet, readers: new Readers(), truth: () => truth.truth, failures: { count: 3 } };
    const metrics = new Map(healthHandlers(parts)).get("/metrics");
    const lines = async () => {
      const sent = await metrics?.({} as never);
      return String(sent?.body)
        .split("\n")
        .filter((line) => /^theseus_viewer_(age_seconds|failed_calls_total|truth\{state="behind"\})/.test(line));
    };
    const rest = ["theseus_viewer_failed_calls_total 3", 'theseus_viewer_truth{state="behind"} 0'];
    expect(await lines()).toEqual(rest);
    truth.told(GetServerStatusResponse.fromPartial({ storeReachable: true }), true);
    now += 2_500;
    expect(await lines()).toEqual([...rest, "theseus_viewer_age_seconds 2.5"]);
  });
});
