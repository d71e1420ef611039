// `theseus logs` where people find out what it is worth: nothing to read, far too long lines, no line end, pipes that are
// closed, Ctrl-C; against a real server and engine, as a process of its own.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Stage } from "../proof/stage.js";
import { Child } from "../support/child.js";
import { engineRequest } from "../support/engine-api.js";
import { FollowingCli } from "../support/following-cli.js";
import { importBusyboxImage } from "../support/images.js";
import { ObservedGroup } from "../support/observed-group.js";
import { BIN, type RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const MIB = 1024 * 1024;
const REST = "exec sleep 100000";
const SCRIPTS = {
  "edge/silent": REST,
  "edge/many": `i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo "line $i of many that a pipe does not hold at once"; done; ${REST}`,
  // So much without a line end comes as a piece.
  "edge/open": `echo first; printf 'no \\377\\000 text\\n'; head -c 20000 /dev/zero | tr '\\0' z; ${REST}`,
  "edge/long": `echo before; head -c ${MIB} /dev/zero | tr '\\0' x; echo; head -c ${MIB + 10} /dev/zero | tr '\\0' y; echo; echo after; ${REST}`,
  "edge/slow": `i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.05; done`,
} as const;

let stage: Stage;
let server: RunningServer;
const image = `theseus-test-${randomBytes(4).toString("hex")}:1`;
const followers: FollowingCli[] = [];

beforeAll(async () => {
  stage = await Stage.setUp(undefined, "embedded");
  stage.keepImage(image);
  await importBusyboxImage(stage.engine.socket, image, { entrypoint: ["/bin/sh", "-c"], command: [REST] });
  server = await stage.startServer();
  const groups = Object.entries(SCRIPTS).map(([name, script]) => {
    const args = [script.replaceAll("$", "$$$$")];
    return [name, { image, pull: "never", instances: 1, args, init: false, stop: { grace: "0s" } }] as const;
  });
  await stage.apply(server, Object.fromEntries(groups));
}, 90_000);

afterAll(async () => {
  await Promise.all(followers.map((cli) => cli.stop()));
  await stage?.strike();
}, 60_000);

function follow(...args: string[]): FollowingCli {
  const cli = new FollowingCli(["logs", ...args, "-f"], { server: server.listeners.grpc });
  followers.push(cli);
  return cli;
}

/** With the lines as they are, without times and names. */
const bare = ["--timestamps", "none", "--no-prefix"];

async function linesOf(...args: string[]): Promise<string[]> {
  const { stdout, code } = await server.theseus(["logs", ...args, ...bare]);
  expect(code).toBe(0);
  return stdout.split("\n").slice(0, -1);
}

/** What a shell makes of it: its output, what is on stderr, and the exit codes of all parts of the pipe. */
function inShell(script: string): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, THESEUS_SERVER: server.listeners.grpc };
  return new Promise((resolve, reject) => {
    execFile("/bin/bash", ["-c", script], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(error);
    });
  });
}

const program = `${process.execPath} ${BIN} logs`;

describe("logs with nothing in them", () => {
  it("are nothing, and no failure", async () => {
    expect(await linesOf("edge/silent", "--tail", "all")).toEqual([]);
    expect(await linesOf("edge/slow", "--tail", "0")).toEqual([]);
    expect(await linesOf("edge/many", "--since", "2100-01-01T00:00:00Z")).toEqual([]);
  });

  it("say so where there is no container that could have written any", async () => {
    const { stdout, stderr, code } = await server.theseus(["logs", "edge/silent:7"]);
    expect({ stdout, code }).toEqual({ stdout: "", code: 0 });
    expect(stderr).toContain("no container of that name is there");
  });

  it("go on from the next line where no earlier one is wanted", async () => {
    const cli = follow("edge/slow", "--tail", "0", ...bare);
    await cli.said("stdout", /tick \d+\ntick \d+\n/);
    expect(await cli.stop()).toBe(130);
    const ticks = cli.stdout.match(/\d+/g)?.map(Number) ?? [];
    expect(ticks).toEqual(Array.from(ticks, (_, i) => (ticks[0] ?? 0) + i));
    expect(ticks[0]).toBeGreaterThan(1);
  }, 30_000);

  it("wait for the time that was asked for, also when it is to come", async () => {
    const cli = follow("edge/slow", "--since", "2100-01-01T00:00:00Z", ...bare);
    const [one] = await new ObservedGroup(stage, "edge/slow").containers();
    const path = `/containers/${one?.id}/logs?stdout=1&tail=1`;
    const last = async () =>
      Number(/(\d+)\s*$/.exec((await engineRequest(stage.engine.socket, "GET", path)).body)?.[1]);
    const now = await last();
    await until("more to be written", async () => (await last()) > now + 20);
    expect(await cli.stop()).toBe(130);
    expect(cli.stdout).toBe("");
  }, 30_000);
});

