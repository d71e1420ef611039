import { describe, expect, it } from "@jest/globals";
import type { Connection } from "../../../clients/connect.js";
import { GetServerStatusResponse } from "../../../clients/gen/theseus/v1/theseus_service.js";
import { Keeper, type KeeperParts } from "../../../clients/viewer/gateway/keeper.js";
import { createMemory } from "../../../clients/viewer/gateway/memory.js";
import { TruthKeeper } from "../../../clients/viewer/gateway/truth-keeper.js";

const status = (problems: readonly string[]) =>
  GetServerStatusResponse.fromPartial({ storeReachable: true, serverId: "ab", revision: 7n, problems: [...problems] });

const NO_HOSTS = { hosts: [], nextPageToken: "", revision: 7n };

/** A server whose answers the test gives: its lists come when `read` is called. */
function scene(statuses: readonly GetServerStatusResponse[], listHosts = async () => NO_HOSTS) {
  const stop = new AbortController();
  const truth = new TruthKeeper(() => 1_000);
  const told: string[] = [];
  let asked = 0;
  let read = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    read = resolve;
  });
  const reads: AbortSignal[] = [];
  const readGroups = (signal: AbortSignal) => {
    reads.push(signal);
    return held;
  };
  async function* nothing() {
    yield { revision: 7n, cursor: "c", more: false };
    await new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  }
  const connection = {
    theseus: {
      getServerStatus: async () => statuses[Math.min(asked++, statuses.length - 1)],
      listHosts,
      listNamespaces: async () => ({ namespaces: [], nextPageToken: "", revision: 7n }),
      readEvents: nothing,
    },
    discovery: { watch: nothing },
  } as unknown as Connection;
  const { fleet, blindness } = createMemory();
  const reader = { run: async () => undefined, relist: readGroups, touch: () => undefined };
  const keeper = new Keeper({
    ...{ connection, fleet, truth, blindness, reader: () => reader as unknown as ReturnType<KeeperParts["reader"]> },
    truthChanged: () => told.push([truth.truth.state, ...truth.truth.problems].join(": ")),
    ...{ reached: () => undefined, failed: () => told.push("failed"), swept: () => undefined },
  });
  const running = keeper.run(stop.signal);
  const end = () => {
    stop.abort();
    return running;
  };
  return { keeper, read, reads, told, end };
}

describe("what is said to the page", () => {
  it("is that all is being read, and when it was read what the server says then and not what it said before", async () => {
    const unread = "the store has not been read yet: nothing can be looked up";
    const { keeper, read, told, end } = scene([status([unread]), status([])]);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(told).toEqual([`reading: ${unread}`]);
    read();
    await keeper.known;
    expect(told).toEqual([`reading: ${unread}`, "ok"]);
    await end();
  });

  it("leaves nothing under way at a server that cannot tell it all", async () => {
    const cannot = () => Promise.reject(new Error("the store is not read yet"));
    const { keeper, reads, told, end } = scene([status([])], cannot);
    await keeper.known;
    expect(reads.map(({ aborted }) => aborted)).toEqual([true]);
    expect(told).toEqual(["reading"]);
    await end();
  });
});
