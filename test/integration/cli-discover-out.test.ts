// discover --watch --out against a server that says what it is told to say: what is written when, and what is acknowledged.

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { AcknowledgeRequest, Endpoint } from "../../clients/gen/theseus/v1/discovery_service.js";
import { endpointOf } from "../support/fake-groups.js";
import { type FakeTheseus, startFakeTheseus } from "../support/fake-theseus.js";
import { FollowingCli } from "../support/following-cli.js";
import { ScriptedWatch } from "../support/scripted-watch.js";
import { until } from "../support/until.js";

let folder: string;
let server: FakeTheseus;
let watch: ScriptedWatch;
const started: FollowingCli[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "theseus-out-"));
  watch = new ScriptedWatch();
  server = await startFakeTheseus(watch.handlers);
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((cli) => cli.stop()));
  server.close();
  await rm(folder, { recursive: true });
});

const endpoints = (...slots: readonly number[]): Endpoint[] =>
  slots.map((slot) => ({ ...endpointOf("web/dev", slot), weight: 100 }));
const file = () => readFile(join(folder, "web"), "utf8").catch(() => undefined);
const lines = (...slots: readonly number[]) => slots.map((slot) => `172.17.0.1:${20_000 + slot}\n`).join("");
const acknowledged = () =>
  server.calls
    .filter(({ name }) => name === "acknowledge")
    .map(({ request }) => (request as AcknowledgeRequest).cursor);
const has = (...slots: readonly number[]) =>
  until(`the file to have ${slots}`, async () => (await file()) === lines(...slots));
const took = (revision: bigint) => until(`c${revision}`, () => acknowledged().includes(`c${revision}`));

function keep(...flags: readonly string[]): FollowingCli {
  const argv = ["discover", "web", "-p", "http", "-o", "host:port", "--watch", "--out", "web", ...flags];
  const cli = new FollowingCli(argv, { server: server.address, cwd: folder });
  started.push(cli);
  return cli;
}

