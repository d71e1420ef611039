import { describe, expect, it } from "@jest/globals";
import type { ContainerState, ObservedContainer } from "../../../src/model/container.js";
import type { GroupConfig } from "../../../src/model/group.js";
import { plan } from "../../../src/planner/plan.js";
import { aGroup, NOW, ready, situation } from "../../support/builders.js";

type Seen = {
  readonly config?: Partial<GroupConfig>;
  readonly container: Partial<ObservedContainer>;
  readonly told: ContainerState;
  readonly since?: number;
  readonly startedAt?: number;
  readonly imageHasHealthcheck?: boolean;
};

/** What is told after this pass, and when to look again. */
function told({ config = {}, container, told: state, imageHasHealthcheck = false, ...noted }: Seen) {
  const group = aGroup(config);
  const info = { state, since: NOW - 5000, ...noted };
  const next = plan(situation(group, [ready(group, 1, { container, info })], { imageHasHealthcheck }));
  const publish = next.actions.find((action) => action.kind === "publish");
  return { state: publish?.info.state ?? "as it was", since: publish?.info.since, lookAgainAt: next.lookAgainAt };
}

const HTTP = { ports: [{ name: "http", container: 80 }] };
const EXEC = { health: { check: { kind: "exec", command: ["true"] } } } as const;

describe("readiness without ports and checks", () => {
  it("comes with one second of running", () => {
    const young = told({ container: { startedAt: NOW - 400 }, told: "starting", since: NOW - 500 });
    expect(young).toMatchObject({ state: "as it was", lookAgainAt: NOW + 600 });
    expect(told({ container: { startedAt: NOW - 1000 }, told: "starting" })).toMatchObject({
      state: "ready",
      since: NOW,
    });
  });

  it("does not trust an engine's clock that runs ahead", () => {
    expect(told({ container: { startedAt: NOW + 3_600_000 }, told: "starting", since: NOW - 1500 }).state).toBe(
      "ready",
    );
  });

  it("begins anew when the engine has restarted it", () => {
    expect(told({ container: { startedAt: NOW - 100, restartCount: 1 }, told: "ready" })).toMatchObject({
      state: "starting",
      lookAgainAt: NOW + 900,
    });
    expect(told({ container: { status: "restarting" }, told: "ready" }).state).toBe("starting");
  });

  it("is at once where the group switches checks off", () => {
    const config = { ...HTTP, health: { check: { kind: "none" } } } as const;
    expect(told({ config, container: { startedAt: NOW - 1 }, told: "starting" }).state).toBe("ready");
  });
});

describe("readiness by probes", () => {
  it("follows the verdict", () => {
    expect(told({ config: HTTP, container: { verdict: "passing" }, told: "starting" }).state).toBe("ready");
    expect(told({ config: HTTP, container: { verdict: "failing" }, told: "ready" }).state).toBe("unhealthy");
    expect(told({ config: HTTP, container: { verdict: "passing" }, told: "unhealthy" }).state).toBe("ready");
  });

  it("stands as told until there is a verdict", () => {
    for (const state of ["ready", "unhealthy", "starting"] as const) {
      expect(told({ config: HTTP, container: {}, told: state }).state).toBe("as it was");
    }
    expect(told({ config: HTTP, container: {}, told: "failed" }).state).toBe("starting");
  });

  it("is open again after a restart by the engine", () => {
    const restarted = { startedAt: NOW - 1000, restartCount: 1 };
    expect(told({ config: HTTP, container: restarted, told: "ready", since: NOW - 5000 }).state).toBe("starting");
    expect(told({ config: HTTP, container: { ...restarted, verdict: "passing" }, told: "ready" }).state).toBe(
      "as it was",
    );
  });
});

describe("the start that is told", () => {
  const started = { startedAt: NOW - 4000 };

  it("is that of the engine, whatever clock told of it", () => {
    const seen = { config: HTTP, container: started, told: "ready" } as const;
    expect(told({ ...seen, since: NOW - 3_600_000, startedAt: NOW - 4000 }).state).toBe("as it was");
    expect(told({ ...seen, since: NOW + 3_600_000, startedAt: NOW - 9000 }).state).toBe("starting");
  });

  it("is written anew with another start, and never only because it was not noted", () => {
    const passing = { ...started, verdict: "passing" } as const;
    expect(told({ config: HTTP, container: passing, told: "ready", startedAt: NOW - 9000 }).state).toBe("ready");
    expect(told({ config: HTTP, container: passing, told: "ready" }).state).toBe("as it was");
  });
});

