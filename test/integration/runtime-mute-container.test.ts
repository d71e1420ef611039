// One container of which the engine says nothing any more, as 20.10 may do after a health command has hung, while it
// answers for all others.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { EngineProxy } from "../support/engine-proxy.js";
import { type TestRuntime, testRuntime } from "../support/test-runtime.js";

let proxy: EngineProxy;
let test: TestRuntime;
let inspected: string[];

beforeAll(async () => {
  proxy = await EngineProxy.start();
  test = await testRuntime(proxy.socket, "172.17.0.1");
}, 60_000);

beforeEach(() => {
  inspected = [];
  proxy.ignores = () => false;
});

afterAll(async () => {
  proxy.ignores = () => false;
  await test.cleanUp();
  await proxy.close();
}, 60_000);

/** The engine never answers an inspection of it. */
function mute(id: string): void {
  proxy.ignores = ({ method, path }) => {
    const isMeant = method === "GET" && path.includes(`/containers/${id}/json`);
    if (isMeant) inspected.push(id);
    return isMeant;
  };
}

async function running(): Promise<string> {
  const { id } = await test.runtime.create(test.spec());
  await test.runtime.start(id);
  return id;
}

describe("a container for which the engine has no answer", () => {
  it("is listed as its row says, with all others", async () => {
    const [one, other] = [await running(), await running()];
    mute(one);
    const { ours } = await test.runtime.list();
    const states = Object.fromEntries(ours.map(({ id, status }) => [id, status]));
    expect(states).toMatchObject({ [one]: "running", [other]: "running" });
  }, 60_000);

  it("is not asked for again at once", async () => {
    const one = await running();
    mute(one);
    await test.runtime.list();
    await test.runtime.list();
    expect(inspected).toEqual([one]);
  }, 60_000);

  it("keeps what was seen of it before", async () => {
    const one = await running();
    const before = (await test.runtime.list()).ours.find(({ id }) => id === one);
    mute(one);
    const after = (await test.runtime.list()).ours.find(({ id }) => id === one);
    expect(after).toEqual(before);
  }, 60_000);
});

it("an engine that answers nothing is not listed", async () => {
  await running();
  proxy.ignores = ({ path }) => !path.includes("/containers/json");
  await expect(test.runtime.list()).rejects.toMatchObject({ reason: "HOST_UNREACHABLE" });
}, 60_000);
