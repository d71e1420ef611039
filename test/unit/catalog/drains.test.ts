import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createCatalog, type RunningCatalog } from "../../../src/catalog/catalog.js";
import type { AnswerCodec, Question } from "../../../src/model/discovery.js";
import type { DrainAnswer } from "../../../src/model/drain.js";
import { type GroupRef, groupId, groupRef } from "../../../src/model/reference.js";
import type { CatalogFeed, EntryAt, Feed } from "../../../src/model/store.js";
import { ManualClock, settle } from "../../support/manual-clock.js";
import { silent } from "../../support/parts.js";

const GROUP = groupRef("web", ["dev"]);
const CONTAINER = { ...GROUP, name: "a" };
const INFO = { instanceName: "a", instanceHost: "10.0.0.1", instancePort: 1, portMappings: {} };
const RECORD = { servers: ["s1", "s2"], ackDeadline: 10_000, asked: 0 };

const info = (modRevision: bigint): EntryAt => ({
  key: "/services/web/dev/containers/a/info",
  entry: { kind: "info", ref: CONTAINER, info: INFO },
  modRevision,
});
const record = (modRevision: bigint): EntryAt => ({
  key: "drain",
  entry: { kind: "drain", container: CONTAINER, record: RECORD },
  modRevision,
});
const answer = (serverId: string, modRevision: bigint, said: DrainAnswer = { awaits: [] }): EntryAt => ({
  key: `drain/${serverId}`,
  entry: { kind: "drainAnswer", container: CONTAINER, serverId, answer: said },
  modRevision,
});

/** What the catalog is told by hand. */
class Source {
  #next: (feed: Feed) => void = () => undefined;

  async *follow(signal: AbortSignal): AsyncGenerator<Feed> {
    while (!signal.aborted) {
      yield await new Promise<Feed>((resolve, reject) => {
        this.#next = resolve;
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    }
  }

  async snapshot(revision: bigint, ...entries: EntryAt[]): Promise<void> {
    this.#next({ kind: "snapshot", entries, cursor: { epoch: "e", revision } });
    await settle();
  }

  async delta(revision: bigint, put: EntryAt[], removed: string[] = []): Promise<void> {
    this.#next({ kind: "delta", put, removed, cursor: { epoch: "e", revision } });
    await settle();
  }
}

let source: Source;
let catalog: RunningCatalog;
let stop: AbortController;
const told: string[] = [];

beforeEach(async () => {
  source = new Source();
  stop = new AbortController();
  told.length = 0;
  catalog = createCatalog(source as Partial<CatalogFeed> as CatalogFeed, new ManualClock(), silent);
  void catalog.run(stop.signal);
  await settle();
  await source.snapshot(1n, info(1n));
  catalog.onChange((group: GroupRef | "all") => told.push(group === "all" ? group : groupId(group)));
});
afterEach(() => stop.abort());

describe("drains in the mirror", () => {
  it("are those of their group, with the answers, each view as it was", async () => {
    const before = catalog.view();
    await source.delta(2n, [record(2n)]);
    const opened = catalog.view();
    await source.delta(3n, [answer("s1", 3n)]);
    expect(before.drains(GROUP).size).toBe(0);
    expect(opened.drains(GROUP).get("a")).toEqual({ revision: 2n, record: RECORD, answers: new Map() });
    expect(catalog.view().drains(GROUP).get("a")?.answers).toEqual(new Map([["s1", { awaits: [] }]]));
    expect(catalog.view().drains(groupRef("web", [])).size).toBe(0);
    expect(catalog.drains().map(({ written }) => written)).toEqual([new Map([["s1", 3n]])]);
  });

  it("go with their record, whatever else is said of them", async () => {
    await source.delta(2n, [record(2n)]);
    await source.delta(3n, [answer("s1", 3n), answer("s2", 3n)]);
    await source.delta(4n, [], ["drain", "drain/s1"]);
    expect([catalog.drains(), catalog.view().drains(GROUP).size]).toEqual([[], 0]);
    await source.delta(5n, [], ["drain/s2"]);
    await source.delta(6n, [record(6n)]);
    expect(catalog.drains().map(({ drain }) => [drain.revision, drain.answers.size])).toEqual([[6n, 0]]);
  });

  it("are the same list as long as nothing of them changes, and come with a snapshot too", async () => {
    await source.delta(2n, [record(2n)]);
    const list = catalog.drains();
    await source.delta(3n, [info(3n)]);
    expect(catalog.drains()).toBe(list);
    await source.snapshot(4n, info(3n), record(2n), answer("s2", 4n));
    expect(catalog.drains().map(({ drain }) => [...drain.answers.keys()])).toEqual([["s2"]]);
  });

  it("concern those who act on the group, and no lookup", async () => {
    let pieces = 0;
    const codec: Partial<AnswerCodec> = {
      piece: ({ ref }) => {
        pieces += 1;
        return { ref, ready: true, host: "", bytes: Buffer.from("a") };
      },
    };
    const question: Question = { target: { kind: "group", ref: GROUP }, port: "", includeNotReady: false };
    const answers = catalog.answers(codec as AnswerCodec);
    const first = answers.answer(question);
    await source.delta(2n, [record(2n)]);
    await source.delta(3n, [answer("s1", 3n)]);
    expect(told).toEqual([groupId(GROUP), groupId(GROUP)]);
    expect([answers.answer(question) === first, pieces]).toEqual([true, 1]);
    await source.delta(4n, [info(4n), answer("s2", 4n)]);
    expect(told).toHaveLength(3);
  });
});
