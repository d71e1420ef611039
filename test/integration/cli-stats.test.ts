// `theseus stats` and `top` against a server that says what it is told to say.

import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ContainerStats, ReadStatsResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { CliStage } from "../support/cli-stage.js";
import { refOf } from "../support/fake-groups.js";
import { type FakeTheseus, type Handlers, Refusal, startFakeTheseus } from "../support/fake-theseus.js";
import { FollowingCli } from "../support/following-cli.js";

const stage = new CliStage();
let server: FakeTheseus | undefined;
const followers: FollowingCli[] = [];
afterEach(async () => {
  await Promise.all(followers.splice(0).map((cli) => cli.stop()));
  server?.close();
  await stage.strike();
});

const MIB = 1n << 20n;
const time = new Date("2026-11-22T14:02:31Z");

function stats(text: string, slot: number, more: Partial<ContainerStats> = {}): ContainerStats {
  return ContainerStats.fromPartial({
    ...{ group: refOf(text), name: `${text}.${slot}`, slot, host: "node-a", configRevision: 42n },
    ...{ cpu: 0.41, cpuLimit: 0.5, memBytes: 703n * MIB, memLimitBytes: 768n * MIB, restarts: 0 },
    ...{ netRxBytes: 5n, netTxBytes: 6n, netRxBytesPerSecond: 6e5, netTxBytesPerSecond: 1.9e6 },
    ...more,
  });
}

const WEB = [stats("web/dev", 2, { memBytes: 100n * MIB, cpu: 0.1 }), stats("web/dev", 1)];
const API = stats("api/dev", 1, { cpu: 0.02, cpuLimit: undefined, memLimitBytes: undefined, memBytes: 9n * MIB });
const AWAY = ContainerStats.fromPartial({
  ...{ group: refOf("db/dev"), name: "db.1", slot: 1, host: "node-b", problem: "it did not answer in 5 s" },
});

function serving(...samples: readonly (readonly ContainerStats[])[]): Handlers {
  return {
    async *readStats({ follow }) {
      for (const containers of samples) yield { time, containers: [...containers], more: false };
      if (follow) await new Promise(() => undefined);
    },
  };
}

describe("stats", () => {
  it("are a table of groups with their containers, and say what is near its limit", async () => {
    const { stdout, exit } = await stage.theseus(serving([...WEB, API]), [
      "stats",
      "web",
      "-l",
      "prod",
      "--host",
      "node-a",
    ]);
    expect(exit).toBe(0);
    const lines = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, "  "));
    expect(lines).toEqual([
      "GROUP/CONTAINER  CPU  MEM  NET in/out  RESTARTS",
      "api/dev  0.02  9 MiB  0.6/1.9 MB/s  0",
      "  :1 node-a  0.02  9 MiB  0.6/1.9 MB/s  0",
      "web/dev  0.51 of 1.0  0.8 of 1.5 GiB  1.2/3.8 MB/s  0",
      "  :1 node-a  0.41 of 0.5  703 of 768 MiB  0.6/1.9 MB/s  0  near mem limit",
      "  :2 node-a  0.10 of 0.5  100 of 768 MiB  0.6/1.9 MB/s  0",
      "",
    ]);
    const selector = { namespace: "default", allNamespaces: false, service: "web", labels: "prod" };
    const target = { target: { $case: "selector", value: selector }, slots: [] };
    expect(stage.sent("readStats")).toEqual([{ targets: [target], host: "node-a", follow: false }]);
  });

  it("are a StatsList for programs, with nothing for what is not known", async () => {
    const { stdout, exit } = await stage.theseus(serving([stats("web/dev", 1), AWAY]), ["stats", "-o", "json"]);
    expect(exit).toBe(12);
    expect(JSON.parse(stdout)).toEqual({
      ...{ apiVersion: "theseus.v1", kind: "StatsList", namespace: "default", asOf: time.toISOString() },
      items: [
        {
          ...{ ref: "web/dev", namespace: "default", slot: 1, host: "node-a", container: "web/dev.1", rev: 42 },
          cpu: { used: 0.41, limit: 0.5 },
          mem: { used: 703 * 2 ** 20, limit: 768 * 2 ** 20 },
          net: { rx: 5, tx: 6, rxPerSecond: 6e5, txPerSecond: 1.9e6 },
          restarts: 0,
        },
        {
          ...{ ref: "db/dev", namespace: "default", slot: 1, host: "node-b", container: "db.1", rev: 0 },
          problem: "it did not answer in 5 s",
        },
      ],
    });
  });

  it("come in several messages as one sample", async () => {
    const handlers: Handlers = {
      async *readStats() {
        yield ReadStatsResponse.fromPartial({ time, containers: [stats("web/dev", 1)], more: true });
        yield ReadStatsResponse.fromPartial({ time, containers: [stats("web/dev", 2)] });
      },
    };
    const { stdout } = await stage.theseus(handlers, ["stats", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ slot: 1 }, { slot: 2 }] });
  });

  it("are sorted group by group, and in each container by container", async () => {
    const { stdout } = await stage.theseus(serving([...WEB, API]), ["stats", "--sort", "-mem", "-o", "name"]);
    expect(stdout).toBe("web/dev:1\nweb/dev:2\napi/dev:1\n");
    const flat = await stage.theseus(serving([...WEB, API]), [
      "stats",
      "--sort",
      "cpu",
      "-o",
      "tsv",
      "--columns",
      "name,cpu",
    ]);
    expect(flat.stdout).toBe("api/dev:1\t0.02\nweb/dev:2\t0.10 of 0.5\nweb/dev:1\t0.41 of 0.5\n");
  });

  it("of hosts that do not answer name each container, and are exit 10", async () => {
    const { stdout, exit } = await stage.theseus(serving([AWAY]), ["stats", "db/dev:1"]);
    expect(stdout).toMatch(/:1 node-b +- +- +- +- +it did not answer in 5 s/);
    expect(exit).toBe(10);
  });

  it("of nothing that runs are exit 0, or 4 when asked so", async () => {
    const { stdout, stderr, exit } = await stage.theseus(serving([]), ["stats"]);
    expect({ stdout, stderr, exit }).toEqual({ stdout: "", stderr: "nothing runs\n", exit: 0 });
    expect((await stage.theseus(serving([]), ["stats", "--fail-empty"])).exit).toBe(4);
  });

  it("of a group that is not there are exit 4", async () => {
    const handlers: Handlers = {
      // biome-ignore lint/correctness/useYield: it refuses.
      async *readStats() {
        throw new Refusal({ code: status.NOT_FOUND, reason: "NO_SUCH_GROUP", message: "there is no group web/none" });
      },
    };
    const { stderr, exit } = await stage.theseus(handlers, ["stats", "web/none"]);
    expect({ stderr, exit }).toMatchObject({ exit: 4, stderr: expect.stringContaining("NO_SUCH_GROUP") });
  });

  it.each([
    [["stats", "-w", "--timeout", "5s"]],
    [["stats", "-w", "-o", "yaml"]],
    [["top", "-o", "name"]],
    [["stats", "--sort", "colour"]],
    [["stats", "--columns", "colour"]],
    [["stats", "web/dev@3"]],
  ])("asked for as %j are exit 2, and nothing is sent", async (argv) => {
    expect((await stage.theseus(serving([API]), argv)).exit).toBe(2);
    expect(stage.names()).toEqual([]);
  });
});

