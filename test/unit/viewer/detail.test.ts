import { describe, expect, it } from "@jest/globals";
import { portLink } from "../../../clients/viewer/page/container/port-link.js";
import { commandLine, groupLine, slotRef } from "../../../clients/viewer/page/detail/command.js";
import { Paced } from "../../../clients/viewer/page/detail/paced.js";
import { slotless, slotRows } from "../../../clients/viewer/page/group/slots.js";
import { logsLine, shownOf, streamPath, targetsOf } from "../../../clients/viewer/page/log-view/asked.js";
import { blockCount, topOf, windowOf } from "../../../clients/viewer/page/log-view/blocks.js";
import { momentOf } from "../../../clients/viewer/page/log-view/moment.js";
import { discoverLine, lookupPath, lookupQuestion } from "../../../clients/viewer/page/lookup/asked.js";
import { curveOf } from "../../../clients/viewer/page/stats/curve.js";
import { cpuText, ofLimit, rateText, sizeText } from "../../../clients/viewer/page/stats/figures.js";
import { KEPT_FOR, UsageHistory } from "../../../clients/viewer/page/stats/history.js";
import type { ContainerRow } from "../../../clients/viewer/wire.js";

const group = { ns: "shop", ref: "web/dev" };

describe("a line of the command line", () => {
  it("names the namespace where it is not the default one", () => {
    expect(groupLine(group, "rollout", "pause")).toBe("theseus rollout pause web/dev -n shop");
    expect(groupLine({ ...group, ns: "default" }, "describe")).toBe("theseus describe web/dev");
    expect(slotRef(group, 3)).toBe("web/dev:3");
  });

  it("makes one word of a shell of whatever comes from elsewhere", () => {
    expect(commandLine("default", "describe", "web/x; rm -rf /")).toBe("theseus describe 'web/x; rm -rf /'");
    expect(commandLine("default", "describe", "it's $(id)")).toBe("theseus describe 'it'\\''s $(id)'");
  });
});

describe("a port as a link", () => {
  const port = { name: "http", external: 31_002, exposed: 8080, protocol: "tcp" };

  it("is what a browser can open", () => {
    expect(portLink("10.0.0.11", port)).toBe("http://10.0.0.11:31002");
    expect(portLink("fd00::1", { ...port, name: "https" })).toBe("https://[fd00::1]:31002");
  });

  it.each(["javascript:alert(1)//", "a b", "evil.example/x", "", "user@host"])(
    "is none for the address %s",
    (address) => {
      expect(portLink(address, port)).toBeUndefined();
    },
  );

  it("is none for datagrams", () => expect(portLink("10.0.0.11", { ...port, protocol: "udp" })).toBeUndefined());
});

describe("reading again", () => {
  const flush = () => new Promise<void>((resolve) => queueMicrotask(() => queueMicrotask(resolve)));

  function paced() {
    const seen = { now: 0, reads: 0, got: [] as number[], timers: [] as { at: number; run: () => void }[] };
    const answers: ((value: number) => void)[] = [];
    const one = new Paced<number>(
      {
        now: () => seen.now,
        after: (milliseconds, run) => {
          const timer = { at: seen.now + milliseconds, run };
          seen.timers.push(timer);
          return () => seen.timers.splice(seen.timers.indexOf(timer), 1);
        },
        read: () => {
          seen.reads += 1;
          return new Promise((resolve) => answers.push(resolve));
        },
        got: (value) => seen.got.push(value),
        failed: () => undefined,
      },
      1_000,
    );
    return { one, seen, answers };
  }

  it("happens at once, then once for however many changes come before the pause is over", async () => {
    const { one, seen, answers } = paced();
    one.ask();
    expect(seen.reads).toBe(1);
    one.ask();
    one.ask();
    answers[0]?.(7);
    await flush();
    expect([seen.got, seen.reads, seen.timers.length]).toEqual([[7], 1, 1]);
    seen.now = 1_000;
    seen.timers[0]?.run();
    expect(seen.reads).toBe(2);
  });

  it("tells nothing after it was closed", async () => {
    const { one, seen, answers } = paced();
    one.ask();
    one.close();
    answers[0]?.(7);
    await flush();
    one.ask();
    expect([seen.got, seen.reads]).toEqual([[], 1]);
  });
});

describe("the slots of a group", () => {
  const container = (slot: number, generation: number, rev: number): ContainerRow => ({
    ...{ ns: "shop", ref: "web/dev", group: "shop web/dev", host: "a", address: "", port: 0, since: 0, problem: "" },
    ...{
      id: `${slot}.${generation}`,
      name: `${slot}.${generation}`,
      state: "ready",
      phase: "running",
      origin: "managed",
    },
    ...{ slot, generation, rev },
  });

  it("has one line for each that is wanted, old beside new, newest first", () => {
    const rows = slotRows([container(1, 1, 41), container(1, 2, 42), container(3, 1, 41), container(0, 0, 0)], {
      wanted: 2,
      lanes: [],
      isNew: (rev) => rev === 42,
    });
    expect(rows.map(({ slot, old, fresh }) => [slot, old.length, fresh.length])).toEqual([
      [1, 1, 1],
      [2, 0, 0],
      [3, 1, 0],
    ]);
    expect(slotless([container(0, 0, 0), container(1, 1, 1)])).toHaveLength(1);
  });
});