describe("a kept file of endpoints", () => {
  it("follows every change, and each is acknowledged", async () => {
    const cli = keep();
    await took(watch.tell(endpoints(1)));
    expect(await file()).toBe(lines(1));
    await took(watch.tell(endpoints(1, 2)));
    expect(await file()).toBe(lines(1, 2));
    expect(cli.stderr).toContain("/web: written, 2 ready, revision 2\n");
    expect(cli.stdout).toBe("");
    const [asked] = server.calls.filter(({ name }) => name === "watch");
    expect(asked?.request).toMatchObject({ acknowledges: true, watcherId: expect.stringMatching(/:\/.*\/web$/) });
  });

  it("ends with Ctrl-C and SIGTERM, and stays", async () => {
    const cli = keep();
    await took(watch.tell(endpoints(1)));
    expect(await cli.stop(130)).toBe(130);
    const again = keep();
    await again.said("stderr", "written");
    expect(await again.stop(143)).toBe(143);
    expect(again.stderr).not.toContain("error");
    expect(await readdir(folder)).toEqual(["web"]);
    expect(await file()).toBe(lines(1));
  });

  it("is never replaced by nothing, nor by fewer than --min", async () => {
    const cli = keep("--min", "2");
    await took(watch.tell(endpoints(1, 2)));
    const poor = watch.tell(endpoints(1));
    await cli.said("stderr", "left as it is: 1 of at least 2 are ready for web");
    watch.tell([], { groups: 0 });
    await cli.said("stderr", "left as it is: there is no service web");
    expect(await file()).toBe(lines(1, 2));
    await took(watch.tell(endpoints(2, 3)));
    expect(await file()).toBe(lines(2, 3));
    expect(acknowledged()).not.toContain(`c${poor}`);
  });

  it("is never replaced by nothing, also with --min 0; where there is none, nothing is written", async () => {
    const cli = keep("--min", "0");
    await took(watch.tell([], { containers: 1 }));
    expect(await file()).toBe("");
    await took(watch.tell(endpoints(1)));
    watch.tell([], { containers: 1 });
    await cli.said("stderr", "left as it is: nothing is ready for web: 1 group matches, with 1 container");
    expect(await file()).toBe(lines(1));
  });

  it("keeps the last good one while the check refuses, and tries again", async () => {
    const cli = keep("--check", "grep -q 20001 {} && test -s $FILE && test ! -e bad");
    await took(watch.tell(endpoints(1)));
    const refused = watch.tell(endpoints(2));
    await cli.said("stderr", "left as it is, --check refuses the new one: exit 1");
    expect(await file()).toBe(lines(1));
    await writeFile(join(folder, "bad"), "");
    const same = watch.tell(endpoints(1, 2));
    await until("two refusals", () => cli.stderr.split("refuses").length > 2);
    expect(acknowledged()).not.toContain(`c${refused}`);
    expect(await file()).toBe(lines(1));
    await rm(join(folder, "bad"));
    await has(1, 2);
    await took(same);
    expect((await readdir(folder)).sort()).toEqual(["web"]);
  });

  it("acknowledges only after --then has ended with 0, which is run again until then", async () => {
    const cli = keep("--then", 'echo "$THESEUS_INITIAL $(wc -l <$FILE)" >>runs; echo said; test -e ready || exit 7');
    const first = watch.tell(endpoints(1));
    await cli.said("stderr", "--then failed, and will be run again: exit 7, attempt 2");
    expect(await file()).toBe(lines(1));
    expect(acknowledged()).toEqual([]);
    await writeFile(join(folder, "ready"), "");
    await took(first);
    await took(watch.tell(endpoints(1, 2)));
    const runs = (await readFile(join(folder, "runs"), "utf8")).trim().split("\n");
    expect(new Set(runs.slice(0, -1))).toEqual(new Set(["true 1"]));
    expect(runs.at(-1)).toBe("false 2");
    expect(cli.stderr).toContain("said\n");
    expect(cli.stdout).toBe("");
  });

  it("runs --then again for what stands in the file, also when what came after is not worth it", async () => {
    const cli = keep("--then", "test -e ready && echo $THESEUS_REVISION >>runs", "--check", "grep -q 20001 $FILE");
    watch.tell(endpoints(1));
    await cli.said("stderr", "--then failed");
    watch.tell([]);
    await cli.said("stderr", "left as it is: nothing is ready");
    const refused = watch.tell(endpoints(2));
    await cli.said("stderr", "--check refuses");
    await writeFile(join(folder, "ready"), "");
    await until("--then", async () => (await readdir(folder)).includes("runs"));
    expect(await readFile(join(folder, "runs"), "utf8")).toBe("1\n");
    expect(await file()).toBe(lines(1));
    expect(acknowledged()).not.toContain(`c${refused}`);
  });

  it("runs --then once for each content: not for what is as it was, and for the newest of many", async () => {
    keep("--then", "echo run >>runs; while test -e slow; do sleep 0.01; done", "--settle", "20ms");
    await took(watch.tell(endpoints(1)));
    await took(watch.tell(endpoints(1)));
    await writeFile(join(folder, "slow"), "");
    watch.tell(endpoints(1, 2));
    await has(1, 2);
    for (const slot of [3, 4, 5]) watch.tell(endpoints(1, slot));
    const last = watch.tell(endpoints(1, 6));
    await rm(join(folder, "slow"));
    await took(last);
    expect(await file()).toBe(lines(1, 6));
    expect(await readFile(join(folder, "runs"), "utf8")).toBe("run\n".repeat(3));
  });

  it("ends a command that is running when it is ended itself", async () => {
    const cli = keep("--then", "echo $$ >pid; sleep 600");
    watch.tell(endpoints(1));
    await until("the command", async () => (await readdir(folder)).includes("pid"));
    expect(await cli.stop(143)).toBe(143);
    const pid = Number(await readFile(join(folder, "pid"), "utf8"));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(acknowledged()).toEqual([]);
  });

  it("stays over the loss of the server, which is said once, and goes on with it", async () => {
    const cli = keep();
    await took(watch.tell(endpoints(1)));
    server.close();
    await cli.said("stderr", "connection lost, trying again");
    expect(await file()).toBe(lines(1));
    watch.tell(endpoints(2));
    server = await startFakeTheseus(watch.handlers, Number(server.address.split(":")[1]));
    await has(2);
    await cli.said("stderr", "connected again");
    expect(cli.stderr.split("connection lost")).toHaveLength(2);
    expect(server.calls.find(({ name }) => name === "watch")?.request).toMatchObject({ cursor: "c1" });
  });
});

describe("flags that do not go together", () => {
  it.each([
    [["--out", "x"], "--out goes with --watch"],
    [["--watch", "--then", "true"], "--check and --then go with --out"],
    [["--watch", "--one"], "--one is for one answer"],
    [["--watch", "--settle", "soon"], "is not a time to settle"],
    [["--watch", "--timeout", "5s"], "--timeout is not for it"],
    [["--watch", "--out", "no/such"], "there is no folder"],
    [["--min", "some"], "is not a number of endpoints"],
    [["--backend", "x"], "--backend goes with -o haproxy"],
    [["-o", "nginx", "--upstream", "a b"], "is no name that nginx takes"],
  ])("%j is a mistake", async (flags, said) => {
    const cli = new FollowingCli(["discover", "web", ...flags], { server: server.address, cwd: folder });
    expect(await cli.ended).toBe(2);
    expect(cli.stderr).toContain(said);
    expect(server.calls).toEqual([]);
  });
});