describe("lines", () => {
  it("that have no end yet are shown, and bytes that are no text", async () => {
    const expected = ["first", "no \ufffd\0 text", "z".repeat(16 * 1024)];
    await until("all three lines", async () => (await linesOf("edge/open")).length === 3);
    expect(await linesOf("edge/open")).toEqual(expected);
    expect(await linesOf("edge/open", "--tail", "1")).toEqual(expected.slice(2));
    expect(await linesOf("edge/open", "--since", "1h")).toEqual(expected);
    const cli = follow("edge/open", ...bare);
    await cli.said("stdout", "text\n");
    expect(await cli.stop()).toBe(130);
    // It is told once its end is there.
    expect(cli.stdout).toBe(`${expected.slice(0, 2).join("\n")}\n`);
  }, 60_000);

  it("of a mebibyte are whole, longer ones are divided there", async () => {
    const wanted = ["before", "x".repeat(MIB), "y".repeat(MIB), "y".repeat(10), "after"];
    const seen = async (...args: string[]) => {
      const cli = new FollowingCli(["logs", "edge/long", ...args, ...bare], { server: server.listeners.grpc });
      expect(await cli.ended).toBe(0);
      return cli.stdout.split("\n").slice(0, -1);
    };
    const brief = (lines: readonly string[]) => lines.map((line) => `${line.slice(0, 6)} ${line.length}`);
    await until("all to be written", async () => (await seen("--tail", "all")).includes("after"));
    expect(brief(await seen("--tail", "all"))).toEqual(brief(wanted));
    expect(brief(await seen("--tail", "4"))).toEqual(brief(wanted.slice(1)));
    const cli = follow("edge/long", "--tail", "all", ...bare);
    await cli.said("stdout", "after\n");
    expect(await cli.stop()).toBe(130);
    expect(cli.stdout === `${wanted.join("\n")}\n`).toBe(true);
  }, 60_000);
});

describe("who reads logs", () => {
  it("may close the pipe", async () => {
    for (const flags of ["--tail all", "-f --tail all"]) {
      const { stdout, stderr } = await inShell(
        `${program} edge/many ${[flags, ...bare].join(" ")} | head -1; echo "\${PIPESTATUS[@]}"`,
      );
      expect({ flags, stdout }).toEqual({ flags, stdout: "line 1 of many that a pipe does not hold at once\n0 0\n" });
      expect(stderr.replace(/^last \d+ lines.*\n/, "")).toBe("");
    }
  }, 60_000);

  it("may be slow, and misses nothing", async () => {
    const { stdout } = await inShell(
      `${program} edge/many --tail all ${bare.join(" ")} | (sleep 1; cat) | awk '{ print $2 }' | uniq | wc -l`,
    );
    expect(Number(stdout)).toBe(20_000);
  }, 60_000);

  it("ends with Ctrl-C, which is exit 130", async () => {
    const env = { THESEUS_SERVER: server.listeners.grpc };
    const child = new Child("/bin/bash", ["-c", `exec ${program} edge/slow -f`], { env });
    try {
      await until("lines", () => child.stdout.includes("tick"));
      process.kill(child.pid ?? 0, "SIGINT");
      expect(await child.ended).toBe(130);
      expect(child.stderr).not.toContain("error");
    } finally {
      await child.kill9();
    }
  }, 30_000);

  it("goes on with the others when one is taken away by hand", async () => {
    await stage.apply(server, {
      "edge/two": {
        image,
        pull: "never",
        instances: 2,
        args: [SCRIPTS["edge/slow"].replaceAll("$", "$$$$")],
        init: false,
      },
    });
    const cli = follow("edge/two", "--tail", "all", "-o", "jsonl");
    await cli.said("stdout", '"slot":2');
    const [first] = await new ObservedGroup(stage, "edge/two").containers();
    await stage.engine.remove(first?.id ?? "");
    await cli.said("stderr", "-- edge/two:1 rev 1 on local is gone --");
    const before = cli.stdout.length;
    await until("the other to be heard", () => cli.stdout.slice(before).includes('"slot":2'));
    expect(await cli.stop()).toBe(130);
  }, 60_000);
});
