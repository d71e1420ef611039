// Namespaces: the same group in two of them runs side by side, and neither knows of the other.

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { badAnswers } from "../proof/observed-store.js";
import { Stage } from "../proof/stage.js";
import { ObservedGroup } from "../support/observed-group.js";
import type { RunningServer } from "../support/theseus.js";

const GROUP = "web/dev";

let stage: Stage;
let server: RunningServer;
let plain: ObservedGroup;
let blue: ObservedGroup;

beforeAll(async () => {
  stage = await Stage.setUp(undefined, "embedded");
  server = await stage.startServer();
  plain = new ObservedGroup(stage, GROUP);
  blue = new ObservedGroup(stage, GROUP, "blue");
}, 60_000);

afterAll(async () => {
  await stage?.strike();
}, 60_000);

const config = (instances: number) => ({
  [GROUP]: { image: stage.image, instances, ports: { http: 8080 }, stop: { grace: "1s" } },
});

async function discovered(...flags: string[]): Promise<string[]> {
  const found = await stage.theseus(server, "discover", "web", "-o", "host:port", ...flags);
  return found.trim().split("\n").sort();
}

async function addresses(group: ObservedGroup): Promise<string[]> {
  const infos = await group.infos();
  return infos.map((one) => `${one.instance_host}:${one.port_mappings?.["http"]?.external}`).sort();
}

describe("the same group in two namespaces", () => {
  it("is refused where there is no such namespace", async () => {
    const file = stage.apply(server, config(1), "-n", "blue");
    await expect(file).rejects.toThrow(/NO_SUCH_NAMESPACE/);
    expect((await stage.store.under("/namespaces/")).size).toBe(0);
  }, 60_000);

  it("runs side by side, each under keys of its own, and is found in its own namespace alone", async () => {
    await stage.theseus(server, "namespace", "create", "blue");
    await Promise.all([stage.apply(server, config(2)), stage.apply(server, config(1), "-n", "blue")]);
    const [here, there] = [await plain.ready(2), await blue.ready(1)];
    expect(new Set([...here, ...there].map(({ name }) => name)).size).toBe(3);
    const keys = [...(await stage.store.under("/namespaces/")).keys()];
    expect(keys.slice(0, 4)).toEqual(
      ["", "/services/web", "/services/web/dev", "/services/web/dev/config"].map((end) => `/namespaces/blue${end}`),
    );
    expect((await Promise.all([...(await plain.infos()), ...(await blue.infos())].map(badAnswers))).flat()).toEqual([]);
    expect(await discovered()).toEqual(await addresses(plain));
    expect(await discovered("-n", "blue")).toEqual(await addresses(blue));
  }, 60_000);

  it("keeps its namespace from being removed, and goes without the other noticing", async () => {
    const before = await plain.containers();
    const refused = await server.theseus(["namespace", "remove", "blue", "--yes"]);
    expect([refused.code === 0, refused.stderr]).toEqual([false, expect.stringContaining("NAMESPACE_NOT_EMPTY")]);
    await blue.ready(1);
    await stage.theseus(server, "remove", GROUP, "-n", "blue", "--yes");
    expect(await blue.containers()).toEqual([]);
    await stage.theseus(server, "namespace", "remove", "blue", "--yes");
    expect((await stage.store.under("/namespaces/")).size).toBe(0);
    expect(await plain.ready(2)).toEqual(before);
  }, 60_000);
});
