// `theseus logs` against a real server and engine: what containers have written, as the engine has it and as they counted
// it themselves.

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Stage } from "../proof/stage.js";
import { engineRequest } from "../support/engine-api.js";
import { FollowingCli } from "../support/following-cli.js";
import { importBusyboxImage } from "../support/images.js";
import { ObservedGroup } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

/** Counts on stdout and stderr by turns, and says good-bye. */
const COUNT = `trap 'echo "bye $i"; exit 0' TERM
i=0
while :; do i=$((i+1)); echo "out $i"; i=$((i+1)); echo "err $i" >&2; sleep 0.02; done`;
/** Writes so much and rests. */
const BURST = `i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo "burst $i"; done; exec sleep 100000`;

type Printed = { t: string; ref: string; slot: number; container: string; rev: number; stream: string; line: string };

let stage: Stage;
let server: RunningServer;
const image = `theseus-test-${randomBytes(4).toString("hex")}:1`;

beforeAll(async () => {
  stage = await Stage.setUp(undefined, "embedded");
  stage.keepImage(image);
  await importBusyboxImage(stage.engine.socket, image, { entrypoint: ["/bin/sh", "-c"], command: [BURST] });
  server = await stage.startServer();
}, 60_000);

/** Ended also where a test fails: they would try again without end. */
const followers: FollowingCli[] = [];

afterAll(async () => {
  await Promise.all(followers.map((cli) => cli.stop()));
  await stage?.strike();
}, 60_000);

const group = (instances: number, script: string, env: Record<string, string> = {}) => ({
  ...{ image, pull: "never", instances, args: [script.replaceAll("$", "$$$$")], env },
  stop: { grace: "2s" },
});

async function logs(...args: string[]): Promise<{ printed: Printed[]; stderr: string; code: number | null }> {
  const { stdout, stderr, code } = await server.theseus(["logs", ...args, "-o", "jsonl"]);
  return { printed: linesOf(stdout), stderr, code };
}

const linesOf = (text: string) =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Printed);

/** The times of all lines that the engine has of these containers, as it writes them. */
async function timesOnEngine(ids: readonly string[]): Promise<string[]> {
  const bodies = ids.map((id) => `/containers/${id}/logs?stdout=1&stderr=1&timestamps=1`);
  const texts = await Promise.all(bodies.map((path) => engineRequest(stage.engine.socket, "GET", path)));
  return texts.flatMap(({ body }) => body.match(/\d{4}-\d\d-\d\dT[\d:.]+Z(?= )/g) ?? []);
}

describe("logs of what was written", () => {
  it("are those of all containers, in the order of their times, none lost and none twice", async () => {
    await stage.apply(server, { "shop/past": group(3, BURST) });
    const containers = await new ObservedGroup(stage, "shop/past").containers();
    const all = await until("everything to be written", async () => {
      const { printed } = await logs("shop/past", "--tail", "all");
      return printed.length === 300 ? printed : undefined;
    });
    const times = all.map(({ t }) => t);
    expect(times).toEqual([...times].sort());
    expect(times).toEqual((await timesOnEngine(containers.map(({ id }) => id))).sort());
    for (const slot of [1, 2, 3]) {
      const own = all.filter((one) => one.slot === slot).map(({ line }) => line);
      expect(own).toEqual(Array.from({ length: 100 }, (_, i) => `burst ${i + 1}`));
    }
    const last = await logs("shop/past", "--tail", "70");
    expect(last.printed).toEqual(all.slice(-70));
    expect(last.stderr).toContain("last 70 lines of 3 containers");
    const one = await logs("shop/past:2", "--tail", "all");
    expect(one.printed).toEqual(all.filter(({ slot }) => slot === 2));
    const some = await logs("shop", "--tail", "all", "--grep", "burst 9[0-9]$");
    expect(some.printed).toHaveLength(30);
  }, 60_000);

  it("can be cut out by time", async () => {
    const { printed: all } = await logs("shop/past", "--tail", "all");
    const middle = new Date(Date.parse(all[150]?.t ?? ""));
    const before = await logs("shop/past", "--until", middle.toISOString());
    const after = await logs("shop/past", "--since", middle.toISOString());
    expect([...before.printed, ...after.printed]).toEqual(all);
  }, 60_000);

  it("of a group that is not there are exit 4", async () => {
    const { code, stderr } = await logs("shop/nobody");
    expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringContaining("NO_SUCH_GROUP") });
  });

  it.each([
    [["--tail", "some"]],
    [["--tail", "100001"]],
    [["-f", "--timeout", "5s"]],
    [["--since", "yesterday"]],
    [["--grep", "("]],
    [["-f", "--until", "1m"]],
    [["--timestamps", "no"]],
  ])("asked for as %j are exit 2, and nothing is sent", async (flags) => {
    expect((await server.theseus(["logs", "shop/past", ...flags])).code).toBe(2);
  });
});

