// What is kept of containers that failed, with a real engine and a real etcd: read with etcdctl, and told by the CLI once the
// container itself is gone.

import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "../../clients/connect.js";
import { type GroupText, Stage } from "../proof/stage.js";
import { importBusyboxImage } from "../support/images.js";
import { ObservedGroup } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

/**
 * Says what it misses on both streams, with a byte that is no UTF-8, and ends with 3. The engine takes the streams in apart,
 * so it leaves it the time to keep their lines in order.
 */
const MISSES = `echo "starting"; sleep 0.5; printf 'key \\377 is missing\\n' >&2; sleep 0.5; echo "giving up"; exit 3`;
/** Takes more and more memory. */
const GREEDY = `echo "taking all of it"; exec tail /dev/zero`;
/** Says so much and rests, without ever listening. */
const DEAF = `echo "nobody listens here"; exec sleep 100000`;

type Kept = {
  readonly container: string;
  readonly slot: number;
  readonly config_revision: number;
  readonly reason: string;
  readonly exit_code?: number;
  readonly out_of_memory: boolean;
  readonly health: readonly string[];
  readonly lines: readonly { readonly at: string; readonly stream: string; readonly text: string }[];
};

let stage: Stage;
let server: RunningServer;
const image = `theseus-test-${randomBytes(4).toString("hex")}:1`;

beforeAll(async () => {
  stage = await Stage.setUp();
  stage.keepImage(image);
  await importBusyboxImage(stage.engine.socket, image, { entrypoint: ["/bin/sh", "-c"], command: [MISSES] });
  server = await stage.startServer();
}, 60_000);

afterAll(async () => {
  await stage?.strike();
}, 60_000);

function running(script: string, more: Partial<GroupText> = {}): GroupText {
  return { image, pull: "never", instances: 1, args: [script.replaceAll("$", "$$$$")], ...more };
}

/** Oldest first, as etcdctl shows it: other groups have other containers. */
async function kept(service: string): Promise<Kept[]> {
  const found = [...(await stage.store.under("/theseus/evidence/")).values()].map((text) => JSON.parse(text) as Kept);
  return found.filter(({ container }) => container.startsWith(`${service}.`));
}

async function untilKept(service: string): Promise<Kept> {
  return await until("evidence to be kept", async () => (await kept(service)).at(0), { withinMs: 30_000 });
}

describe("a container that ends by itself", () => {
  it("leaves its exit code and its last lines in the store, and the CLI prints them when it is gone", async () => {
    await stage.apply(server, { "shop/misses": running(MISSES) }, "--detach");
    const evidence = await untilKept("shop");
    expect(evidence).toMatchObject({
      ...{ slot: 1, config_revision: 1, reason: "CONTAINER_EXITED", exit_code: 3, out_of_memory: false },
      text: `${evidence.container} ended by itself with exit code 3`,
    });
    const texts = ["starting", "key \ufffd is missing", "giving up"];
    expect(evidence.lines.map(({ text }) => text)).toEqual(texts);
    expect(evidence.lines.map(({ stream }) => stream)).toEqual(["stdout", "stderr", "stdout"]);
    const group = new ObservedGroup(stage, "shop/misses");
    const isGone = async () => !(await group.containers()).some(({ name }) => name === evidence.container);
    await until("it to be removed", isGone);
    const all = ["logs", "shop/misses:1", "--previous", "--tail", "all"];
    const { stdout, stderr, code } = await server.theseus([...all, "-o", "jsonl"]);
    expect(code).toBe(0);
    const printed = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const own = printed.filter(({ container }) => container === evidence.container);
    expect(own.map(({ line }) => line)).toEqual(texts);
    expect(own[0]).toMatchObject({ t: evidence.lines[0]?.at, ref: "shop/misses", slot: 1, host: "local", rev: 1 });
    expect(stderr).toContain(`${evidence.container} ended by itself with exit code 3 [CONTAINER_EXITED]`);
  }, 60_000);

  it("is shown by describe with its last lines", async () => {
    const { stdout } = await server.theseus(["describe", "shop/misses"]);
    expect(stdout).toMatch(/last lines: {2}\d\d:\d\d:\d\d {2}starting\n +\d\d:\d\d:\d\d {2}key \ufffd is missing\n/);
    expect(stdout).toContain("theseus logs shop/misses:1 --previous");
  }, 60_000);

  it("is said to have been out of memory when it was", async () => {
    await stage.apply(server, { "greedy/dev": running(GREEDY, { mem: "16MiB" }) }, "--detach");
    // Of one container the engine may hear of it too late.
    const told = async () => (await kept("greedy")).find(({ out_of_memory }) => out_of_memory);
    const evidence = await until("evidence of it", told, { withinMs: 30_000 });
    expect(evidence).toMatchObject({
      exit_code: 137,
      text: `${evidence.container} was out of memory and was killed (exit code 137)`,
    });
    expect(evidence.lines.map(({ text }) => text)).toEqual(["taking all of it"]);
  }, 60_000);

  it("leaves no more than two of a slot and config revision, the newest", async () => {
    const group = new ObservedGroup(stage, "shop/misses");
    const third = async () => {
      const [slot] = Object.values(await group.slots());
      return slot !== undefined && slot.failures >= 4 ? slot : undefined;
    };
    await until("it to fail once more", third, { withinMs: 40_000 });
    const generations = (await kept("shop")).map(({ container }) => Number(/\.(\d+)-/.exec(container)?.[1]));
    expect(generations).toHaveLength(2);
    expect(Math.max(...generations)).toBeGreaterThanOrEqual(4);
  }, 60_000);
});

describe("a container that a rollout gives up on", () => {
  it("leaves what its probes were answered and its last lines, before it is stopped", async () => {
    const update = { min_healthy_time: "0s", healthy_deadline: "3s" };
    const listens = { image: stage.image, pull: "never", instances: 1, ports: { http: 8080 }, update };
    await stage.apply(server, { "deaf/dev": listens });
    const deaf = { ...running(DEAF), ports: { http: 8080 }, update };
    await stage.apply(server, { "deaf/dev": deaf }, "--detach");
    const evidence = await untilKept("deaf");
    expect(evidence).toMatchObject({ slot: 1, config_revision: 2, reason: "CONTAINER_UNHEALTHY" });
    expect(evidence.exit_code).toBeUndefined();
    expect(evidence.lines.map(({ text }) => text)).toEqual(["nobody listens here"]);
    expect(evidence.health.length).toBeGreaterThan(0);
    const group = new ObservedGroup(stage, "deaf/dev");
    const rollouts = await until("it to be rolled back", async () => {
      const found = await group.rollouts();
      return found.find(({ to, state }) => to === 2 && state === "rolled_back") && found;
    });
    expect(rollouts.find(({ to }) => to === 2)?.failure).toMatchObject({ container: evidence.container });
    const client = connect(server.listeners.grpc);
    const asked = client.theseus.getRollout({ group: group.ref, configRevision: 2n });
    const { rollout } = await asked.finally(() => client.close());
    expect(rollout?.failure?.lastLines).toEqual(["nobody listens here"]);
  }, 60_000);
});