describe("the blocks of a long log", () => {
  it("draws what is in sight and keeps the height of all", () => {
    const heights = { line: 10, measured: new Map([[0, 500]]) };
    const { first, end, above, below } = windowOf(400, heights, { from: 950, to: 1_250 });
    expect([first, end]).toEqual([2, 3]);
    expect(above).toBe(500 + 400);
    expect(above + 400 + below).toBe(topOf(400, 400, heights));
    expect(blockCount(0)).toBe(0);
    expect(windowOf(0, heights, { from: 0, to: 100 })).toEqual({ first: 0, end: 0, above: 0, below: 0 });
  });
});

describe("what of a log is asked for", () => {
  it("is one group with a slot, or several references", () => {
    expect(targetsOf({ ns: "shop", ref: "web/dev", slot: "3" })).toEqual([{ ...group, slot: 3 }]);
    expect(targetsOf({ ns: "shop", of: "web/dev:2 api/dev" })).toEqual([
      { ...group, slot: 2 },
      { ns: "shop", ref: "api/dev", slot: 0 },
    ]);
    expect(targetsOf({})).toEqual([]);
  });

  it("goes on a little before where it stood", () => {
    const question = { targets: [{ ...group, slot: 3 }], host: "", at: 0 };
    expect(streamPath(question, "")).toBe("/api/logs?target=shop+web%2Fdev&slot=3&follow=1&tail=1000");
    expect(streamPath(question, "1700000000123000000")).toContain("since=1699999999123");
    expect(streamPath({ ...question, at: 1_700_000_000_000 }, "")).toContain("since=1699999940000");
  });

  it("is the same on the command line", () => {
    const question = { targets: [{ ...group, slot: 3 }], host: "", at: 0 };
    expect(logsLine(question, shownOf({ q: "a.b" }))).toBe("theseus logs web/dev:3 -f --grep 'a\\.b' -n shop");
    expect(logsLine(question, shownOf({ q: "/5../" }))).toBe("theseus logs web/dev:3 -f --grep 5.. -n shop");
  });

  it("is a moment in words that people use", () => {
    const now = new Date(2026, 10, 22, 14, 0, 0).getTime();
    expect(momentOf("13:59:30", now)).toBe(now - 30_000);
    expect(momentOf("14:30", now)).toBe(now - 23.5 * 3_600_000);
    expect(momentOf("-5m", now)).toBe(now - 300_000);
    expect([momentOf("25:00", now), momentOf("noon", now), momentOf("", now)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("a lookup", () => {
  it("selects, or means exactly one group", () => {
    const question = lookupQuestion({ service: "web", labels: "prod,!canary", port: "http" });
    expect(discoverLine(question, "env")).toBe("theseus discover web -l 'prod,!canary' --port http -o env");
    expect(lookupPath(question)).toContain("service=web");
    const exact = { ...question, ns: "shop", ref: "web/dev", port: "" };
    expect([discoverLine(exact), lookupPath(exact)]).toEqual([
      "theseus discover web/dev -n shop",
      "/api/lookup?ns=shop&ref=web/dev",
    ]);
  });
});

describe("what a container uses", () => {
  const usage = (id: string, cpu: number | null) => ({
    ...{ id, cpu, cpuLimit: 0.5, mem: 1, memLimit: 2, rxPerSecond: 0, txPerSecond: 0, restarts: 0, problem: "" },
  });

  it("is kept for a quarter of an hour, each moment once", () => {
    const history = new UsageHistory();
    for (const time of [0, 0, 1_000, KEPT_FOR + 500]) history.add({ time, containers: [usage("a", 0.1)] });
    expect(history.of("a").map(({ time }) => time)).toEqual([1_000, KEPT_FOR + 500]);
    expect(history.latest("b")).toBeUndefined();
  });

  it("is a curve that is broken off where nothing was sampled", () => {
    const points = [0, 1_000, 30_000].map((time) => ({ time, value: 1 }));
    const { path, highest } = curveOf(points, { from: 0, to: 60_000 }, { width: 60, height: 10 }, null);
    expect(path.match(/M/g)).toHaveLength(2);
    expect(highest).toBe(1);
    expect(curveOf([], { from: 0, to: 1 }, { width: 60, height: 10 }, null).path).toBe("");
  });

  it("is read by people", () => {
    expect([sizeText(536_870_912), sizeText(900), cpuText(0.414), cpuText(1.44), rateText(12_345)]).toEqual([
      "512 MiB",
      "900 B",
      "0.41",
      "1.4",
      "12.3 kB/s",
    ]);
    expect([ofLimit(0.4, 0.5, cpuText), ofLimit(0.4, null, cpuText), ofLimit(null, 1, cpuText)]).toEqual([
      "0.40 of 0.50",
      "0.40",
      "–",
    ]);
  });
});
