// A plan, and what becomes of it when the world changes before it is applied: told, with nothing of it done. What runs is
// read from the engine and the store alone.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Connection, connect } from "../../clients/connect.js";
import { Stage } from "../proof/stage.js";
import type { Ended } from "../support/child.js";
import { EngineProxy } from "../support/engine-proxy.js";
import { importBusyboxImage } from "../support/images.js";
import { ObservedGroup, slotOf } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";
import { until } from "../support/until.js";

const PORTS = { http: { container: 8080 } };
const QUICK = { min_healthy_time: "0s" };

let stage: Stage;
let proxy: EngineProxy;
let server: RunningServer;
let client: Connection;
let folder: string;
let group: ObservedGroup;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "theseus-plan-"));
  stage = await Stage.setUp();
  proxy = await EngineProxy.start();
  server = await stage.startServer({ dockerSocket: proxy.socket });
  client = connect(server.listeners.grpc);
  await until("a leader", async () => (await client.theseus.getServerStatus({})).leaderId !== "");
  group = new ObservedGroup(stage, "web/plan");
  await applied({});
}, 60_000);

afterAll(async () => {
  client?.close();
  await stage?.strike();
  await proxy?.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** The group with two containers, and whatever is different. */
async function fileWith(more: object, reference = "web/plan"): Promise<string> {
  const file = join(folder, "shop.yaml");
  const config = { image: stage.image, instances: 2, ports: PORTS, update: QUICK, ...more };
  await writeFile(file, JSON.stringify({ version: 1, groups: { [reference]: config } }));
  return file;
}

async function applied(more: object): Promise<void> {
  await stage.theseus(server, "apply", "-f", await fileWith(more));
}

/** The plan as it is printed, and the command in it without the program's name. */
async function planned(more: object, reference = "web/plan") {
  const text = await stage.theseus(server, "plan", "-f", await fileWith(more, reference));
  const [, command = ""] = /^run exactly this: {3}theseus (.*)$/m.exec(text) ?? [];
  return { text, command: command.split(" ") };
}

/** What runs, and from which config: nothing of a refused change may be seen there. */
async function standing(): Promise<readonly string[]> {
  const { group: told } = await client.discovery.getGroup({ group: group.ref });
  const ids = (await group.ready(2)).map(({ id }) => id);
  return [String(told?.configRevision), told?.config?.image ?? "", ...ids];
}

async function refused(command: readonly string[]): Promise<Ended> {
  const before = await standing();
  const end = await server.theseus(command);
  expect(end).toMatchObject({ code: 5, stderr: expect.stringContaining("[CONFLICT]") });
  expect(end.stderr).toContain("nothing of yours was changed");
  expect(end.stderr).toContain(`theseus plan -f ${join(folder, "shop.yaml")}`);
  expect(await standing()).toEqual(before);
  return end;
}

/** An image of its own under a tag of its own. @returns its id. */
async function imported(name: string, version: string): Promise<{ readonly tag: string; readonly id: string }> {
  const tag = stage.image.replace(/:1$/, `:${name}`);
  const id = await importBusyboxImage(stage.engine.socket, tag, { version });
  // By its id too: the tag may be given to another one.
  for (const name of [tag, id]) stage.keepImage(name);
  return { tag, id };
}

describe("a plan", () => {
  it("is applied exactly so when nothing has changed, with the image that it showed", async () => {
    const { tag, id } = await imported("two", "2");
    const { text, command } = await planned({ image: tag });
    expect(text).toContain(`${id.slice(0, "sha256:".length + 12)}…)`);
    expect(text).toContain("effect   2 containers replaced in 2 batches, never fewer than 2 ready");
    expect(text).toContain("order    start-first");
    const end = await server.theseus(command);
    expect([end.code, end.stderr]).toEqual([0, expect.stringContaining("rev 1 -> 2")]);
    const { group: told } = await client.discovery.getGroup({ group: group.ref });
    expect(told).toMatchObject({ configRevision: 2n, pinnedImage: id });
    expect((await group.ready(2)).map(slotOf)).toEqual([1, 2]);
  }, 60_000);

  it("of a new group creates it with the image that it showed", async () => {
    const { tag, id } = await imported("fresh", "5");
    const { text, command } = await planned({ image: tag, instances: 1 }, "web/fresh");
    expect(text).toContain("effect   1 new container\n    place    :1 local\n");
    expect(await server.theseus([...command, "--detach"])).toMatchObject({ code: 0 });
    const fresh = new ObservedGroup(stage, "web/fresh");
    const { group: told } = await client.discovery.getGroup({ group: fresh.ref });
    expect(told).toMatchObject({ configRevision: 1n, pinnedImage: id });
    await fresh.ready(1);
    expect(await server.theseus(command)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("web/fresh was not there then: it is at rev 1, created by"),
    });
  }, 60_000);

  it("says why start-first is impossible", async () => {
    const ports = { http: { container: 8080, host: 18443 } };
    const { text } = await planned({ ports, instances: 1 });
    expect(text).toContain("order    stop-first; start-first is impossible on this host: fixed port 18443 (http)");
  });

  it("of an image that does not exist is exit 6, and nothing is stopped for it", async () => {
    const file = await fileWith({ image: "theseus-no-such-image:1", pull: "never" });
    const { code, stdout } = await server.theseus(["plan", "-f", file]);
    expect([code, stdout]).toEqual([6, expect.stringMatching(/:1 :2 do not fit\n +local +image .* is not on local/)]);
  });

  it("is not changed by its own --dry-run, and only what is a token counts as one", async () => {
    const { command } = await planned({ env: { A: "1" } });
    expect(await server.theseus([...command, "--dry-run"])).toMatchObject({ code: 0 });
    const { code, stderr } = await server.theseus([...command.slice(0, -1), "48812-7c1e"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("at_token: it is no token of a plan")]);
  });
});

describe("a plan that does not hold any more", () => {
  it("names who has changed the group meanwhile, and what", async () => {
    const { command } = await planned({ env: { A: "1" } });
    const change = { actor: "ben@elsewhere", command: "", message: "for the sale" };
    const config = { instances: 2, weight: 50 };
    await client.theseus.updateGroup({ group: group.ref, config, updateMask: ["weight"], change });
    const { stderr } = await refused(command);
    expect(stderr).toMatch(/web\/plan is at rev \d+, and was at rev \d+\n/);
    expect(stderr).toMatch(/changed by ben@elsewhere at .*, "for the sale": weight unset -> 50/);
  }, 60_000);

  it("names the image whose tag has moved, and from what to what", async () => {
    const { tag, id } = await imported("moving", "3");
    const { command } = await planned({ image: tag });
    const { id: other } = await imported("moving", "4");
    const { stderr } = await refused(command);
    const [was, is] = [id, other].map((text) => `${text.slice(0, "sha256:".length + 8)}…`);
    expect(stderr).toContain(`image ${tag} of web/plan was ${was} then, and is ${is} now: the tag has moved`);
  }, 60_000);

  it("says that the files were edited", async () => {
    const { command } = await planned({ env: { A: "1" } });
    await fileWith({ env: { A: "2" } });
    expect((await refused(command)).stderr).toContain("something else is asked of web/plan than then");
  });

  // The last one: the engine does not come back.
  it("names the host that is lost", async () => {
    const { command } = await planned({ env: { A: "1" } });
    await proxy.close();
    await until("the host to be told as lost", async () => {
      const { hosts } = await client.theseus.listHosts({});
      return hosts.some(({ problem }) => problem !== "");
    });
    const end = await server.theseus(command);
    expect(end).toMatchObject({ code: 5, stderr: expect.stringContaining("[CONFLICT]") });
    expect(end.stderr).toMatch(/host local is lost: /);
    expect(end.stderr).toMatch(/slot 1 fits nowhere: local: /);
    const { group: told } = await client.discovery.getGroup({ group: group.ref });
    expect(told?.config?.env).toEqual({});
  }, 60_000);
});
