// `theseus logs -f` through a break of the connection, against a server that says what the test wants: what it asks then.

import { status } from "@grpc/grpc-js";
import { expect, it } from "@jest/globals";
import { type ReadLogsRequest, ReadLogsResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { Refusal, startFakeTheseus } from "../support/fake-theseus.js";
import { FollowingCli } from "../support/following-cli.js";
import { until } from "../support/until.js";

const name = "web.dev.1.0-aaaaaa";
const message = (lines: readonly number[]) =>
  ReadLogsResponse.fromPartial({
    sources: [{ number: 1, name, host: "local" }],
    lines: lines.map((at) => ({ source: 1, timeUnixNanos: BigInt(at) * 1_000_000n, text: `line ${at}` })),
  });

/** The lines of each stream that is followed; it breaks after them. @returns what was asked, in order. */
async function asked(args: readonly string[], last: readonly number[], streams: readonly (readonly number[])[]) {
  const requests: ReadLogsRequest[] = [];
  const server = await startFakeTheseus({
    async *readLogs(request) {
      requests.push(request);
      const { length } = requests.filter(({ follow }) => follow);
      yield message(request.follow ? (streams[length - 1] ?? []) : last);
      if (request.follow) throw new Refusal({ code: status.UNAVAILABLE, reason: "UNAVAILABLE", message: "it ends" });
    },
  });
  const cli = new FollowingCli(["logs", "web/dev", "-f", ...args], { server: server.address });
  try {
    await until("two streams", () => requests.filter(({ follow }) => follow).length > 1);
  } finally {
    await cli.stop();
    server.close();
  }
  const wanted = requests.map(({ since, tail, after }) => ({ since: since?.getTime(), tail, after }));
  return { wanted: wanted.slice(0, 3), stdout: cli.stdout };
}

const place = (at: number) => ({ name, host: "local", timeUnixNanos: BigInt(at) * 1_000_000n, lines: 1 });

it("asks after a break for what comes behind its places, by the clocks of the hosts", async () => {
  const { wanted } = await asked(["--tail", "2"], [], [[4000, 5000]]);
  expect(wanted.slice(0, 2)).toEqual([
    { since: undefined, tail: 2n, after: [] },
    { since: 4000, tail: undefined, after: [place(5000)] },
  ]);
});

it("knows where to go on also where no line was wanted and none came", async () => {
  const { wanted, stdout } = await asked(["--tail", "0"], [3000], [[], []]);
  expect(wanted).toEqual([
    { since: undefined, tail: 1n, after: [] },
    { since: undefined, tail: 0n, after: [] },
    { since: 3000, tail: undefined, after: [place(3000)] },
  ]);
  expect(stdout).toBe("");
});
