// What becomes of registrations whose heartbeat is gone.

import { describe, expect, it } from "@jest/globals";
import type { Standing } from "../../../src/model/registration.js";
import { type Heard, judgeRegistrations, type Memory, NOTHING_HEARD } from "../../../src/planner/registrations.js";

const TTL = 15_000;
const LOOK = 1000;

/** Registrations r1, r2, ...; time goes on by looks, and every verdict is carried out at once. */
class World {
  now = 0;
  readonly told: string[] = [];
  #memory: Memory = NOTHING_HEARD;
  readonly #standings = new Map<string, Standing>();
  readonly #lostAt = new Map<string, number>();
  readonly #silent = new Set<string>();
  readonly #ttls = new Map<string, number>();

  constructor(count: number) {
    for (let i = 1; i <= count; i++) this.#standings.set(`r${i}`, "kept");
    this.look();
  }

  ttl(name: string, ttl: number): void {
    this.#ttls.set(name, ttl);
  }

  silence(...names: string[]): void {
    for (const name of names) this.#silent.add(name);
  }

  back(...names: string[]): void {
    for (const name of names) this.#silent.delete(name);
  }

  deregister(...names: string[]): void {
    for (const name of names) this.#standings.delete(name);
  }

  /** Another leader takes over. */
  forget(): void {
    this.#memory = NOTHING_HEARD;
  }

