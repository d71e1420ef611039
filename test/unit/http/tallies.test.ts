import { describe, expect, it } from "@jest/globals";
import { Tallies } from "../../../src/http/tallies.js";

function linesOf(tallies: Tallies): string[] {
  return tallies.page().split("\n");
}

describe("tallies", () => {
  it("count calls by method and outcome", () => {
    const tallies = new Tallies("rpc", "calls");
    tallies.count("Lookup", "OK", 1);
    tallies.count("Lookup", "OK", 1);
    tallies.count("Lookup", "NOT_FOUND", 1);
    tallies.count("Watch", "OK", 1);
    expect(linesOf(tallies)).toEqual(
      expect.arrayContaining([
        "# TYPE theseus_rpc_calls_total counter",
        'theseus_rpc_calls_total{method="Lookup",outcome="OK"} 2',
        'theseus_rpc_calls_total{method="Lookup",outcome="NOT_FOUND"} 1',
        'theseus_rpc_calls_total{method="Watch",outcome="OK"} 1',
      ]),
    );
  });

  it("put a call into every bucket from the first that is not below it", () => {
    const tallies = new Tallies("rpc", "calls");
    for (const milliseconds of [0.5, 1, 1.5, 100_000]) tallies.count("Lookup", "OK", milliseconds);
    const lines = linesOf(tallies).filter((line) => line.startsWith("theseus_rpc_call_seconds"));
    expect(lines[0]).toBe('theseus_rpc_call_seconds_bucket{le="0.001",method="Lookup"} 2');
    expect(lines[1]).toBe('theseus_rpc_call_seconds_bucket{le="0.005",method="Lookup"} 3');
    expect(lines.slice(-4)).toEqual([
      'theseus_rpc_call_seconds_bucket{le="60",method="Lookup"} 3',
      'theseus_rpc_call_seconds_bucket{le="+Inf",method="Lookup"} 4',
      'theseus_rpc_call_seconds_sum{method="Lookup"} 100.003',
      'theseus_rpc_call_seconds_count{method="Lookup"} 4',
    ]);
  });

  it("escape what would break a line", () => {
    const tallies = new Tallies("rpc", "calls");
    tallies.count('a"b\\c\nd', "OK", 1);
    expect(linesOf(tallies)).toContain('theseus_rpc_calls_total{method="a\\"b\\\\c\\nd",outcome="OK"} 1');
  });
});
