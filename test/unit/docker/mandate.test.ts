import { describe, expect, it } from "@jest/globals";
import { createContainer } from "../../../src/docker/create.js";
import type { Engine, EngineRequest } from "../../../src/docker/engine.js";
import { EngineRefusal } from "../../../src/docker/failure.js";
import { stopContainer } from "../../../src/docker/stop.js";
import { removeVolumes } from "../../../src/docker/volumes.js";
import { TheseusError } from "../../../src/model/errors.js";
import type { Clock, ContainerSpec } from "../../../src/model/ports.js";
import { NOW } from "../../support/builders.js";

const over = new TheseusError("CANCELLED", { what: "not in office any more" });
const seen = { Config: { StopSignal: "SIGINT" } } as never;
const clock = { now: () => NOW } as unknown as Clock;
const owner = { cluster: "c", groupUid: "u1", group: { namespace: "default", service: "web", labels: [] } };
const files = [{ at: "/etc/x", content: "" }];
const spec = { name: "web.1.1-c", image: "web:1", owner, env: {}, hostPorts: {}, config: { files } };

/** An office that ends when the test says so, of which the signal may be told late. */
class Term {
  readonly #end = new AbortController();
  readonly end = this.#end.signal;
  isOver = false;

  finish(): void {
    this.isOver = true;
    this.#end.abort(over);
  }

  assertMayAct(): void {
    if (this.isOver) throw over;
  }
}

/** Answers as the test says, and remembers what it was asked for. */
function engineThat(answer: (request: EngineRequest) => unknown) {
  const asked: string[] = [];
  const call = async (request: EngineRequest): Promise<unknown> => {
    asked.push([request.method, request.path, request.query?.["signal"]].filter(Boolean).join(" "));
    const said = await answer(request);
    if (said instanceof Error) throw said;
    return said ?? {};
  };
  return { asked, engine: { host: "local", call } as unknown as Engine };
}

describe("a stop", () => {
  const KILLS = ["POST /containers/id1/kill SIGINT", "POST /containers/id1/kill SIGKILL"];
  const kills = (asked: readonly string[]) => asked.filter((one) => one.includes("/kill"));

  it("kills what has not ended in its grace", async () => {
    const { asked, engine } = engineThat(({ late }) => late?.());
    await stopContainer(engine, "id1", { grace: 1000, seen, mandate: new Term() });
    expect(kills(asked)).toEqual(KILLS);
  });

  it("kills nothing once the term is over by the clock alone, whatever its signal says", async () => {
    const term = new Term();
    const { asked, engine } = engineThat(({ late }) => {
      if (late !== undefined) term.isOver = true;
      return late?.();
    });
    await expect(stopContainer(engine, "id1", { grace: 1000, seen, mandate: term })).rejects.toBe(over);
    expect(kills(asked)).toEqual(KILLS.slice(0, 1));
  });

  it("waits for nothing after the term", async () => {
    const term = new Term();
    const { asked, engine } = engineThat(({ path, until }) => {
      if (!path.endsWith("/wait")) return undefined;
      return new Promise((_, reject) => {
        until?.addEventListener("abort", () => reject(until.reason));
        term.finish();
      });
    });
    await expect(stopContainer(engine, "id1", { grace: 1000, seen, mandate: term })).rejects.toBe(over);
    expect(kills(asked)).toEqual(KILLS.slice(0, 1));
  });
});

describe("a creation that fails half-way", () => {
  const refused = new EngineRefusal(500, "no space left");
  const failing = (term: Term, isOver: boolean) =>
    engineThat(({ method }) => {
      if (method !== "PUT") return { Id: "id1" };
      term.isOver = isOver;
      return refused;
    });

  it.each([
    ["is taken back", false, 1],
    ["is left to the next leader, who may have found it by its name, once the term is over", true, 0],
  ])("%s", async (_, isOver, removals) => {
    const term = new Term();
    const { asked, engine } = failing(term, isOver);
    const creating = createContainer(engine, clock, spec as unknown as ContainerSpec, term);
    await expect(creating).rejects.toBe(refused);
    expect(asked.filter((one) => one.startsWith("DELETE"))).toHaveLength(removals);
  });
});

describe("a creation of several steps", () => {
  it("makes nothing more once the term is over", async () => {
    const term = new Term();
    const { asked, engine } = engineThat(({ body }) => {
      term.isOver = true;
      return body;
    });
    const volumes = [{ name: "data", at: "/data" }];
    const withVolume = { ...spec, config: { ...spec.config, volumes } } as unknown as ContainerSpec;
    await expect(createContainer(engine, clock, withVolume, term)).rejects.toBe(over);
    expect(asked.filter((one) => one.includes("/containers"))).toEqual([]);
  });
});

describe("removing the volumes of a group", () => {
  it("asks before each whether it may", async () => {
    const term = new Term();
    const { asked, engine } = engineThat(({ method }) => {
      term.isOver = method === "DELETE";
      return { Volumes: [{ Name: "a" }, { Name: "b" }] };
    });
    await expect(removeVolumes(engine, { cluster: "c", groupUid: "u1" }, term)).rejects.toBe(over);
    expect(asked).toEqual(["GET /volumes", "DELETE /volumes/a"]);
  });
});
