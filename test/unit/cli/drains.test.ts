import { describe, expect, it } from "@jest/globals";
import { drainObject, drainText } from "../../../clients/cli/output/drains.js";
import { drainLines } from "../../../clients/cli/wait/drains.js";
import { Container, type Drain } from "../../../clients/gen/theseus/v1/container.js";

const PROXY = { watcherId: "proxy", peer: "10.0.0.9:4000", connected: true };
const UNTIL = new Date("2026-01-01T14:03:11.500Z");

function leaving(slot: number, servers: Drain["servers"], phase = "draining"): Container {
  const drain = { askedTime: new Date("2026-01-01T14:03:01.500Z"), deadlineTime: UNTIL, servers };
  return Container.fromPartial({ slot, name: `web.dev.${slot}`, phase, drain });
}

describe("a container that leaves", () => {
  it("is told with each watcher that has not acknowledged that, and each server that is silent", () => {
    const gone = { watcherId: "", peer: "10.0.0.7:1", connected: false };
    const open = leaving(1, [
      { serverId: "s1", watchers: [PROXY, gone] },
      { serverId: "s2", watchers: [] },
    ]);
    expect(drainText(open)).toBe(
      "leaves, and waits until 14:03:11Z to be acknowledged by watcher proxy on 10.0.0.9:4000, " +
        "a watcher without a name on 10.0.0.7:1, whose connection is broken (at server s1); " +
        "server s2, which has not said anything",
    );
  });

  it("is told with those that were not waited for any longer, once it is stopped", () => {
    const late = leaving(1, [{ serverId: "s1", watchers: [PROXY] }], "stopping");
    expect(drainText(late)).toContain(
      "is stopped although not everybody has acknowledged that it leaves: watcher proxy",
    );
  });

  it("waits for nobody where all have answered, or nobody was asked", () => {
    expect(drainText(leaving(1, []))).toBeUndefined();
    expect(drainText(Container.fromPartial({ phase: "draining" }))).toBeUndefined();
  });

  it("shares a line of progress with the others that wait for the same", () => {
    const servers = [{ serverId: "s1", watchers: [PROXY] }];
    const others = [2, 3, 4, 5].map((slot) => leaving(slot, servers));
    const alone = leaving(6, [{ serverId: "s2", watchers: [] }]);
    expect(drainLines([leaving(1, []), ...others, alone, leaving(7, servers, "stopping")])).toEqual([
      ":2, :3, :4 and 1 more wait until 14:03:11Z to be acknowledged as leaving by watcher proxy on 10.0.0.9:4000 (at server s1)",
      ":6 waits until 14:03:11Z to be acknowledged as leaving by server s2, which has not said anything",
    ]);
  });

  it("is given to programs with who is open by server", () => {
    expect(
      drainObject(
        leaving(1, [
          { serverId: "s1", watchers: [PROXY] },
          { serverId: "s2", watchers: [] },
        ]),
      ),
    ).toEqual({
      askedAt: "2026-01-01T14:03:01.500Z",
      deadlineAt: "2026-01-01T14:03:11.500Z",
      awaits: [{ server: "s1", watchers: [PROXY] }, { server: "s2" }],
    });
    expect(drainObject(Container.fromPartial({}))).toBeUndefined();
  });
});
