import { getEventListeners } from "node:events";
import { describe, expect, it } from "@jest/globals";
import type { Connection } from "../../../clients/connect.js";
import { TheseusClientError } from "../../../clients/errors.js";
import { GetServerStatusResponse } from "../../../clients/gen/theseus/v1/theseus_service.js";
import { Keeper, type KeeperParts } from "../../../clients/viewer/gateway/keeper.js";
import { createMemory } from "../../../clients/viewer/gateway/memory.js";
import { TruthKeeper } from "../../../clients/viewer/gateway/truth-keeper.js";
import { until } from "../../support/until.js";

const status = (problems: readonly string[] = []) =>
  GetServerStatusResponse.fromPartial({ storeReachable: true, serverId: "ab", revision: 7n, problems: [...problems] });

const NO_HOSTS = { hosts: [], nextPageToken: "", revision: 7n };
const BOOKMARK = { revision: 7n, cursor: "c", more: false };

interface Answers {
  /** The last is given for ever. */
  readonly statuses?: readonly GetServerStatusResponse[];
  readonly listHosts?: () => Promise<typeof NO_HOSTS>;
  readonly listGroups?: (signal: AbortSignal) => Promise<void>;
  /** What a watch tells first; it goes on in silence. */
  readonly watch?: () => Promise<typeof BOOKMARK>;
  /** When the first watch fails. */
  readonly breaks?: Promise<void>;
}

/** A server whose answers the test gives. */
function scene({ statuses = [status()], ...answers }: Answers) {
  const stop = new AbortController();
  const truth = new TruthKeeper(() => 1_000);
  const told: string[] = [];
  const asked = { status: 0, watches: 0, namespaces: 0, groups: 0 };
  let now = 0;
  const ended = new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  const relist = (signal: AbortSignal) => {
    asked.groups += 1;
    return answers.listGroups?.(signal) ?? Promise.resolve();
  };
  async function* watch() {
    const breaks = asked.watches === 0 ? (answers.breaks ?? ended) : ended;
    asked.watches += 1;
    yield (await answers.watch?.()) ?? BOOKMARK;
    await Promise.race([breaks, ended]);
    if (!stop.signal.aborted)
      throw new TheseusClientError({ code: 8, reason: "LIMIT_REACHED", message: "too many watches" });
  }
  async function* silence() {
    await ended;
    yield { events: [] };
  }
  const connection = {
    theseus: {
      getServerStatus: async () => statuses[Math.min(asked.status++, statuses.length - 1)],
      listHosts: answers.listHosts ?? (async () => NO_HOSTS),
      listNamespaces: async () => {
        asked.namespaces += 1;
        return { namespaces: [], nextPageToken: "", revision: 7n };
      },
      readEvents: silence,
    },
    discovery: { watch },
  } as unknown as Connection;
  const { fleet, blindness } = createMemory();
  const reader = { run: async () => undefined, relist, touch: () => undefined };
  const keeper = new Keeper({
    ...{ connection, fleet, truth, blindness, reader: () => reader as unknown as ReturnType<KeeperParts["reader"]> },
    truthChanged: () => told.push([truth.truth.state, ...truth.truth.problems].join(": ")),
    ...{ reached: () => undefined, swept: () => undefined, now: () => now },
  });
  const running = keeper.run(stop.signal);
  /** So much time passes, and the keeper looks. */
  const round = async (milliseconds: number) => {
    now += milliseconds;
    const before = asked.status;
    await until("a round", () => {
      keeper.look();
      return asked.status > before;
    });
    await turn();
  };
  const end = () => {
    stop.abort();
    return running;
  };
  return { keeper, asked, told, truth, round, signal: stop.signal, end };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function held() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("what is said to the page", () => {
  it("is that all is being read, and when it was read what the server says then and not what it said before", async () => {
    const unread = "the store has not been read yet: nothing can be looked up";
    const { open, opened } = held();
    const { keeper, told, end } = scene({ statuses: [status([unread]), status()], listGroups: () => opened });
    await turn();
    expect(told).toEqual([`reading: ${unread}`]);
    open();
    await keeper.known;
    expect(told).toEqual([`reading: ${unread}`, "ok"]);
    await end();
  });

  it("leaves nothing under way at a server that cannot tell it all", async () => {
    const cannot = () => Promise.reject(new Error("the store is not read yet"));
    const reads: AbortSignal[] = [];
    const listGroups = (signal: AbortSignal) => {
      reads.push(signal);
      return held().opened;
    };
    const { keeper, told, end } = scene({ listHosts: cannot, listGroups });
    await keeper.known;
    expect(reads.map(({ aborted }) => aborted)).toEqual([true]);
    expect(told).toEqual(["reading"]);
    await end();
  });

  it("is that the rows are of before, where a server answers and tells nothing of its containers", async () => {
    const [breaks, again] = [held(), held()];
    let watches = 0;
    const { keeper, told, truth, asked, round, end } = scene({
      watch: async () => {
        watches += 1;
        if (watches > 1) await again.opened;
        return BOOKMARK;
      },
      breaks: breaks.opened,
    });
    await keeper.known;
    breaks.open();
    await until("another watch", () => watches === 2);
    await round(2_000);
    expect(told.slice(1)).toEqual(["ok"]);
    await round(2_000);
    expect(told.slice(1)).toEqual(["ok", "behind: the viewer cannot follow the containers: too many watches"]);
    expect(truth.truth.revision).toBe("7");
    const { groups } = asked;
    again.open();
    await round(100);
    await until("all to be well", () => told.at(-1) === "ok");
    // What changed meanwhile was read before that was said.
    expect(asked.groups).toBeGreaterThan(groups);
    await end();
  });
});

describe("what is listed now and then", () => {
  it("is listed though something else cannot be, and that is said", async () => {
    let fails = false;
    const listHosts = () => (fails ? Promise.reject(new Error("too large\nat all")) : Promise.resolve(NO_HOSTS));
    const { keeper, told, asked, round, end } = scene({ listHosts });
    await keeper.known;
    fails = true;
    const before = { ...asked };
    await round(20_000);
    expect([asked.namespaces, asked.groups]).toEqual([before.namespaces + 1, before.groups + 1]);
    for (let i = 0; i < 3; i++) await round(20_000);
    expect(told.slice(1)).toEqual([
      "ok",
      "ok: the viewer cannot list the hosts, what it shows of them is old: too large",
    ]);
    fails = false;
    for (let i = 0; i < 2; i++) await round(20_000);
    expect(told.at(-1)).toBe("ok");
    await end();
  });
});

describe("a keeper that goes on for long", () => {
  it("listens to its end no more often than at first", async () => {
    const { keeper, round, signal, end } = scene({});
    await keeper.known;
    await round(1_000);
    const first = getEventListeners(signal, "abort").length;
    for (let i = 0; i < 20; i++) await round(1_000);
    expect(getEventListeners(signal, "abort")).toHaveLength(first);
    await end();
  });
});
