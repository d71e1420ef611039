import { describe, expect, it } from "@jest/globals";
import { changedFields } from "../../../src/model/config-changes.js";
import { EVENTS_KEPT, EVENTS_KEPT_FOR, eventsPast, eventText } from "../../../src/model/event.js";

const NOW = 1_800_000_000_000;

describe("what differs between two configs", () => {
  const changes = (before: object, after: object) =>
    changedFields({ image: "web:1", ...before }, { image: "web:1", ...after });

  it("is told by the names of the group file, with the values of what is short", () => {
    expect(changes({ image: "web:1", instances: 3 }, { image: "web:2", instances: 6 })).toBe(
      "image web:1 -> web:2, instances 3 -> 6",
    );
    expect(changes({ mem: 128 * 2 ** 20 }, { mem: 1.5 * 2 ** 30, user: "1000" })).toBe(
      "mem 128 MiB -> 1536 MiB, user unset -> 1000",
    );
    expect(changes({ maxPerHost: 1 }, { update: { minHealthyTime: 5, order: "auto" } })).toBe(
      "max_per_host, update.min_healthy_time, update.order",
    );
  });

  it("never tells the value of a variable, of a file, or of a command", () => {
    const before = { env: { TOKEN: "old", SAME: "1" }, command: ["run", "--password=old"] };
    const after = {
      env: { TOKEN: "new", SAME: "1", MORE: "2" },
      command: ["run", "--password=new"],
      files: [{ at: "/a", content: "x" }],
    };
    expect(changes(before, after)).toBe("env.TOKEN, env.MORE, command, files");
  });

  it("is nothing where only the order of keys differs", () => {
    const health = { check: { kind: "tcp", port: "http" }, passes: 2 };
    const same = { passes: 2, check: { port: "http", kind: "tcp" } };
    expect(changes({ health, env: { A: "1", B: "2" } }, { health: same, env: { B: "2", A: "1" } })).toBe("");
    expect(changes({ health }, { health: { ...health, passes: 3 } })).toBe("health");
  });

  it("is cut where there is too much of it", () => {
    const env = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`V${i}`, "x"]));
    expect(changes({}, { env })).toMatch(/^env\.V0, .*env\.V11, 28 more$/);
  });
});

describe("events that go", () => {
  it("are those behind the newest thousand, and those that are older than seven days", () => {
    const writes = Array.from({ length: 60 }, (_, i) => ({ at: NOW - i, count: 20 }));
    expect(eventsPast(writes, NOW)).toEqual(writes.slice(EVENTS_KEPT / 20));
    const old = { at: NOW - EVENTS_KEPT_FOR - 1, count: 1 };
    expect(eventsPast([old, { at: NOW - EVENTS_KEPT_FOR, count: 1 }], NOW)).toEqual([old]);
  });

  it("are whole writes: one that does not fit goes, and with it all that is older", () => {
    const [newest, big, small] = [
      { at: NOW, count: 999 },
      { at: NOW - 1, count: 2 },
      { at: NOW - 2, count: 1 },
    ];
    expect(eventsPast([small, newest, big], NOW)).toEqual([big, small]);
  });
});

describe("the text of an event", () => {
  it("has a bounded length, and no half of a character at its end", () => {
    expect(eventText("short")).toBe("short");
    const long = eventText(`${"x".repeat(998)}😀 and more`);
    expect(long).toBe(`${"x".repeat(998)}…`);
    expect(eventText("y".repeat(5000))).toHaveLength(1000);
  });
});