describe("readiness by Docker's HEALTHCHECK", () => {
  it("follows the engine, for exec checks and for the image's own", () => {
    expect(told({ config: EXEC, container: { health: "healthy" }, told: "starting" }).state).toBe("ready");
    expect(told({ config: EXEC, container: { health: "unhealthy" }, told: "ready" }).state).toBe("unhealthy");
    expect(told({ config: EXEC, container: { health: "starting" }, told: "ready" }).state).toBe("starting");
    expect(
      told({ config: HTTP, container: { health: "healthy" }, told: "starting", imageHasHealthcheck: true }).state,
    ).toBe("ready");
  });

  it("falls back to running where the container has no such check", () => {
    expect(told({ config: EXEC, container: { health: "none" }, told: "starting" }).state).toBe("ready");
  });
});

describe("readiness after checks that failed", () => {
  const turned = { passingSince: NOW - 4000, failures: 1 };
  const passing = { verdict: "passing", checked: turned } as const;

  it("comes back only when they have passed for ten seconds", () => {
    expect(told({ config: HTTP, container: passing, told: "unhealthy" })).toMatchObject({
      state: "as it was",
      lookAgainAt: NOW + 6000,
    });
    const longer = { ...passing, checked: { ...turned, passingSince: NOW - 10_000 } };
    expect(told({ config: HTTP, container: longer, told: "unhealthy" }).state).toBe("ready");
  });

  it("comes back after half a minute where they failed more than once lately", () => {
    const again = { ...passing, checked: { ...turned, failures: 2 } };
    expect(told({ config: HTTP, container: again, told: "unhealthy", since: NOW })).toMatchObject({
      state: "as it was",
      lookAgainAt: NOW + 26_000,
    });
  });

  it("is the same for Docker's HEALTHCHECK", () => {
    expect(told({ config: EXEC, container: { health: "healthy", checked: turned }, told: "unhealthy" })).toMatchObject({
      state: "as it was",
      lookAgainAt: NOW + 6000,
    });
  });

  it("goes at once, and comes for the first time at once", () => {
    const failing = { verdict: "failing", checked: { failures: 2 } } as const;
    expect(told({ config: HTTP, container: failing, told: "ready", since: NOW - 1 }).state).toBe("unhealthy");
    const young = { verdict: "passing", checked: { passingSince: NOW, failures: 0 } } as const;
    expect(told({ config: HTTP, container: young, told: "unhealthy" }).state).toBe("ready");
    expect(told({ config: HTTP, container: passing, told: "starting" }).state).toBe("ready");
  });
});

describe("what is told", () => {
  it("is the whole endpoint", () => {
    const group = aGroup({
      ...HTTP,
      ports: [
        { name: "http", container: 80 },
        { name: "dns", container: 53, protocol: "udp" },
      ],
      weight: 5,
    });
    const { intent, container } = ready(group, 1, {
      intent: { hostPorts: { http: 20001, dns: 20002 } },
      container: { verdict: "passing" },
    });
    const { actions } = plan(situation(group, [{ intent, container }]));
    expect(actions).toEqual([
      {
        kind: "publish",
        name: intent.name,
        reason: "it is ready",
        info: {
          instanceName: intent.name,
          instanceHost: "172.17.0.1",
          instancePort: 20001,
          portMappings: {
            http: { external: 20001, exposed: 80, protocol: "tcp" },
            dns: { external: 20002, exposed: 53, protocol: "udp" },
          },
          state: "ready",
          labels: ["dev"],
          host: "local",
          slot: 1,
          generation: 1,
          configRevision: 1,
          origin: "managed",
          weight: 5,
          since: NOW,
          startedAt: container.startedAt,
        },
      },
    ]);
  });

  it("keeps what this version does not know", () => {
    const group = aGroup({ weight: 5 });
    const { intent, container, info } = ready(group, 1, { info: { weight: 9 } });
    const more = { ...info, ofALaterVersion: true };
    const { actions } = plan(situation(group, [{ intent, container, info: more }]));
    expect(actions).toMatchObject([{ info: { ofALaterVersion: true, weight: 5, since: info.since } }]);
  });

  it("follows the host's address", () => {
    const group = aGroup();
    const { intent, container, info } = ready(group, 1, { info: { instanceHost: "10.9.9.9" } });
    expect(plan(situation(group, [{ intent, container, info }])).actions).toMatchObject([
      { kind: "publish", info: { instanceHost: "172.17.0.1" } },
    ]);
  });

  it("is unhealthy, and the container is not killed", () => {
    const group = aGroup(HTTP);
    const sick = ready(group, 1, {
      container: { verdict: "failing" },
      info: { state: "unhealthy", since: NOW - 1000 },
    });
    expect(plan(situation(group, [sick])).actions).toEqual([]);
  });
});