async function following(handlers: Handlers, argv: readonly string[], terminal = false): Promise<FollowingCli> {
  server = await startFakeTheseus(handlers);
  const cli = new FollowingCli(argv, { server: server.address, terminal, env: { LANG: "en_US.UTF-8" } });
  followers.push(cli);
  return cli;
}

describe("stats that are followed", () => {
  const CALM = [stats("web/dev", 1, { cpu: 0.05 })];
  const BUSY = [stats("web/dev", 1, { cpu: 0.5, memBytes: 1n })];

  it("are a block for each sample, with the load so far, until Ctrl-C", async () => {
    const cli = await following(serving(CALM, BUSY), ["stats", "web/dev", "-w"]);
    await cli.said("stdout", /▁█\n$/);
    expect(await cli.stop()).toBe(130);
    const [first, second] = cli.stdout.split("\n\n");
    expect(first).toMatch(/^2026-11-22T14:02:31.000Z\nGROUP.*LOAD\nweb\/dev .*▁\n {2}:1 node-a .*▁ +near mem limit$/);
    expect(second).toMatch(/^2026-11-22T14:02:31.000Z\nGROUP.*LOAD\nweb\/dev .*▁█\n {2}:1 node-a .*▁█\n$/);
  });

  it("are drawn anew on a terminal", async () => {
    const cli = await following(serving(CALM, BUSY), ["stats", "web/dev", "-w", "--color", "never"], true);
    await cli.said("stdout", /▁█\n$/);
    expect(cli.stdout.split("\u001b[H\u001b[2J").map((screen) => screen.split("\n")[0])).toEqual([
      "",
      "14:02:31",
      "14:02:31",
    ]);
  });

  it("are a StatsList a line for programs", async () => {
    const cli = await following(serving(CALM, BUSY), ["stats", "-w", "-o", "jsonl"]);
    await cli.said("stdout", /\n.*\n/);
    const lists = cli.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lists).toMatchObject([
      { kind: "StatsList", items: [{ cpu: { used: 0.05 } }] },
      { kind: "StatsList", items: [{ cpu: { used: 0.5 } }] },
    ]);
  });

  it("go on with their load after a break, which is said", async () => {
    let calls = 0;
    const handlers: Handlers = {
      async *readStats() {
        calls += 1;
        yield { time, containers: calls === 1 ? CALM : BUSY, more: false };
        if (calls > 1) await new Promise(() => undefined);
        throw new Refusal({ code: status.UNAVAILABLE, reason: "SERVER_UNREACHABLE", message: "the server stops" });
      },
    };
    const cli = await following(handlers, ["stats", "-w"]);
    await cli.said("stdout", /▁█\n$/);
    expect(cli.stderr).toMatch(/^connection lost.*\nconnected again\n$/);
  });

  it("are top with what uses most processor first", async () => {
    const samples = [[API, ...WEB]];
    const cli = await following(serving(...samples), ["top"]);
    await cli.said("stdout", "api/dev");
    const names = cli.stdout
      .split("\n")
      .slice(2, -1)
      .map((line) => line.split(/ {2,}/).slice(0, 2).join(" ").trim());
    expect(names.map((name) => name.split(" ")[0])).toEqual(["web/dev", ":1", ":2", "api/dev", ":1"]);
  });
});
