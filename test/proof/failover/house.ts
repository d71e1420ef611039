// Several servers on one etcd: who leads, how the leader is ended, and what its successor does first, as the store tells it.

import { type LoggedWrite, StoreLog } from "../../support/store-log.js";
import { until } from "../../support/until.js";
import { join, type Member } from "../drain/scene.js";
import type { Stage } from "../stage.js";

const LEADER = "/theseus/leader";
/** What a leader alone writes, and only when there is something to do: not what each server writes for itself. */
export const WORK =
  /^(\/namespaces\/[^/]+)?\/services\/[^/]+\/[^/]+\/containers\/|^\/theseus\/(rollouts|slots|evidence)\/|^\/theseus\/drains(\/[^/]+){4}$/;

export type Succession = {
  /** Until another leader's key was there. Milliseconds, as all of these. */
  readonly elected: number;
  /** Until it did something for a group; undefined: it did nothing in time. */
  readonly acted: number | undefined;
};

type Patience = {
  readonly withinMs: number;
  readonly comesBack?: boolean;
  /** False: it has nothing to do. */
  readonly acts?: boolean;
};

export class House {
  readonly log: StoreLog;
  readonly #stage: Stage;
  readonly #members = new Map<string, Member>();
  #coming: Promise<void>[] = [];

  private constructor(stage: Stage, log: StoreLog) {
    this.#stage = stage;
    this.log = log;
  }

  static async open(stage: Stage, size: number): Promise<House> {
    const house = new House(stage, new StoreLog(stage.etcd));
    try {
      await Promise.all(Array.from({ length: size }, () => house.#add()));
      await house.leader();
      return house;
    } catch (error) {
      await house.close();
      throw error;
    }
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  /** For whoever wants to reach one of them. */
  get addresses(): readonly string[] {
    return this.members.map(({ server }) => server.listeners.grpc);
  }

  /** Whose key is in the store, and which revision made it. */
  async leader(): Promise<{ readonly member: Member; readonly term: number }> {
    return await until("one of the servers to lead", () => {
      const key = this.log.writes.findLast((write) => write.key === LEADER);
      const member = this.#members.get(key?.value ?? "");
      return key === undefined || member === undefined ? undefined : { member, term: key.revision };
    });
  }

  /** Resolves when everybody who was called for is there. */
  async complete(): Promise<void> {
    await Promise.all(this.#coming);
    this.#coming = [];
  }

  /**
   * Ends the leader; another server comes up in its place, at its address, unless told otherwise.
   * @param withinMs how long the successor is waited for.
   */
  async succeed(how: "kill" | "stop", { withinMs, comesBack = true, acts = true }: Patience): Promise<Succession> {
    const { member, term } = await this.leader();
    this.#members.delete(member.id);
    const begun = Date.now();
    const { child, listeners } = member.server;
    const ended = how === "kill" ? child.kill9() : child.stop();
    if (comesBack) this.#coming.push(ended.then(() => this.#add(["--listen", listeners.grpc])));
    const rest = (): number => begun + withinMs - Date.now();
    const elected = await this.#told(
      "another leader",
      term,
      ({ key, value }) => key === LEADER && value !== undefined,
      rest(),
    );
    const acted =
      elected && acts && (await this.#told("its work", elected.revision, ({ key }) => WORK.test(key), rest()));
    await ended;
    return { elected: (elected?.at ?? Date.now()) - begun, acted: acted ? acted.at - begun : undefined };
  }

  async #told(...[what, after, isMeant, withinMs]: Parameters<StoreLog["next"]>): Promise<LoggedWrite | undefined> {
    return await this.log.next(what, after, isMeant, withinMs).catch(() => undefined);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#coming);
    await this.log.stop();
  }

  async #add(flags: readonly string[] = []): Promise<void> {
    const member = await join(this.#stage, flags);
    this.#members.set(member.id, member);
  }
}

/** Of that many parts of a hundred of the values none is greater. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((part / 100) * sorted.length) - 1)] ?? Number.NaN;
}
