import { describe, expect, it } from "@jest/globals";
import type { SlotsRecord } from "../../../src/model/slots.js";
import { config, House, WEB } from "../../support/scheduler-house.js";

function house(instances = 1, more: Parameters<typeof config>[1] = {}): House {
  const made = new House();
  made.store.ask(WEB, config(instances, more));
  return made;
}

function slots({ store }: House): SlotsRecord["slots"] {
  return store.snapshot(WEB).slots?.value.slots ?? {};
}

describe("launching", () => {
  it("creates, confirms, starts and publishes in that order", async () => {
    const whole = house();
    whole.startTerm();
    await whole.untilReady(1);
    const phases = whole.store.writes.flatMap(({ write }) => [
      ...(write.pin === undefined ? [] : ["pin"]),
      ...(write.putIntents ?? []).map(({ phase }) => phase),
      ...(write.putInfos ?? []).map(([, { state }]) => state),
    ]);
    expect(phases).toEqual(["pin", "creating", "running", "starting", "ready"]);
    expect(
      whole.runtime.calls.filter((call) => /^(create|start)/.test(call)).map((call) => call.split(" ")[0]),
    ).toEqual(["create", "start"]);
  });

  it("tells several that got ready at the same time in one write", async () => {
    const many = house(4);
    many.runtime.latency = { start: 100, list: 20 };
    many.startTerm();
    await many.untilReady(4);
    const ready = many.store.writes.filter(({ write }) => write.putInfos?.some(([, { state }]) => state === "ready"));
    expect(ready.length).toBeLessThanOrEqual(2);
  });

  it("takes the next generation and port, without a failure, when a process holds the port", async () => {
    const one = house();
    one.runtime.heldPorts.add(20000);
    one.startTerm();
    await one.untilReady(1);
    expect(slots(one)[1]).toEqual({ generation: 2, failures: 0, host: "local" });
    expect(one.runtime.running().map(({ spec }) => spec.hostPorts)).toEqual([{ http: 20001 }]);
    expect(one.runtime.containers.size).toBe(1);
  });

  it("takes the next generation, and touches nothing, when a stranger has the name", async () => {
    const one = house();
    one.runtime.refuse("create", "CONTAINER_EXISTS");
    one.startTerm();
    await one.untilReady(1);
    expect(slots(one)[1]).toEqual({ generation: 2, failures: 0, host: "local" });
    expect(one.runtime.count("remove")).toBe(0);
  });

  it("removes what cannot start, notes why, and waits before the next one", async () => {
    const one = house();
    one.runtime.refuse("start", "COMMAND_NOT_FOUND", { times: 2 });
    one.startTerm();
    await one.clock.advance(10);
    expect(one.runtime.containers.size).toBe(0);
    expect(one.store.intents(WEB)).toEqual([]);
    expect(slots(one)[1]).toMatchObject({ generation: 1, failures: 1, attention: { reason: "COMMAND_NOT_FOUND" } });
    await one.clock.advance(900);
    expect(one.runtime.count("create")).toBe(1);
    await one.clock.advance(200);
    expect(slots(one)[1]).toMatchObject({ generation: 2, failures: 2 });
    await one.clock.advance(1800);
    expect(one.runtime.count("create")).toBe(2);
    await one.untilReady(1);
    expect(slots(one)[1]?.generation).toBe(3);
  });

  it("notes several refused at the same time, each on its own slot", async () => {
    const many = house(5);
    many.runtime.refuse("create", "CONTAINER_REFUSED", { times: 5 });
    many.startTerm();
    await many.clock.advance(100);
    expect(Object.values(slots(many)).map(({ failures }) => failures)).toEqual([1, 1, 1, 1, 1]);
    await many.untilReady(5);
  });

  it("counts a fixed port that is taken as a failure", async () => {
    const one = house(1, { ports: [{ name: "http", container: 80, host: 9443 }] });
    one.runtime.heldPorts.add(9443);
    one.startTerm();
    await one.clock.advance(10);
    expect(slots(one)[1]).toMatchObject({ failures: 1, attention: { reason: "PORT_TAKEN" } });
    one.runtime.heldPorts.clear();
    await one.untilReady(1);
  });

  it.each(["create", "start"] as const)("makes no second container when the answer to %s is lost", async (method) => {
    const one = house();
    one.runtime.loseReply(method);
    one.startTerm();
    await one.untilReady(1);
    expect(one.runtime.containers.size).toBe(1);
    expect(slots(one)[1]).toMatchObject({ generation: 1, failures: 0 });
  });

  it("pulls an image that went missing since it was pinned, and gives up when it cannot be had", async () => {
    const one = house();
    one.runtime.refuse("create", "IMAGE_NOT_FOUND");
    one.startTerm();
    await one.untilReady(1);
    expect(one.runtime.calls.filter((call) => call.startsWith("resolveImage"))).toEqual([
      "resolveImage shop-web:1 missing",
      "resolveImage shop-web:1@sha256:1 missing",
    ]);
    expect(slots(one)[1]).toMatchObject({ generation: 1, failures: 0 });
  });

  it("does not start a container whose intent was taken away between create and start", async () => {
    const one = house();
    one.runtime.latency = { create: 100 };
    one.startTerm();
    await one.clock.advance(50);
    one.store.damage(WEB, one.store.intents(WEB)[0]?.name ?? "");
    await one.clock.advance(60);
    expect(one.runtime.count("start")).toBe(0);
    await one.untilReady(1);
    expect(one.runtime.containers.size).toBe(1);
  });

  it("does not start a container once it may not act any more", async () => {
    const one = house();
    one.runtime.latency = { create: 100 };
    const term = one.startTerm();
    await one.clock.advance(50);
    term.mayAct = false;
    await one.clock.advance(2000);
    expect(one.runtime.count("start")).toBe(0);
    term.mayAct = true;
    await one.untilReady(1);
  });

  it("notes an image that cannot be had, and takes it when it comes", async () => {
    const one = house(1, { image: "nowhere:1" });
    one.startTerm();
    await one.clock.advance(100);
    const [attention] = one.store.snapshot(WEB).slots?.value.attention ?? [];
    expect(attention).toMatchObject({ reason: "IMAGE_NOT_FOUND", text: "there is no image nowhere:1" });
    await one.clock.advance(40_000);
    expect(one.runtime.count("resolveImage")).toBe(4);
    one.runtime.images.set("nowhere:1", { pinned: "nowhere@sha256:1", hasHealthcheck: false });
    await one.untilReady(1);
    expect(one.store.snapshot(WEB).slots?.value.attention).toEqual([]);
  });
});