  look(): void {
    const heard = [...this.#standings].map(([id, standing]): Heard => {
      const lostAt = this.#lostAt.get(id);
      const lostFor = lostAt === undefined ? {} : { lostFor: this.now - lostAt };
      return { id, ttl: this.#ttls.get(id) ?? TTL, standing, alive: !this.#silent.has(id), ...lostFor };
    });
    const { memory, verdicts } = judgeRegistrations(this.#memory, heard, this.now);
    this.#memory = memory;
    for (const { id, to } of verdicts) {
      this.told.push(`${id} ${to}`);
      if (to === "lost") this.#lostAt.set(id, this.now);
      else this.#lostAt.delete(id);
      if (to === "gone") this.#standings.delete(id);
      else this.#standings.set(id, to);
    }
  }

  /** Looks at every second. */
  pass(length: number): void {
    for (const end = this.now + length; this.now < end; ) {
      this.now += LOOK;
      this.look();
    }
  }

  /** The store is not heard for so long. */
  cut(length: number): void {
    this.now += length;
    this.look();
  }

  at(standing: Standing): string[] {
    return [...this.#standings].filter(([, is]) => is === standing).map(([name]) => name);
  }

  get names(): string[] {
    return [...this.#standings.keys()];
  }
}

const first = (count: number) => Array.from({ length: count }, (_, i) => `r${i + 1}`);

/** The grace at the beginning of a term is over. */
function settledWorld(count: number): World {
  const world = new World(count);
  world.pass(2 * TTL);
  return world;
}

describe("one heartbeat that is gone", () => {
  it("makes its registration lost at once, and removes it after ten TTLs", () => {
    const world = settledWorld(20);
    world.silence("r1");
    world.pass(LOOK);
    expect(world.at("lost")).toEqual(["r1"]);
    world.pass(10 * TTL - LOOK);
    expect(world.names).toContain("r1");
    world.pass(LOOK);
    expect(world.told).toEqual(["r1 lost", "r1 gone"]);
  });

  it("that comes back makes it kept again, and the ten TTLs begin anew", () => {
    const world = settledWorld(20);
    world.silence("r1");
    world.pass(9 * TTL);
    world.back("r1");
    world.pass(LOOK);
    expect(world.told).toEqual(["r1 lost", "r1 kept"]);
    world.pass(TTL);
    world.silence("r1");
    world.pass(9 * TTL);
    expect(world.names).toContain("r1");
  });

  it("is measured by its own TTL", () => {
    const world = settledWorld(20);
    world.ttl("r2", 2000);
    world.silence("r1", "r2");
    world.pass(10 * 2000 + LOOK);
    expect(world.told).toEqual(["r1 lost", "r2 lost", "r2 gone"]);
  });
});

describe("many that are gone", () => {
  it("at once stay as stale until a TTL after the last of them, and are lost then", () => {
    const world = settledWorld(20);
    world.silence("r1", "r2", "r3", "r4");
    world.pass(LOOK);
    expect(world.at("stale")).toEqual(first(4));
    world.pass(TTL - LOOK);
    world.silence("r5");
    world.pass(LOOK);
    expect(world.at("stale")).toEqual(first(5));
    world.pass(TTL - LOOK);
    expect([world.at("stale"), world.at("lost")]).toEqual([first(5), []]);
    world.pass(LOOK);
    expect(world.at("lost")).toEqual(first(5));
  });

  it("count together also where most of them are back already", () => {
    const world = settledWorld(20);
    world.silence(...first(6));
    world.pass(LOOK);
    world.back(...first(4));
    world.pass(LOOK);
    expect([world.at("stale"), world.at("lost")]).toEqual([["r5", "r6"], []]);
    world.pass(TTL);
    expect(world.at("lost")).toEqual(["r5", "r6"]);
  });

  it("are told from few by 15 in a hundred, and by three", () => {
    const [few, many, two] = [settledWorld(40), settledWorld(40), settledWorld(4)];
    few.silence(...first(6));
    many.silence(...first(7));
    two.silence(...first(2));
    for (const world of [few, many, two]) world.pass(LOOK);
    expect([few.at("lost"), many.at("stale"), two.at("lost")]).toEqual([first(6), first(7), first(2)]);
  });

  it("bring back what was called lost before it was seen how many they are", () => {
    const world = settledWorld(10);
    for (const name of first(4)) {
      world.silence(name);
      world.pass(LOOK);
    }
    expect(world.told).toEqual(["r1 lost", "r2 lost", "r1 stale", "r2 stale", "r3 stale", "r4 stale"]);
  });

  it("over the long TTL of one of them do not bring back one whose own is over", () => {
    const world = settledWorld(10);
    world.ttl("r1", 600_000);
    world.silence("r1");
    world.pass(340 * LOOK);
    world.silence("r2");
    world.pass(60 * LOOK);
    world.silence("r3");
    world.pass(LOOK);
    expect([world.told, world.at("stale")]).toEqual([["r1 lost", "r2 lost", "r3 lost"], []]);
    world.silence("r4");
    world.pass(LOOK);
    expect(world.at("stale")).toEqual(["r1", "r3", "r4"]);
  });

  it("are counted when they go: that others deregister later makes them no crowd", () => {
    const world = settledWorld(40);
    world.silence(...first(6));
    world.pass(LOOK);
    world.deregister(...first(30).slice(6));
    world.pass(LOOK);
    expect([world.at("stale"), world.at("lost")]).toEqual([[], first(6)]);
  });

  it("over longer than a TTL are each on its own", () => {
    const world = settledWorld(10);
    for (const name of first(5)) {
      world.silence(name);
      world.pass(TTL);
    }
    expect([world.at("stale"), world.at("lost")]).toEqual([[], first(5)]);
  });
});

describe("a store that was not heard", () => {
  it("for more than half a TTL makes nobody lost until a TTL after it came back", () => {
    const world = settledWorld(20);
    world.silence("r1");
    world.cut(TTL / 2 + 1);
    expect(world.at("stale")).toEqual(["r1"]);
    world.silence("r2");
    world.pass(LOOK);
    expect(world.at("stale")).toEqual(["r1", "r2"]);
    world.pass(TTL - LOOK);
    expect(world.at("lost")).toEqual(["r1", "r2"]);
  });

  it("for less than that changes nothing", () => {
    const world = settledWorld(20);
    world.silence("r1");
    world.cut(TTL / 2);
    expect(world.at("lost")).toEqual(["r1"]);
  });

  it("does not bring back who was lost before", () => {
    const world = settledWorld(20);
    world.silence("r1");
    world.pass(LOOK);
    world.cut(TTL);
    world.pass(TTL / 2);
    expect(world.told).toEqual(["r1 lost"]);
  });

  it("gives those that were waited for their whole time again", () => {
    const world = settledWorld(10);
    world.silence(...first(4));
    world.pass(LOOK);
    world.cut(TTL - LOOK);
    world.pass(TTL - LOOK);
    expect(world.at("stale")).toEqual(first(4));
    world.pass(LOOK);
    expect(world.at("lost")).toEqual(first(4));
  });

  it("again and again for short times does not make one wait for ever", () => {
    const world = settledWorld(20);
    world.silence("r1");
    for (let i = 0; i < 10; i++) world.cut(TTL / 2 + 1);
    expect(world.at("stale")).toEqual(["r1"]);
    for (let i = 0; i < 3; i++) world.cut(TTL / 2 + 1);
    expect(world.told).toEqual(["r1 stale", "r1 lost"]);
  });

  it("for as long as it may be gives those that were waited for their whole time again", () => {
    const world = settledWorld(20);
    world.silence("r1");
    world.cut(TTL);
    for (let i = 0; i < 4; i++) world.cut(100 * TTL);
    world.pass(TTL - LOOK);
    expect(world.at("stale")).toEqual(["r1"]);
    world.pass(LOOK);
    expect(world.at("stale")).toEqual([]);
  });

  it("for long by those with a short TTL is short for those with a long one", () => {
    const world = settledWorld(20);
    world.ttl("r2", 3_600_000);
    world.silence("r1", "r2");
    world.cut(TTL);
    expect([world.at("stale"), world.at("lost")]).toEqual([["r1"], ["r2"]]);
  });
});

describe("a new leader", () => {
  it("makes nobody lost before a TTL is over", () => {
    const world = settledWorld(20);
    world.silence(...first(2));
    world.forget();
    world.look();
    expect(world.at("stale")).toEqual(first(2));
    world.back("r1");
    world.pass(TTL);
    expect([world.at("kept").length, world.at("lost")]).toEqual([19, ["r2"]]);
  });

  it("leaves lost what was lost, and removes it ten TTLs after that, however many leaders there were", () => {
    const world = settledWorld(20);
    world.silence("r1");
    for (let term = 0; term < 5; term++) {
      world.pass(2 * TTL - LOOK);
      world.forget();
    }
    expect(world.told).toEqual(["r1 lost"]);
    world.pass(6 * LOOK);
    expect(world.told).toEqual(["r1 lost", "r1 gone"]);
  });
});
