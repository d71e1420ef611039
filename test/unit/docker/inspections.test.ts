import { describe, expect, it } from "@jest/globals";
import type { Engine, EngineRequest } from "../../../src/docker/engine.js";
import { type Inspection, Inspections } from "../../../src/docker/inspections.js";
import type { Row } from "../../../src/docker/observe.js";
import { ManualClock } from "../../support/manual-clock.js";

const ID = "a".repeat(64);
const row = (State: string, Status: string): Row => ({
  Id: ID,
  Names: ["/web.dev.1.1-aaaaaa"],
  State,
  Status,
  Labels: {},
  Ports: [],
});
const RUNNING = row("running", "Up 6 minutes");
const EXITED = row("exited", "Exited (0) 1 second ago");

/** What the engine says of the container, and how often it was asked. */
function asked(): { readonly inspections: Inspections; readonly paths: string[]; status: string } {
  const paths: string[] = [];
  const engine: Engine = {
    host: "local",
    call: <T>({ path }: EngineRequest) => {
      paths.push(path);
      return Promise.resolve({ Id: ID, State: { Status: state.status } } as T);
    },
    stream: () => Promise.reject(new Error("not asked for")),
    connection: () => 1,
  };
  const inspections = new Inspections(engine, new ManualClock());
  inspections.follow();
  const state = { inspections, paths, status: "running" };
  return state;
}

const statusOf = (seen: Inspection | "mute" | undefined) => (typeof seen === "object" ? seen.State.Status : seen);

describe("a container that a call of ours changes", () => {
  it("is as it was before, and the engine is not asked for it, until that call is over", async () => {
    const engine = asked();
    const { inspections, paths } = engine;
    await inspections.of(RUNNING);
    inspections.changes(ID);
    engine.status = "exited";
    inspections.touch(ID);
    expect(statusOf(await inspections.of(EXITED))).toBe("running");
    expect(paths).toHaveLength(1);
    inspections.changed(ID);
    expect(statusOf(await inspections.of(EXITED))).toBe("exited");
    expect(paths).toHaveLength(2);
  });

  it("stays so until the last of several calls is over", async () => {
    const { inspections, paths } = asked();
    await inspections.of(RUNNING);
    inspections.changes(ID);
    inspections.changes(ID);
    inspections.changed(ID);
    await inspections.of(RUNNING);
    expect(paths).toHaveLength(1);
    inspections.changed(ID);
    await inspections.of(RUNNING);
    expect(paths).toHaveLength(2);
  });

  it("counts as unstarted until our start of it is over", () => {
    const { inspections } = asked();
    inspections.changes(ID, true);
    expect(inspections.isStarting(ID)).toBe(true);
    inspections.changed(ID);
    expect(inspections.isStarting(ID)).toBe(false);
  });

  it("is asked for where nothing was seen of it before", async () => {
    const { inspections, paths } = asked();
    inspections.changes(ID);
    expect(statusOf(await inspections.of(RUNNING))).toBe("running");
    expect(paths).toHaveLength(1);
  });
});