describe("logs that are followed", () => {
  it("have every line of every container while all are replaced and then taken away", async () => {
    const reference = "shop/live";
    await stage.apply(server, { [reference]: group(3, COUNT) });
    const cli = new FollowingCli(["logs", reference, "-f", "--tail", "all", "-o", "jsonl"], {
      server: server.listeners.grpc,
    });
    followers.push(cli);
    await cli.said("stdout", '"slot":3');
    await stage.apply(server, { [reference]: group(3, COUNT, { VERSION: "2" }) });
    const containers = await new ObservedGroup(stage, reference).containers();
    await until("the new ones to be heard", () => containers.every(({ name }) => cli.stdout.includes(name)));
    await stage.theseus(server, "scale", reference, "0", "--yes");
    await until("all to have said good-bye", () => (cli.stdout.match(/"line":"bye /g) ?? []).length === 6);
    expect(await cli.stop()).toBe(130);
    const printed = linesOf(cli.stdout);
    for (const name of new Set(printed.map(({ container }) => container))) {
      const counted = printed
        .filter(({ container }) => container === name)
        .map(({ line }) => Number(line.split(" ")[1]));
      const written = counted.slice(0, -1).sort((a, b) => a - b);
      expect({ name, written }).toEqual({ name, written: Array.from({ length: written.length }, (_, i) => i + 1) });
      // It may have been told to end between counting and writing.
      expect([written.length, written.length + 1]).toContain(counted.at(-1));
    }
    expect(new Set(printed.map(({ container }) => container)).size).toBe(6);
    expect(cli.stderr).toContain(`-- ${reference}:1 rev 2 on local --`);
    expect(cli.stderr).toContain(`-- ${reference}:1 rev 1 on local is gone --`);
  }, 90_000);

  it("begin with the last lines, say so, and have every line once through a restart of the server", async () => {
    const reference = "shop/through";
    await stage.apply(server, { [reference]: group(2, COUNT) });
    const { grpc } = server.listeners;
    const whole = new FollowingCli(["logs", reference, "-f", "--tail", "all", "-o", "jsonl"], { server: grpc });
    await whole.said("stdout", '"slot":2');
    const recent = new FollowingCli(["logs", reference, "-f", "--tail", "3", "-o", "jsonl"], {
      ...{ server: grpc, env: { THESEUS_TIMEOUT: "1ms" } },
    });
    followers.push(whole, recent);
    await recent.said("stderr", "last 3 lines of 2 containers; --tail all for everything");
    await recent.said("stdout", /(?:.*\n){10}/);
    await server.child.stop();
    await whole.said("stderr", "connection lost");
    server = await stage.startServer({ flags: ["--listen", grpc] });
    const back = linesOf(whole.stdout).length;
    for (const cli of [whole, recent]) {
      await cli.said("stderr", "connected again");
      await until("lines of after the restart", () => linesOf(cli.stdout).length > back + 50);
      expect(await cli.stop()).toBe(130);
      checkCounted(linesOf(cli.stdout));
    }
    // Both are written in one moment, one to each stream: the engine says which came first.
    expect(["out 1", "err 2"]).toContain(linesOf(whole.stdout)[0]?.line);
  }, 90_000);
});

/** What a container writes to one stream comes in its order, without a gap, and without a number twice. */
function checkCounted(printed: readonly Printed[]): void {
  for (const slot of [1, 2]) {
    for (const stream of ["out", "err"]) {
      const own = printed.filter((one) => one.slot === slot && one.line.startsWith(`${stream} `));
      const counted = own.map(({ line }) => Number(line.split(" ")[1]));
      const first = counted[0] ?? 0;
      expect({ slot, stream, counted }).toEqual({ slot, stream, counted: counted.map((_, i) => first + 2 * i) });
      expect(counted.length).toBeGreaterThan(0);
    }
  }
}
